"""What the procedure is told of an outcome: the decision, with the agencies that must agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from psycopg import Cursor

from greenlane.clearance import Decision
from greenlane.sandbox.codes import forced

_WORDS = 400
_MOST = 50
_DATA_ALONE = "what is owed can't be worked out yet, see the findings"


@dataclass(frozen=True, slots=True)
class Agencies:
    """Which agency wants to see goods of which commodity codes."""

    prefixes: tuple[tuple[str, str], ...]
    _known: dict[str, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)
    """By commodity code, the places of its prefixes: the same codes come again and again in a filing."""

    @classmethod
    def read(cls, cursor: Cursor[Any]) -> "Agencies":
        """Read the agencies from the store."""
        rows = cursor.execute("select id, unnest(prefixes) from agency order by id").fetchall()
        return cls(tuple((row[0], row[1]) for row in rows))

    def of(self, items: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the agencies that want to see a consignment."""
        if not self.prefixes:
            return ()
        found: set[int] = set()
        for item in items:
            code = item.get("hs_code")
            if code:
                found |= self._places(str(code))
        return tuple(dict.fromkeys(self.prefixes[place][0] for place in sorted(found))) if found else ()

    def _places(self, code: str) -> frozenset[int]:
        places = self._known.get(code)
        if places is None:
            matching = (place for place, (_, prefix) in enumerate(self.prefixes) if code.startswith(prefix))
            places = self._known[code] = frozenset(matching)
        return places


def decision_of(
    outcome: Mapping[str, Any], items: Sequence[Mapping[str, Any]], agencies: Agencies, *, sandbox: bool
) -> Decision:
    """Return the decision that an outcome says; in a sandbox a test code in a description forces another."""
    reasons = tuple([reason[:_WORDS] for reason in outcome["reasons"][:_MOST]])
    decision = Decision(
        disposition=outcome["disposition"],
        status=outcome["status"],
        law_version=outcome["law_version"],
        lists_version=outcome["lists_version"],
        model_version=outcome["model_version"],
        input_digest=outcome["input_digest"],
        currency=outcome["currency"],
        duty=outcome["duty"],
        tax=outcome["tax"],
        fees=outcome["fees"],
        total=outcome["total"],
        payable_at_border=outcome["payable_at_border"],
        category=outcome["category"],
        certainty=outcome["certainty"],
        score=outcome["risk"]["score"],
        reasons=reasons,
        agencies=agencies.of(items),
        awaits_data=outcome["status"] == "incomplete" and reasons == (_DATA_ALONE,),
    )
    code = forced([str(item["description"] or "") for item in items]) if sandbox else None
    if code is None:
        return decision
    if code.disposition == "release_on_payment" and decision.complete and not _due(decision):
        # Nobody can pay what isn't due, and so it would wait for ever.
        code = replace(code, disposition="release")
    return msgspec.structs.replace(
        decision,
        disposition=code.disposition,
        reasons=(f"sandbox: test code {code.text}",),
        awaits_data=False,
    )


def _due(decision: Decision) -> bool:
    return (decision.payable_at_border or "").strip("0.") != ""
