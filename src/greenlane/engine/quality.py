"""The quality of what senders filed: files of any format read, every defect counted with its effect.

Law:
    WCO framework of standards on cross-border e-commerce: the right data, from the right source, at the right time.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from greenlane.clearance.policy import Policy
from greenlane.engine.lots import Lot, Told, lots_of
from greenlane.engine.quality_files import Journey
from greenlane.engine.quality_outcomes import LookUp, told
from greenlane.engine.text_check import TextCheck
from greenlane.measure.quality import Defect, Flow, Quality, extra_minutes
from greenlane.model import BY_COLUMN, ELEMENTS
from greenlane.reference.text_rules import delays
from greenlane.tariff import TermLists
from greenlane.values.finding import Severity, declare, kind_of

FILED_LATE = declare(
    "quality.filed_late",
    Severity.WARNING,
    "The consignment was filed after the time limit before departure or arrival.",
    "File earlier: before loading or arrival, by the lead time of the mode of transport.",
)
DISAGREE = declare(
    "quality.documents_disagree",
    Severity.WARNING,
    "Two documents tell different things about one consignment.",
    "Find out which document is right, and correct the other.",
)
FOUND_OTHERWISE = declare(
    "quality.found_otherwise",
    Severity.WARNING,
    "An inspection found something else than was declared.",
    "Correct the element at its source, for this consignment and those like it.",
)

_TIMELINESS = {FILED_LATE, "filing.late", "filing.late_elements"}
_CONSISTENCY = {
    DISAGREE, "consignment.disagrees", "item.duplicate", "mass.net_over_gross", "freight.exceeds_prices",
}  # fmt: skip
_COMPLETENESS = {"element.unknown", "column.missing"}
_COMPARED = (
    "currency", "destination_country", "departure_country", "freight", "consignee.name", "consignee.country",
    "items.description", "items.hs_code", "items.quantity", "items.value", "items.gross_mass_kg",
)  # fmt: skip
_PARTIES = ("consignor.name", "consignor.address", "consignee.name", "consignee.address", "seller.name")
_TEXTS = (
    "consignment_id",
    "transport_document",
    "declaration_date",
    "platform.id",
    "seller.id",
    "carrier.id",
)


@dataclass(frozen=True, slots=True)
class Effect:
    """How long one defect of a code holds a consignment up, and whether that was measured."""

    minutes: int
    basis: str
    measured: bool


@dataclass(slots=True)
class Measured:
    """The quality of some files, with the effect of each code."""

    quality: Quality
    effects: dict[str, Effect] = field(default_factory=dict)
    unreadable: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Faulty:
    """Rows of one sender that hold a defect: the cells as they came, and what is wrong in each."""

    sender: str
    file: str
    row: dict[str, str | None]
    number: int
    wrong: tuple[tuple[str, str], ...]
    """Code and place of each defect."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told beside the messages."""

    journeys: LookUp = field(default_factory=lambda: told({}))
    inspections: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    sender: str | None = None


def dimension_of(code: str) -> str:
    """Return the dimension of quality in which a code counts.

    Example:
        >>> dimension_of("required.missing"), dimension_of("messages.ceb.match.paid"), dimension_of("code.unknown")
        ('completeness', 'consistency', 'validity')
    """
    if code in _TIMELINESS:
        return "timeliness"
    if code in _CONSISTENCY or ".match." in code or code.endswith(".count"):
        return "consistency"
    if code == FOUND_OTHERWISE:
        return "accuracy"
    if code in _COMPLETENESS or code.endswith((".missing", ".missing_for_mode")):
        return "completeness"
    return "validity"


def class_of(code: str) -> str:
    """Return the class of delay that a defect of *code* causes, as the table of delays names it.

    Example:
        >>> class_of("required.missing"), class_of("description.vague"), class_of("file.bom")
        ('rejected', 'question', 'none')
    """
    kind = kind_of(code)
    dimension = dimension_of(code)
    if kind.severity is Severity.INFO:
        return "none"
    if code.startswith("goods.") or dimension == "accuracy":
        return "inspection"
    if (
        code.startswith(("description.", "quality.characters", "quality.placeholder"))
        or dimension == "consistency"
    ):
        return "question" if kind.severity is Severity.ERROR or dimension == "consistency" else "checked"
    if dimension == "timeliness":
        return "late"
    return "rejected" if kind.severity is Severity.ERROR else "checked"


def measure(
    paths: Sequence[Path], received: date, lists: TermLists, beside: Beside
) -> Iterator[Faulty | Measured]:
    """Read files and count; give each faulty row as it is met, and in the end what was counted.

    Args:
        paths: Files of any format.
        received: Day of the rules on texts and of the table of delays; declaration date where a message tells none.
        lists: The dated lists of terms.
        beside: Journeys, inspections, and the sender where the files don't tell it.
    """
    run = _Run(received, lists, beside)
    with tempfile.TemporaryDirectory(prefix="greenlane-") as folder:
        for number, path in enumerate(paths):
            for lot in lots_of(path, Path(folder) / str(number), received):
                yield from run.lot(lot, str(path))
    run.across()
    yield run.result()


class _Run:
    """Counts lot by lot."""

    def __init__(self, day: date, lists: TermLists, beside: Beside) -> None:
        self._day, self._beside = day, beside
        self._texts = TextCheck(day, lists)
        self._quality = Quality()
        self._unreadable: list[Told] = []
        self._compared: list[pl.DataFrame] = []
        self._codes: dict[str, set[tuple[str, int]]] = {}
        self._minutes: dict[tuple[str, int], int] = {}
        self._journeys: Mapping[str, Journey] = {}
        self._policy = Policy()

    def lot(self, lot: Lot, file: str) -> Iterator[Faulty]:
        """Count one lot and give its faulty rows."""
        raw = self._raw(lot)
        self._unreadable += [
            one for one in lot.findings if one.row is None and one.severity is Severity.ERROR
        ]
        if not raw.height:
            return
        self._quality.add_told(raw, lot.format)
        self._compare(raw, lot.format, file)
        self._journeys = self._beside.journeys(raw["consignment_id"].drop_nulls().unique().to_list())
        record_of = dict(zip(raw["_row"].to_list(), raw["_record"].to_list(), strict=True))
        defects: dict[int, list[Defect]] = {}
        for found in lot.findings:
            if found.row is not None:
                record = record_of.get(found.row, found.row)
                defects.setdefault(record, []).append(_defect(found, (file, record)))
        rows: dict[int, list[dict[str, str | None]]] = {}
        for row in raw.iter_rows(named=True):
            rows.setdefault(row["_record"], []).append(row)
        for record, own in rows.items():
            flow = (own[0]["sender"] or "unknown", lot.format, own[0]["period"] or "unknown")
            found_here = defects.get(record, [])
            found_here += self._of_texts(own, (file, record))
            found_here += self._of_journey(own[0], flow, (file, record))
            found_here += self._of_inspection(own, flow, (file, record))
            self._quality.add_defects(flow, found_here)
            for one in found_here:
                self._codes.setdefault(one.code, set()).add(one.record)
            wrong = tuple(dict.fromkeys((one.code, one.path) for one in found_here if one.stops))
            if wrong:
                for row in own:
                    cells = {name: cell for name, cell in row.items() if name in BY_COLUMN}
                    yield Faulty(flow[0], file, cells, record, wrong)

    def _raw(self, lot: Lot) -> pl.DataFrame:
        raw = lot.raw()
        raw = raw.with_columns(pl.lit(None, pl.String).alias(n) for n in _TEXTS if n not in raw.columns)
        raw = raw.with_columns(pl.col(c).cast(pl.String) for c in raw.columns if c != "_row")
        sender = pl.coalesce("platform.id", "seller.id", "carrier.id").fill_null("unknown")
        if self._beside.sender is not None:
            sender = pl.lit(self._beside.sender)
        month = pl.col("declaration_date").str.extract(r"^(\d{4}-(?:0[1-9]|1[0-2]))").fill_null("unknown")
        first = pl.col("_row").first().over("consignment_id")
        return raw.with_columns(
            sender.alias("sender"),
            month.alias("period"),
            pl.when(pl.col("consignment_id").is_null()).then("_row").otherwise(first).alias("_record"),
        )

    def _compare(self, raw: pl.DataFrame, form: str, file: str) -> None:
        """Keep a hash of what each document says of a consignment, to be held against other documents."""
        names = [name for name in _COMPARED if name in raw.columns]
        key = pl.coalesce("transport_document", "consignment_id").alias("key")
        said = (
            raw.filter(key.is_not_null())
            .group_by(key, maintain_order=True)
            .agg(
                pl.col("_record", "sender", "period").first(),
                *(
                    pl.col(name).drop_nulls().sort().str.join("\x1f").hash(seed=7).alias(name)
                    for name in names
                ),
                *(pl.col(name).count().alias(f"#{name}") for name in names),
            )
        )
        said = said.with_columns(
            pl.when(pl.col(f"#{name}") > 0).then(pl.col(name)).alias(name) for name in names
        ).drop(f"#{name}" for name in names)
        said = said.with_columns(pl.lit(file).alias("file"), pl.lit(form).alias("form"))
        self._compared.append(said)

    def across(self) -> None:
        """Hold documents of one consignment in several files against each other."""
        if not self._compared:
            return
        said = pl.concat(self._compared, how="diagonal")
        said = said.filter(pl.col("file").n_unique().over("key") > 1)
        for name in (name for name in _COMPARED if name in said.columns):
            for row in said.filter(pl.col(name).drop_nulls().n_unique().over("key") > 1).iter_rows(
                named=True
            ):
                if row[name] is None:
                    continue
                record = (row["file"], row["_record"])
                path = f"/{name.replace('.', '/')}"
                flow = (row["sender"], row["form"], row["period"])
                defect = Defect(DISAGREE, "consistency", path, name, record, path, True)
                self._quality.add_defects(flow, [defect])
                self._codes.setdefault(DISAGREE, set()).add(record)

    def _of_texts(self, rows: Sequence[Mapping[str, str | None]], record: tuple[str, int]) -> list[Defect]:
        found = []
        for place, row in enumerate(rows):
            text = row.get("items.description")
            judged = self._texts.description(text) if text else None
            if judged is not None:
                path = f"/items/{place}/description"
                found.append(_own(judged[0], "items.description", path, record))
        for name in _PARTIES:
            text = rows[0].get(name)
            judged = self._texts.party(text) if text else None
            if judged is not None:
                found.append(_own(judged[0], name, f"/{name.replace('.', '/')}", record))
        return found

    def _of_journey(self, row: Mapping[str, str | None], flow: Flow, record: tuple[str, int]) -> list[Defect]:
        journey = self._journeys.get(row["consignment_id"] or "")
        if journey is None:
            return []
        found = self._of_findings(journey, flow, record)
        if journey.filed_at is None:
            return found
        if (minutes := journey.minutes) is not None:
            self._minutes[record] = minutes
        if journey.departs_at is None and journey.arrives_at is None:
            return found
        late = self._late(journey, row.get("transport_mode"))
        self._quality.add_looked(flow, "timeliness", not late)
        return [*found, _own(FILED_LATE, None, "/", record)] if late else found

    def _of_findings(self, journey: Journey, flow: Flow, record: tuple[str, int]) -> list[Defect]:
        """Count what inspections of the whole consignment found: one look each, without the element that was wrong."""
        found = []
        for finding in journey.findings:
            right = finding == "conform"
            self._quality.add_looked(flow, "accuracy", right)
            if not right:
                found.append(_own(FOUND_OTHERWISE, None, "/", record))
        return found

    def _late(self, journey: Journey, mode: str | None) -> bool:
        """Say whether a filing came after the limit before arrival, or without one told after departure."""
        assert journey.filed_at is not None
        limit = next(
            (
                one
                for one in self._policy.lead_times
                if one.stage == "pre_arrival" and one.transport_mode == mode
            ),
            None,
        )
        if journey.arrives_at is not None:
            before = 0 if limit is None else limit.minutes
            return (journey.arrives_at - journey.filed_at).total_seconds() < before * 60
        return journey.departs_at is not None and journey.filed_at > journey.departs_at

    def _of_inspection(
        self, rows: Sequence[Mapping[str, str | None]], flow: Flow, record: tuple[str, int]
    ) -> list[Defect]:
        if not self._beside.inspections:
            return []
        found = []
        number = rows[0]["consignment_id"] or ""
        for place, row in enumerate(rows):
            item = row.get("items.item_id") or str(place + 1)
            for element in BY_COLUMN:
                of_item = element.startswith("items.")
                if not of_item and place:
                    continue
                true = self._beside.inspections.get((number, item if of_item else "", element))
                if true is None:
                    continue
                right = (row.get(element) or "") == true
                self._quality.add_looked(flow, "accuracy", right)
                if not right:
                    path = f"/items/{place}/{element[6:]}" if of_item else f"/{element.replace('.', '/')}"
                    found.append(_own(FOUND_OTHERWISE, element, path.replace(".", "/"), record))
        return found

    def result(self) -> Measured:
        """Return what was counted, with the effect of each code, measured where enough was told."""
        faulty = set[tuple[str, int]]().union(*self._quality.faulty.values())
        sound = [minutes for record, minutes in self._minutes.items() if record not in faulty]
        defects = Counter(record for code in self._codes if _stops(code) for record in self._codes[code])
        spent: dict[str, list[int]] = {}
        alone: dict[str, list[int]] = {}
        for code, records in self._codes.items():
            known = [record for record in records if record in self._minutes]
            spent[code] = [self._minutes[record] for record in known]
            alone[code] = [self._minutes[record] for record in known if defects[record] == 1]
        # What a defect takes by itself is seen where it stands alone; with too few of those, all that have it count.
        measured = extra_minutes(spent, sound) | extra_minutes(alone, sound)
        table = delays(self._day)
        effects = {}
        for code in self._quality.dimension_of:
            if code in measured:
                minutes, cases = measured[code]
                effects[code] = Effect(minutes, f"{cases}", True)
            else:
                assumed = table[class_of(code)]
                effects[code] = Effect(assumed.minutes, assumed.basis, False)
        return Measured(self._quality, effects, self._unreadable)


def _own(code: str, element: str | None, path: str, record: tuple[str, int]) -> Defect:
    place = "/".join(step for step in path.split("/") if not step.isdigit()) or "/"
    return Defect(code, dimension_of(code), place, element, record, path, _stops(code))


def _stops(code: str) -> bool:
    return kind_of(code).severity is not Severity.INFO


def _defect(found: Told, record: tuple[str, int]) -> Defect:
    steps = found.path.split("[")
    general = steps[0] + "".join(rest.partition("]")[2] for rest in steps[1:])
    place = "/".join(step for step in general.split("/") if not step.isdigit()) or "/"
    column = place.strip("/").replace("/", ".")
    element = column if column in BY_COLUMN else _BY_WCO.get((found.wco or "").rpartition("/")[2])
    return Defect(
        found.code, dimension_of(found.code), place, element, record, found.path, _stops(found.code)
    )


_COUNTED = Counter(element.wco for element in ELEMENTS)
_BY_WCO = {element.wco: element.column for element in ELEMENTS if _COUNTED[element.wco] == 1}

__all__ = [
    "Beside", "Effect", "Faulty", "Measured", "class_of", "dimension_of", "measure",
]  # fmt: skip
