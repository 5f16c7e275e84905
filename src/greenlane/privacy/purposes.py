"""Who may read which classes of people's data for which stated purpose. What is not in the table is refused."""

from dataclasses import dataclass
from enum import StrEnum

from greenlane.model.handling import DataClass
from greenlane.privacy.split import CLASSES


class Role(StrEnum):
    """In which capacity somebody acts; ``person`` is whom the data is about, proven by other means."""

    OPERATOR = "operator"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PERSON = "person"


class Purpose(StrEnum):
    """What plain data is read for."""

    CLEARANCE = "clearance"
    INSPECTION = "inspection"
    CORRECTION = "correction"
    DISPUTE = "dispute"
    AUDIT = "audit"
    SUBJECT_ACCESS = "subject_access"
    LAW_ENFORCEMENT = "law_enforcement"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the table.

    ``case``: the number of a case has to be given. ``shown``: the person sees this reading in their own
    extract; it is withheld where telling would defeat the purpose.
    """

    role: Role
    purpose: Purpose
    classes: frozenset[DataClass]
    why: str
    case: bool = False
    shown: bool = True

    @property
    def elements(self) -> frozenset[str]:
        """The sealed elements that it opens."""
        return frozenset(name for name, own in CLASSES.items() if own in self.classes)


_TRADER, _NUMBER, _NAME = DataClass.TRADER, DataClass.IDENTIFIER, DataClass.NAME
_ADDRESS, _USED = DataClass.ADDRESS, DataClass.PRIOR_USE
_NOTE = DataClass.NOTE
_ALL = frozenset({_TRADER, _NUMBER, _NAME, _ADDRESS, _USED, _NOTE})
_CONTACT = frozenset({_TRADER, _NAME, _ADDRESS})

PERMISSIONS = (
    Permission(
        Role.OFFICER,
        Purpose.CLEARANCE,
        _CONTACT | {_USED, _NOTE},
        "To decide on a consignment; the number of a person is compared by pseudonym, not read.",
    ),
    Permission(
        Role.OFFICER,
        Purpose.INSPECTION,
        _CONTACT | {_NOTE},
        "To compare the parcel's label with what was declared.",
    ),
    Permission(
        Role.OFFICER,
        Purpose.DISPUTE,
        _ALL,
        "To answer an objection, a claim for a refund or a misused identity.",
        case=True,
    ),
    Permission(
        Role.SUPERVISOR,
        Purpose.CLEARANCE,
        _CONTACT | {_NUMBER, _USED, _NOTE},
        "To decide where identity itself is in doubt.",
    ),
    Permission(Role.SUPERVISOR, Purpose.DISPUTE, _ALL, "To review a decision.", case=True),
    Permission(
        Role.SUPERVISOR, Purpose.SUBJECT_ACCESS, _ALL, "To answer a person who asks in writing.", case=True
    ),
    Permission(
        Role.SUPERVISOR,
        Purpose.LAW_ENFORCEMENT,
        _ALL,
        "To answer a request that the law provides for; the person does not see it in the extract.",
        case=True,
        shown=False,
    ),
    Permission(
        Role.AGENCY,
        Purpose.CLEARANCE,
        frozenset({_TRADER, _NAME}),
        "To decide on a consignment that the agency was asked about.",
    ),
    Permission(
        Role.AGENCY, Purpose.INSPECTION, _CONTACT, "To inspect a consignment that the agency was asked about."
    ),
    Permission(
        Role.AUDITOR,
        Purpose.AUDIT,
        frozenset({_TRADER, _NAME}),
        "To check a sample of decisions and readings.",
        case=True,
    ),
    Permission(
        Role.OPERATOR,
        Purpose.CORRECTION,
        _CONTACT | {_NUMBER},
        "To amend what it filed itself; the database keeps it from the rest.",
    ),
    Permission(Role.PERSON, Purpose.SUBJECT_ACCESS, _ALL, "To see what is held about oneself."),
)
"""Nobody else reads anything; an administrator runs the service and reads nothing of people."""

UNSHOWN = frozenset(one.purpose for one in PERMISSIONS if not one.shown)
"""Purposes that a person's own extract leaves out, attempts by others included."""

_TABLE = {(one.role, one.purpose): one for one in PERMISSIONS}


def permission(role: Role, purpose: Purpose) -> Permission | None:
    """Return what a role may read for a purpose; None: nothing.

    Example:
        >>> permission(Role.ADMINISTRATOR, Purpose.CLEARANCE) is None
        True
        >>> "consignee.id" in permission(Role.OFFICER, Purpose.INSPECTION).elements
        False
    """
    return _TABLE.get((role, purpose))
