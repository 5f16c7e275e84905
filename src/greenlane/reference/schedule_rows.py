"""The stored form of a schedule's line, written by the importers and read back by the loader."""

from collections.abc import Iterable

from greenlane.tariff import Line, Rate

HEADER = ("code", "text", "ad_valorem", "per_kg", "per_unit", "currency", "unit", "special")


def schedule_row(code: str, text: str, rate: Rate | None, special: str = "") -> tuple[str, ...]:
    """Return the row of one line; a rate that cannot be computed leaves its four amounts empty."""
    if rate is None:
        return (code, text, "", "", "", "", "", special)
    amounts = (str(rate.ad_valorem), str(rate.per_kg), str(rate.per_unit))
    return (code, text, *amounts, rate.currency or "", rate.unit or "", special)


class LineReader:
    """Reads rows back into lines; equal rates become one object, which keeps a schedule small in memory."""

    def __init__(self) -> None:
        self._rates: dict[tuple[str, ...], Rate] = {}

    def lines(self, rows: Iterable[dict[str, str]]) -> tuple[dict[str, Line], tuple[str, ...]]:
        """Return the lines by code, and the codes that only repeat the rate of the line above them."""
        lines: dict[str, Line] = {}
        repeated: list[str] = []
        for row in sorted(rows, key=lambda r: r["code"]):
            above = lines.get(row["code"][:8]) if len(row["code"]) > 8 else None
            if above is not None and (above.text, above.special) == (row["text"], row["special"]):
                repeated.append(row["code"])
            else:
                lines[row["code"]] = self.line(row)
        return lines, tuple(repeated)

    def line(self, row: dict[str, str]) -> Line:
        """Return the line of a row."""
        if not row["ad_valorem"]:
            return Line(row["code"], row["text"], None, row["special"])
        key = (row["text"], row["ad_valorem"], row["per_kg"], row["per_unit"], row["currency"], row["unit"])
        rate = self._rates.get(key)
        if rate is None:
            amounts = (int(row["ad_valorem"]), int(row["per_kg"]), int(row["per_unit"]))
            rate = self._rates[key] = Rate(
                row["text"], *amounts, row["currency"] or None, row["unit"] or None
            )
        return Line(row["code"], row["text"], rate, row["special"])
