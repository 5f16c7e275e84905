"""Consignments one by one: where they stand, what happened, commands; the queue."""

from collections.abc import Iterator
from dataclasses import dataclass

from greenlane.clearance import PostedCommand
from greenlane.client.calling import Caller, new_key
from greenlane.desk.results import DocumentTold, Moved
from greenlane.desk.shown import EventTold, Explained, Shown, Standing
from greenlane.service.shapes import Answers, DocumentKind, Documents, Events

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
    ) -> Iterator[Standing]:
        """Yield consignments in the order of filing."""
        query = {
            "phase": phase,
            "channel": channel,
            "disposition": disposition,
            "transport_document": transport_document,
            "party": party,
        }
        return self.caller.pages("/consignments", "consignments", Standing, limit=page, query=query)

    def queue(
        self,
        *,
        phase: str | None = None,
        channel: str | None = None,
        disposition: str | None = None,
        party: str | None = None,
        page: int = _PAGE,
    ) -> Iterator[Standing]:
        """Yield what is open, the nearest deadline first."""
        query = {"phase": phase, "channel": channel, "disposition": disposition, "party": party}
        return self.caller.pages("/queue", "consignments", Standing, limit=page, query=query)

    def one(self, consignment_id: str, *, party: str | None = None) -> Shown:
        """Read where a consignment stands, with its outcome."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}",
            Shown,
            values={"consignment_id": consignment_id},
            query={"party": party},
        )

    def events(self, consignment_id: str, *, party: str | None = None) -> list[EventTold]:
        """Read what happened to a consignment, from the first event on."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/events",
            Events,
            values={"consignment_id": consignment_id},
            query={"party": party},
        ).events

    def explanation(self, consignment_id: str, *, party: str | None = None) -> Explained:
        """Make the decision again from the facts kept, and read every step with its article."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/explanation",
            Explained,
            values={"consignment_id": consignment_id},
            query={"party": party},
        )

    def replies(self, consignment_id: str, *, party: str | None = None) -> Answers:
        """List what customs has answered in the family that the consignment was filed in."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/reply",
            Answers,
            values={"consignment_id": consignment_id},
            query={"party": party},
        )

    def reply(
        self, consignment_id: str, media: str, *, number: int | None = None, party: str | None = None
    ) -> bytes:
        """Return one answer as a message of a media type, as ``application/vnd.wco.dm36+xml``; the last by default."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/reply",
            bytes,
            values={"consignment_id": consignment_id},
            query={"party": party, "number": number},
            accept=media,
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

    def attach(
        self,
        consignment_id: str,
        content: bytes,
        media: str,
        *,
        kind: DocumentKind = DocumentKind.OTHER,
        party: str | None = None,
        once: str | None = None,
    ) -> DocumentTold:
        """Attach a document or an image of a media type, as ``application/pdf``; commands name it by its id."""
        return self.caller.call(
            "POST",
            "/consignments/{consignment_id}/documents",
            DocumentTold,
            values={"consignment_id": consignment_id},
            query={"kind": kind, "party": party},
            body=content,
            media=media,
            once=once or new_key(),
        )

    def documents(self, consignment_id: str, *, party: str | None = None) -> list[DocumentTold]:
        """List the documents of a consignment."""
        return self.caller.call(
            "GET",
            "/consignments/{consignment_id}/documents",
            Documents,
            values={"consignment_id": consignment_id},
            query={"party": party},
        ).documents

    def document(self, document: str, *, purpose: str | None = None) -> bytes:
        """Read a document as it was sent; who reads another party's says what for."""
        return self.caller.call(
            "GET", "/documents/{document}", bytes, values={"document": document}, query={"purpose": purpose}
        )


__all__ = ["Consignments"]
