"""Loading: the starter that the package carries, and over it whatever the local store holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from greenlane.packs.zz.tariff import SCHEDULE as ZZ
from greenlane.reference.fx_files import bundled_ecb, rate_table
from greenlane.reference.list_rows import entry_of
from greenlane.reference.schedule_rows import LineReader
from greenlane.reference.starter import starter_lists, starter_schedules, starter_terms, starter_units
from greenlane.reference.store import IMPORTER, DatasetInfo, default_store, list_datasets, read_rows
from greenlane.tariff import (
    CodeEntry,
    CodeLists,
    ExchangeRates,
    GoodsList,
    Nomenclature,
    RateTable,
    Schedule,
    TariffBook,
    Term,
    TermList,
    TermLists,
)
from greenlane.values.errors import ReferenceError_


@dataclass(frozen=True)
class Reference:
    """All reference data of a run. Immutable; can be pickled and sent to workers."""

    tariff: TariffBook
    fx: ExchangeRates
    terms: TermLists
    codes: CodeLists
    nomenclature: Nomenclature
    datasets: tuple[DatasetInfo, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 over everything that decisions read: tariffs, lists, exchange rates, terms."""
        parts = (self.tariff.digest(), self.fx.digest(), self.terms.digest())
        return sha256("\x1f".join(parts).encode()).hexdigest()


def load(store: Path | None = None) -> Reference:
    """Load the starter reference and what the store holds; a dataset in the store replaces the starter's.

    Args:
        store: The store's folder; None is the default one. A folder that does not exist holds nothing.
    Raises:
        ReferenceError_: A dataset of the store is damaged.

    Example:
        >>> held = load(Path("no-such-store"))
        >>> held.tariff.duty("us-hts", "610910", "CN", date(2026, 3, 15)).rate.text
        '16.5%'
    """
    place = default_store() if store is None else store
    infos = _newest_importer(list_datasets(place)) if place.is_dir() else []
    held = {info.dataset for info in infos}
    try:
        schedules = _schedules(place, infos)
        lists = [_goods_list(place, info) for info in infos if info.form == "list"]
        terms = [_term_list(place, info) for info in infos if info.form == "terms"]
        tables = _tables(place, infos)
        names = {
            row["code"]: row["description"]
            for info in infos
            if info.form == "nomenclature"
            for row in read_rows(place, info)
        }
    except (KeyError, ValueError) as fault:
        raise ReferenceError_(f"the store does not hold together ({type(fault).__name__})") from None
    schedules += [s for s in (*starter_schedules(), ZZ) if s.schedule_id not in held]
    lists += [g for g in starter_lists() if g.list_id not in held]
    terms += [t for t in starter_terms() if t.list_id not in held]
    if "ecb" not in {table.source for table in tables}:
        tables.append(bundled_ecb())
    return Reference(
        TariffBook(schedules, lists),
        ExchangeRates(tables),
        TermLists(terms),
        CodeLists(_StoredCodes(place, infos)),
        Nomenclature(names),
        tuple(infos),
    )


def _newest_importer(infos: Iterable[DatasetInfo]) -> list[DatasetInfo]:
    """Keep one version of each source and start: of the newest importer, then the later recorded."""
    kept: dict[tuple[str, str, date], DatasetInfo] = {}
    for info in infos:
        key = (info.dataset, info.source_sha256, info.valid_from)
        before = kept.get(key)
        if before is None or _order(info) > _order(before):
            kept[key] = info
    return list(kept.values())


def _order(info: DatasetInfo) -> tuple[int, date, str, str]:
    last = "" if info.valid_until is None else info.valid_until.isoformat()
    return (
        int(info.importer) if info.importer.isdecimal() else int(IMPORTER),
        info.recorded,
        last,
        info.version,
    )


def _schedules(store: Path, infos: list[DatasetInfo]) -> list[Schedule]:
    carried: dict[str, tuple[str, ...]] | None = None
    for info in infos:
        if info.form == "correlation":
            carried = {}
            for row in read_rows(store, info):
                carried[row["hs2022"]] = (*carried.get(row["hs2022"], ()), row["hs2017"])
    made = []
    for info in infos:
        if info.form != "schedule":
            continue
        reader = LineReader()
        lines, statistical = reader.lines(read_rows(store, info))
        edition = info.extra.get("edition", "HS2022")
        origins = dict.fromkeys(info.extra.get("origins", "").split(), info.extra.get("origins_schedule", ""))
        made.append(
            Schedule(
                info.dataset,
                info.title,
                info.publisher,
                info.valid_from,
                info.valid_until,
                info.recorded,
                lines,
                edition=edition,
                carried=carried if edition == "HS2017" else None,
                origins=origins,
                digest=info.data_sha256,
                statistical=statistical,
            )
        )
    return made


def _goods_list(store: Path, info: DatasetInfo) -> GoodsList:
    return GoodsList(
        info.dataset,
        info.title,
        info.publisher,
        info.valid_from,
        info.valid_until,
        info.recorded,
        tuple(entry_of(row) for row in read_rows(store, info)),
        nomenclature=info.extra.get("nomenclature"),
        digest=info.data_sha256,
    )


def _term_list(store: Path, info: DatasetInfo) -> TermList:
    rows = list(read_rows(store, info))
    terms = tuple(
        Term(row["text"], row["language"], row["category"], row["reason"], row["rests_on"])
        for row in rows
        if row["text"]
    )
    patterns = tuple(row["pattern"] for row in rows if row["pattern"])
    days = (info.valid_from, info.valid_until, info.recorded)
    return TermList(info.dataset, info.title, info.publisher, *days, terms, patterns, info.data_sha256)


def _tables(store: Path, infos: list[DatasetInfo]) -> list[RateTable]:
    """One table a source; where two imports hold the same currency and day, the later recorded one counts."""
    merged: dict[str, dict[tuple[str, str], Sequence[str]]] = {}
    about: dict[str, DatasetInfo] = {}
    for info in sorted((i for i in infos if i.form == "fx"), key=lambda i: (i.recorded, i.version)):
        source = info.extra["source"]
        about[source] = info
        for row in read_rows(store, info):
            merged.setdefault(source, {})[(row["currency"], row["day"])] = tuple(row.values())
    return [
        rate_table(
            source, about[source].publisher, about[source].extra["pivot"], [rows[k] for k in sorted(rows)]
        )
        for source, rows in merged.items()
    ]


class _StoredCodes(Mapping[str, Mapping[str, CodeEntry]]):
    """The code lists of a store, each read when first asked for: UN/LOCODE alone is 100,000 entries."""

    def __init__(self, store: Path, infos: list[DatasetInfo]) -> None:
        self._store = store
        self._infos = {info.dataset: info for info in infos if info.form == "codes"}
        self._read: dict[str, Mapping[str, CodeEntry]] = {"units": starter_units()}

    def __getitem__(self, list_id: str) -> Mapping[str, CodeEntry]:
        if list_id not in self._read:
            entries = (_code_entry(row) for row in read_rows(self._store, self._infos[list_id]))
            self._read[list_id] = {entry.code: entry for entry in entries}
        return self._read[list_id]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._read, **self._infos})

    def __len__(self) -> int:
        return len({**self._read, **self._infos})


def _code_entry(row: dict[str, str]) -> CodeEntry:
    active = date.fromisoformat(row["active_from"]) if row["active_from"] else None
    return CodeEntry(row["code"], row["name"], row["state"], active, row["attributes"])
