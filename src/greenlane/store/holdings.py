"""What is held about persons beside the vault's records, as JSON values for a person's own extract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from greenlane.model import DECIMALS, Kind
from greenlane.privacy.audit import Entry, read_entry
from greenlane.privacy.seal import SealedRecord
from greenlane.store import audit, consignments, vault
from greenlane.values.money import exponent, format_scaled

_TOLD = ("status", "disposition", "currency", "duty", "tax", "fees", "total", "payable_at_border", "reasons")


@dataclass(frozen=True, slots=True)
class Stored:
    """The holdings of a database. Between two calls no connection of the pool is kept."""

    where: vault.Where

    def records(self, reference: str) -> Sequence[SealedRecord]:
        """Return the sealed records of a person (pseudonym of purpose vault)."""
        with self.where() as cursor:
            return vault.of_reference(cursor, reference)

    def consignment(self, key: int) -> Mapping[str, object]:
        """Return the public elements of a consignment with its state and its decision."""
        with self.where() as cursor:
            row = consignments.one(cursor, key)
        assert row is not None
        told = msgspec.json.decode(row["facts"])
        outcome = msgspec.json.decode(row["outcome"])
        shown: dict[str, object] = {
            name: value for name, value in row.items() if name not in ("key", "facts", "outcome", "score")
        }
        shown |= {
            name: value
            for name, value in told["consignment"].items()
            if isinstance(value, str | bool) and name not in shown
        }
        currency = told["consignment"].get("currency")
        shown["items"] = [_item(item, currency) for item in told["items"]]
        shown["decision"] = {name: outcome[name] for name in _TOLD}
        return _plain(shown)

    def charges(self, key: int) -> Sequence[Mapping[str, object]]:
        """Return the charges of a consignment."""
        with self.where() as cursor:
            row = consignments.one(cursor, key)
        assert row is not None
        found: list[dict[str, object]] = msgspec.json.decode(row["outcome"])["charges"]
        return found

    def uses(self, reference: str) -> Sequence[Mapping[str, object]]:
        """Return the uses of a person's limits (pseudonym of purpose limits), in minor units of each law's currency."""
        with self.where() as cursor:
            rows = cursor.execute(
                "select jurisdiction, day, key, amount, count from limit_use where person = %s order by day, id",
                (reference,),
            ).fetchall()
        names = ("jurisdiction", "day", "consignment", "amount", "count")
        return [_plain(dict(zip(names, row, strict=True))) for row in rows]

    def readings(self, subject: str) -> Sequence[Entry]:
        """Return the entries of the audit log that tell of a person."""
        with self.where() as cursor:
            return [read_entry(link) for link in audit.about(cursor, subject)]


def _item(item: Mapping[str, Any], currency: str | None) -> dict[str, object]:
    shown: dict[str, object] = {name: value for name, value in item.items() if isinstance(value, str | bool)}
    if "quantity" in item:
        shown["quantity"] = format_scaled(item["quantity"], DECIMALS[Kind.QUANTITY])
    if "value" in item and currency is not None:
        shown["value"] = format_scaled(item["value"], exponent(currency))
    return shown


def _plain(told: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(told)
    return found


__all__ = ["Stored"]
