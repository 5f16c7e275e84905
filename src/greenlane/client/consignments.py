"""Consignments one by one: where they stand, what happened, commands; the queue."""

from collections.abc import Iterator
from dataclasses import dataclass

from greenlane.clearance import PostedCommand
from greenlane.client.calling import Caller, new_key
from greenlane.client.shapes import Explanation, Recorded, Recordeds, Row, Standing
from greenlane.desk.results import Moved

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Consignments:
    """Consignments that the caller may see; ``party`` says whose, where it isn't the caller's own."""

    caller: Caller

    def listed(
        self,
        *,
        phase: str | None = None,
        channel: str | None = None,
        disposition: str | None = None,
        transport_document: str | None = None,
        party: str | None = None,
        page: int = _PAGE,
    ) -> Iterator[Row]:
        """Yield consignments in the order of filing."""
        query = {
            "phase": phase,
            "channel": channel,
            "disposition": disposition,
            "transport_document": transport_document,
            "party": party,
        }
        return self.caller.pages("/consignments", "consignments", Row, limit=page, query=query)

    def queue(
        self,
        *,
        phase: str | None = None,
        channel: str | None = None,
        disposition: str | None = None,
        party: str | None = None,
        page: int = _PAGE,
    ) -> Iterator[Row]:
        """Yield what is open, the nearest deadline first."""
        query = {"phase": phase, "channel": channel, "disposition": disposition, "party": party}
        return self.caller.pages("/queue", "consignments", Row, limit=page, query=query)

    def one(self, consignment_id: str, *, party: str | None = None) -> Standing:
        """Read where a consignment stands, with its outcome."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}",
            Standing,
            values={"consignment_id": consignment_id},
            query={"party": party},
        )

    def events(self, consignment_id: str, *, party: str | None = None) -> list[Recorded]:
        """Read what happened to a consignment, from the first event on."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/events",
            Recordeds,
            values={"consignment_id": consignment_id},
            query={"party": party},
        ).events

    def explanation(self, consignment_id: str, *, party: str | None = None) -> Explanation:
        """Make the decision again from the facts kept, and read every step with its article."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/explanation",
            Explanation,
            values={"consignment_id": consignment_id},
            query={"party": party},
        )

    def command(
        self, consignment_id: str, given: PostedCommand, *, party: str | None = None, once: str | None = None
    ) -> Moved:
        """Give a command of the procedure: ``Hold(reason="invoice_missing")``, ``Release(reason=…)``, …"""
        return self.caller.call(
            "POST",
            "/consignments/{consignment_id}/commands",
            Moved,
            values={"consignment_id": consignment_id},
            query={"party": party},
            body=given,
            once=once or new_key(),
        )

    def redecide(
        self, consignment_id: str, reason: str, *, party: str | None = None, once: str | None = None
    ) -> Moved:
        """Decide a consignment anew under the law as it is held now."""
        return self.caller.call(
            "POST",
            "/consignments/{consignment_id}/redecision",
            Moved,
            values={"consignment_id": consignment_id},
            query={"party": party},
            body={"reason": reason},
            once=once or new_key(),
        )


__all__ = ["Consignments"]
