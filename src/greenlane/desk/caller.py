"""Who calls, and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum

from greenlane.clearance import Role
from greenlane.values.errors import GreenlaneError

STAFF = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles of the administration itself; they see the rows of every party."""


class Right(StrEnum):
    """What a call needs beside being somebody."""

    FILE = "file"
    FILINGS = "filings"
    READ = "read"
    QUEUE = "queue"
    COMMAND = "command"
    REDECIDE = "redecide"
    DOCUMENT = "document"
    NOTICES = "notices"
    WEBHOOKS = "webhooks"
    STATEMENT = "statement"
    PAY = "pay"
    COVER = "cover"
    RETURN = "return"
    GUARANTEE = "guarantee"
    REVEAL = "reveal"
    ERASE = "erase"
    EXTRACT = "extract"
    KEEP = "keep"
    PROOF = "proof"
    AUDIT = "audit"
    MEASURE = "measure"
    ADMIN = "admin"
    SANDBOX = "sandbox"


RIGHTS: dict[Right, frozenset[Role]] = {
    Right.FILE: frozenset({Role.OPERATOR}),
    Right.FILINGS: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.READ: frozenset({Role.OPERATOR, Role.AGENCY, *STAFF} - {Role.ADMINISTRATOR}),
    Right.QUEUE: frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AGENCY}),
    Right.COMMAND: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.AGENCY}),
    Right.REDECIDE: frozenset({Role.OFFICER, Role.SUPERVISOR}),
    Right.DOCUMENT: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.AGENCY}),
    Right.NOTICES: frozenset({Role.OPERATOR, Role.AGENCY}),
    Right.WEBHOOKS: frozenset({Role.OPERATOR}),
    Right.STATEMENT: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.PAY: frozenset({Role.SUPERVISOR, Role.OFFICER}),
    Right.COVER: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR}),
    Right.RETURN: frozenset({Role.OPERATOR}),
    Right.GUARANTEE: frozenset({Role.SUPERVISOR}),
    Right.REVEAL: frozenset({Role.OPERATOR, Role.OFFICER, Role.SUPERVISOR, Role.AGENCY, Role.AUDITOR}),
    Right.ERASE: frozenset({Role.ADMINISTRATOR}),
    Right.EXTRACT: frozenset({Role.SUPERVISOR}),
    Right.KEEP: frozenset({Role.SUPERVISOR}),
    Right.PROOF: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Right.AUDIT: frozenset({Role.AUDITOR}),
    Right.MEASURE: frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR}),
    Right.ADMIN: frozenset({Role.ADMINISTRATOR}),
    Right.SANDBOX: frozenset({Role.OPERATOR, Role.ADMINISTRATOR}),
}
"""Which role has which right. An administrator runs the system and sees no consignment."""


class Forbidden(GreenlaneError):
    """The caller is somebody, and may not do this."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller.

    ``actor`` names the key or token, never a person. ``party`` is whose rows it may touch; staff touch all.
    ``scopes`` narrow the rights of the roles; empty: every right that the roles give.
    """

    actor: str
    party: str
    roles: frozenset[Role]
    scopes: frozenset[Right] = frozenset()
    agency: str | None = None

    @property
    def staff(self) -> bool:
        """Whether the caller belongs to the administration."""
        return bool(self.roles & STAFF)

    def may(self, right: Right) -> bool:
        """Say whether the caller has a right."""
        return bool(self.roles & RIGHTS[right]) and (not self.scopes or right in self.scopes)

    def need(self, right: Right) -> None:
        """Go on only with a right.

        Raises:
            Forbidden: The caller doesn't have it.
        """
        if not self.may(right):
            roles = ", ".join(sorted(RIGHTS[right]))
            raise Forbidden(f"this needs the right '{right}', which these roles have: {roles}")


__all__ = ["RIGHTS", "STAFF", "Caller", "Forbidden", "Right", "Role"]
