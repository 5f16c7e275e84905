"""File consignments and read what became of them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from greenlane.clearance.vocabulary import Stage
from greenlane.client.calling import Caller, new_key
from greenlane.client.errors import StillWaiting
from greenlane.desk.results import ItemResult, Receipt
from greenlane.service.shapes import TradeDocument

_BYTES = "application/octet-stream"
_LOOK_S = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)


@dataclass(frozen=True, slots=True)
class Filings:
    """Filings of the caller's party."""

    caller: Caller

    def file(
        self,
        content: bytes | Sequence[Mapping[str, Any]],
        *,
        stage: Stage = "pre_arrival",
        departs_at: datetime | None = None,
        arrives_at: datetime | None = None,
        once: str | None = None,
        wait_s: float | None = 600.0,
        media: str = _BYTES,
    ) -> Receipt:
        """File many consignments and return the receipt, after they are decided.

        Args:
            content: A file of the contract (JSON array, NDJSON, CSV, Parquet) or a foreign message as bytes, or
                consignments.
            stage: At which stage of the journey.
            departs_at: When the goods depart, with its offset from UTC.
            arrives_at: When the goods arrive, likewise.
            once: Idempotency key; None: one is made.
            wait_s: How long to wait for a filing too large to be decided at once; None: don't wait.
            media: Media type of bytes, as ``application/vnd.wco.dm36+xml``; by default the content tells.
        Raises:
            StillWaiting: It isn't decided in that time; nothing is lost.
        """
        receipt = self.caller.call(
            "POST",
            "/filings",
            Receipt,
            query={"stage": stage, "departs_at": departs_at, "arrives_at": arrives_at},
            body=content,
            media=media,
            once=once or new_key(),
        )
        return receipt if wait_s is None else self.decided(receipt, wait_s)

    def decided(self, receipt: Receipt, wait_s: float = 600.0) -> Receipt:
        """Wait until a filing is decided and return its receipt.

        Raises:
            StillWaiting: It isn't in that time.
        """
        until = time.monotonic() + wait_s
        looks = iter(_LOOK_S)
        while receipt.status == "received":
            if time.monotonic() >= until:
                raise StillWaiting(receipt.filing)
            self.caller.retry.sleep(next(looks, _LOOK_S[-1]))
            receipt = self.receipt(receipt.filing)
        return receipt

    def results(self, receipt: Receipt) -> Iterator[ItemResult]:
        """Yield what became of each record of a filing that is decided."""
        if receipt.results is not None:
            yield from receipt.results
            return
        values = {"filing": receipt.filing}
        yield from self.caller.pages(
            "/filings/{filing}/results", "results", ItemResult, limit=1000, values=values
        )

    def receipt(self, filing: UUID) -> Receipt:
        """Say how far a filing is."""
        return self.caller.call("GET", "/filings/{filing}", Receipt, values={"filing": filing})

    def listed(self) -> Iterator[Receipt]:
        """Yield the filings, the newest first."""
        return self.caller.pages("/filings", "filings", Receipt, limit=100)

    def reply(self, filing: UUID, media: str, row: int = 1) -> bytes:
        """Return the answer to one record as a message of a media type, as ``application/vnd.wco.dm36+xml``."""
        return self.caller.call(
            "GET",
            "/filings/{filing}/reply",
            bytes,
            values={"filing": filing},
            query={"row": row},
            accept=media,
        )

    def trade_documents(self, failed: bool | None = None) -> Iterator[TradeDocument]:
        """Yield the orders, payments, waybills, inventories and returns that were sent, the newest first.

        Args:
            failed: Only those in which a check failed (true), or none did (false).
        """
        return self.caller.pages(
            "/trade-documents", "documents", TradeDocument, limit=100, query={"failed": failed}
        )

    def file_one(
        self,
        consignment: bytes | Mapping[str, Any],
        *,
        stage: Stage = "pre_arrival",
        departs_at: datetime | None = None,
        arrives_at: datetime | None = None,
        once: str | None = None,
    ) -> ItemResult:
        """File one consignment and return what became of it.

        Raises:
            ServiceProblem: Intake rejects it or the procedure refuses it; ``result`` says which, ``errors`` why.
        """
        return self.caller.call(
            "POST",
            "/consignments",
            ItemResult,
            query={"stage": stage, "departs_at": departs_at, "arrives_at": arrives_at},
            body=consignment,
            once=once or new_key(),
        )


__all__ = ["Filings"]
