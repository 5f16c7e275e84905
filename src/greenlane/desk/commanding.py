"""Commands on one consignment: by its operator, an officer, an agency; each in one transaction."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import Actor, PostedCommand, Role, name_of
from greenlane.clearance.commands import ALLOWED, AgencyDecide, Code, Redecide
from greenlane.desk.caller import Caller, Forbidden
from greenlane.desk.decisions import Agencies, decision_of
from greenlane.desk.desk import Desk
from greenlane.desk.documents import check_references
from greenlane.desk.kept import Facts
from greenlane.desk.lateness import LATE, LATE_ELEMENTS
from greenlane.desk.procedure import Case, Done, advance
from greenlane.desk.requests import Answered, Asked, answered, remember
from greenlane.desk.results import Happened, Moved
from greenlane.desk.sealing import prior_use
from greenlane.desk.seeing import NotFound, find, viewer_of
from greenlane.store import consignments as rows
from greenlane.store import messages
from greenlane.store.packed import pack
from greenlane.values.finding import Finding


def command(
    desk: Desk,
    caller: Caller,
    party: str | None,
    consignment_id: str,
    given: PostedCommand,
    request: Asked | None,
) -> Answered:
    """Carry out a command and answer with where the consignment stands.

    Raises:
        Forbidden: No role of the caller may give this command.
        NotFound: The caller sees no such consignment.
        Refused: The procedure doesn't allow it now.
    """
    actor = _actor(caller, ALLOWED[type(given)], name_of(type(given)))
    if isinstance(given, AgencyDecide) and given.agency != caller.agency:
        raise Forbidden("an agency decides for itself alone")
    owner, key = find(desk, caller, party, consignment_id)

    def work(cursor: Cursor[Any]) -> Done:
        check_references(cursor, key, given)
        facts = Facts(_row(cursor, key)["facts"])
        case = Case(owner, key, actor, names=facts.names, quantities=facts.quantities)
        return advance(cursor, desk, case, given)

    return carried_out(desk, owner, consignment_id, request, work)


def redecide(
    desk: Desk, caller: Caller, party: str | None, consignment_id: str, reason: Code, request: Asked | None
) -> Answered:
    """Decide a consignment anew under the law as it is held now, from the facts that were kept.

    Raises:
        Forbidden: No role of the caller may do so.
        NotFound: The caller sees no such consignment.
        Refused: The procedure doesn't allow it now.
    """
    actor = _actor(caller, ALLOWED[Redecide], "redecide")
    owner, key = find(desk, caller, party, consignment_id)

    def work(cursor: Cursor[Any]) -> Done:
        row = _row(cursor, key)
        facts = Facts(row["facts"], partial(prior_use, cursor, desk, key))
        held = msgspec.json.decode(row["outcome"])
        outcome = facts.decide(desk.context, _by_intake(held["findings"]))
        decision = decision_of(outcome, facts.items, Agencies.read(cursor), sandbox=desk.sandbox)
        case = Case(owner, key, actor, outcome, facts.names, facts.quantities, facts.row["declaration_date"])
        done = advance(cursor, desk, case, Redecide(decision=decision, reason=reason))
        cursor.execute(
            "update consignment set jurisdiction = %s, disposition = %s, score = %s, input_digest = %s, outcome = %s "
            "where key = %s",
            (
                outcome["jurisdiction"], decision.disposition, decision.score or 0, outcome["input_digest"],
                *pack([msgspec.json.encode(outcome)]), key,
            ),
        )  # fmt: skip
        messages.decided(cursor, key, outcome)
        return done

    return carried_out(desk, owner, consignment_id, request, work)


def _by_intake(findings: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return the findings that intake made: decisions make their own again."""
    from greenlane.messages import files_findings

    own = {value for name, value in vars(files_findings).items() if name.isupper() and isinstance(value, str)}
    own |= {LATE, LATE_ELEMENTS}
    return [Finding(f["code"], f["path"], f["message"], f["law"]) for f in findings if f["code"] in own]


def _actor(caller: Caller, allowed: frozenset[Role], name: str) -> Actor:
    roles = sorted(caller.roles & allowed)
    if not roles:
        raise Forbidden(f"{name} is for these roles: {', '.join(sorted(allowed - {Role.SYSTEM}))}")
    return Actor(caller.actor, Role(roles[0]), caller.agency)


def _row(cursor: Cursor[Any], key: int) -> dict[str, Any]:
    row = rows.one(cursor, key)
    if row is None:
        raise NotFound("there is no such consignment")
    return row


def carried_out(
    desk: Desk, owner: str, consignment_id: str, request: Asked | None, work: Callable[[Cursor[Any]], Done]
) -> Answered:
    """Move a consignment on in one transaction, once for each request, and answer with where it stands."""
    desk.refresh()
    with desk.database.writing(owner, request=request.mark if request else None) as cursor:
        if request is not None and (before := answered(cursor, request)) is not None:
            return before
        done = work(cursor)
        moved = Moved(
            consignment_id=consignment_id,
            party=owner,
            phase=done.standing.phase,
            deadline=done.standing.deadline,
            version=done.standing.version,
            events=[Happened(type=e.type, at=e.at, data=dict(e.data)) for e in done.events],
        )
        answer = Answered(200, "application/json", msgspec.json.encode(moved))
        if request is not None:
            remember(cursor, request, answer, desk.clock.now())
    return answer


__all__ = ["Happened", "Moved", "NotFound", "carried_out", "command", "find", "redecide", "viewer_of"]
