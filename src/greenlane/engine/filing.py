"""One filing: read, then decided with the group facts that the store adds in between; few or many alike.

Few consignments go as plain rows through the integers, many as columns: same rules, same answers, and each way
is used where it costs less. `Filed.each` gives both in one form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat
from typing import Any

import polars as pl

from greenlane.engine.context import Context
from greenlane.engine.decider import (
    DecidedBatch,
    Prepared,
    decide_batch,
    decide_row,
    items_by_consignment,
    prepare,
    rows,
)
from greenlane.engine.groups import GROUP_SCHEMA, goods_values
from greenlane.engine.rows import goods_value, prepare_rows
from greenlane.messages.files import parse_few
from greenlane.messages.files_row import Accepted, RowBatch
from greenlane.model import Batch
from greenlane.values.finding import Finding

FEW = 32
"""Consignments up to which plain rows cost less than columns."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as read.

    ``held`` is what was accepted, as plain rows or columns. ``values`` has one row an accepted consignment, in
    order, with what group facts rest on: ``consignment_id``, ``group.key``, ``person``, ``named``, ``value``
    (`greenlane.engine.groups.goods_values`). ``findings`` and ``rejected`` are rows of `FINDING_SCHEMA` and
    `REJECTED_SCHEMA`.
    """

    held: RowBatch | Batch
    values: list[Row]
    findings: list[Row]
    rejected: list[Row]


@dataclass(frozen=True, slots=True)
class One:
    """One decided consignment: its row with every fact that the decision read, its items, its outcome."""

    consignment: Row
    items: list[Row]
    outcome: Row
    """In the form of the contract, with charges and findings."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A decided filing: as plain rows, or as columns (`Prepared` and `DecidedBatch`)."""

    ones: list[One] | None
    columns: tuple[Prepared, DecidedBatch] | None

    def each(self, plain: Sequence[Row] | None = None) -> Iterator[One]:
        """Give every consignment in the order of the filing; *plain* are the consignments where they are known."""
        if self.ones is not None:
            yield from self.ones
        if self.columns is not None:
            prepared, decided = self.columns
            told = rows(prepared.consignments) if plain is None else _with_facts(plain, prepared)
            items = items_by_consignment(prepared)
            for place, (row, outcome) in enumerate(zip(told, outcomes_of(decided), strict=True)):
                yield One(row, items.get(place, []), outcome)


def _with_facts(plain: Sequence[Row], prepared: Prepared) -> list[Row]:
    """Give plain rows with what was added to the columns for the decision."""
    frame = prepared.consignments
    made = [dict(row) for row in plain]
    for name in frame.columns:
        if name not in plain[0]:
            for row, value in zip(made, frame[name].to_list(), strict=True):
                row[name] = value
    return made


def read_filing(data: bytes | Batch, context: Context, name: str = "-") -> Filing:
    """Read and check a filing: JSON (an object, an array, NDJSON) or a batch that is read already.

    Example:
        >>> from greenlane.engine.context import context
        >>> filing = read_filing(b'{"consignment_id": "A1"}', context(key=bytes(32)))
        >>> len(filing.values), filing.rejected[0]["row"], filing.findings[0]["path"]
        (0, 1, '/channel')
    """
    held = parse_few(data, name, FEW) if isinstance(data, bytes) else data
    if isinstance(held, RowBatch):
        values = [goods_value(one, context) for one in held.accepted]
        return Filing(held, values, held.findings, held.rejected)
    told = rows(goods_values(held, context)) if held.consignments.height else []
    return Filing(held, told, held.findings.to_dicts(), held.rejected.to_dicts())


def decide_filing(filing: Filing, context: Context, groups: Sequence[Row] | None = None) -> Filed:
    """Decide what a filing holds.

    ``groups`` has one row an accepted consignment, in order (`GROUP_SCHEMA`); None: the filing stands alone and is
    grouped within itself.
    """
    if groups is None:
        groups = grouped_within(filing.values)
    if isinstance(filing.held, RowBatch):
        made = prepare_rows(filing.held.accepted, filing.findings, context, groups)
        return Filed([_decided(one, filing.findings, context) for one in made], None)
    if not filing.values:
        return Filed([], None)
    frame = _frame(groups, GROUP_SCHEMA)
    prepared = prepare(filing.held, context, frame)
    return Filed(None, (prepared, decide_batch(prepared, context)))


@dataclass(frozen=True, slots=True)
class Asking:
    """A filing that wants to be decided.

    ``groups`` and ``rows`` have a row an accepted consignment, in order: its group facts (`GROUP_SCHEMA`), and the
    consignment as a plain row, for those who have it already.
    """

    filing: Filing
    groups: Sequence[Row]
    rows: Sequence[Row]


def decide_filings(asked: Sequence[Asking], context: Context) -> list[list[One]]:
    """Decide several filings; those read as columns go together, since a run over columns costs much by itself.

    Filings in which the same id stands are decided apart: findings name consignments by their ids.
    """
    done: dict[int, list[One]] = {}
    lots: list[tuple[set[str], list[int]]] = []
    for place, one in enumerate(asked):
        if isinstance(one.filing.held, RowBatch) or not one.filing.values:
            done[place] = list(decide_filing(one.filing, context, one.groups).each())
            continue
        ids = set(one.filing.held.consignments["consignment_id"].to_list())
        known, places = next((lot for lot in lots if lot[0].isdisjoint(ids)), (None, []))
        if known is None:
            lots.append((ids, [place]))
        else:
            known |= ids
            places.append(place)
    for _, places in lots:
        together = _joined([asked[place] for place in places])
        each = decide_filing(together.filing, context, together.groups).each(together.rows)
        for place in places:
            done[place] = list(islice(each, len(asked[place].groups)))
    return [done[place] for place in range(len(asked))]


def _joined(asked: Sequence[Asking]) -> Asking:
    """Return filings of different ids, each read as columns, as one."""
    if len(asked) == 1:
        return asked[0]
    consignments, items, findings, before = [], [], [], 0
    for one in asked:
        held = one.filing.held
        assert isinstance(held, Batch)
        consignments.append(held.consignments)
        items.append(held.items.with_columns(pl.col("row") + before))
        findings.append(held.findings)
        before += held.consignments.height
    first = asked[0].filing.held
    assert isinstance(first, Batch)
    whole = replace(
        first,
        consignments=pl.concat(consignments),
        items=pl.concat(items),
        findings=pl.concat(findings),
    )
    values = [value for one in asked for value in one.filing.values]
    groups = [row for one in asked for row in one.groups]
    rows = [row for one in asked for row in one.rows]
    return Asking(Filing(whole, values, [], []), groups, rows)


def grouped_within(values: Sequence[Row]) -> list[Row]:
    """Return the group facts of consignments that are grouped within their own filing (`GROUP_SCHEMA`).

    They are those of `greenlane.engine.groups.grouped`; of plain rows, two walks cost less than columns made of them.
    """
    goods: dict[str, list[int | None]] = {}
    names: dict[str, set[int | None]] = {}
    ordinals: list[int] = []
    for value in values:
        together = [] if value["group.key"] is None else goods.setdefault(value["group.key"], [])
        together.append(value["value"])
        ordinals.append(len(together))
        if value["person"] is not None:
            names.setdefault(value["person"], set()).add(value["named"])
    sums = {key: None if None in held else sum(filter(None, held)) for key, held in goods.items()}
    reused = {person for person, called in names.items() if len(called) > 1}
    made: list[Row] = []
    for value, ordinal in zip(values, ordinals, strict=True):
        key = value["group.key"]
        made.append(
            {
                "group.key": key,
                "group.value": value["value"] if key is None else sums[key],
                "group.count": 1 if key is None else len(goods[key]),
                "group.ordinal": ordinal,
                "screen.reused_id": value["person"] in reused,
            }
        )
    return made


def _frame(rows: Sequence[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)


def _decided(one: Accepted, findings: Sequence[Row], context: Context) -> One:
    row, items = one.consignment, one.items
    own = [f for f in findings if f["consignment_id"] == row["consignment_id"]]
    given = [Finding(f["code"], f["path"], f["message"], None) for f in own]
    return One(row, items, decide_row(row, list(items), given, context))


def outcomes_of(decided: DecidedBatch) -> Iterator[Row]:
    """Give each outcome of a decided batch as the contract writes it, as `decide_row` does."""
    count = len(decided.outcomes)
    charges = _by_place(decided.charges_of, _charges(decided.charges), count)
    findings = _by_place(decided.findings_of, rows(decided.findings.select(_FINDING)), count)
    columns = (decided.outcomes[name].to_list() for name in _OUTCOME)
    # Each outcome is written in one go: to put it together from parts costs several times as much.
    for (
        consignment_id, jurisdiction, member, category, category_reason, customs_value, intrinsic_value,
        currency, duty, tax, fees, total, payable, status, certainty, score, disposition, reasons,
        group, group_value, group_count, group_ordinal, law_version, lists_version, model_version, input_digest,
        indicators, charged, found,
    ) in zip(*columns, _indicators(decided.outcomes["risk.indicators"]), charges, findings, strict=True):  # fmt: skip
        yield {
            "consignment_id": consignment_id,
            "jurisdiction": jurisdiction,
            "member": member,
            "category": category,
            "category_reason": category_reason,
            "customs_value": customs_value,
            "intrinsic_value": intrinsic_value,
            "currency": currency,
            "charges": charged,
            "duty": duty,
            "tax": tax,
            "fees": fees,
            "total": total,
            "payable_at_border": payable,
            "status": status,
            "certainty": certainty,
            "findings": found,
            "risk": {"score": score, "indicators": indicators},
            "disposition": disposition,
            "reasons": reasons,
            "group": None
            if group is None
            else {"key": group, "value": group_value, "count": group_count, "ordinal": group_ordinal},
            "law_version": law_version,
            "lists_version": lists_version,
            "model_version": model_version,
            "input_digest": input_digest,
        }


def _by_place(of: pl.Series, listed: Iterable[Row], count: int) -> list[list[Row]]:
    found: list[list[Row]] = [[] for _ in range(count)]
    for place, row in zip(of.to_list(), listed, strict=True):
        found[place].append(row)
    return found


def _indicators(column: pl.Series) -> Iterator[list[Row]]:
    """Give the signs of each outcome in a list of its own; signs that are alike are one object."""
    known: dict[tuple[Any, ...], Row] = {}
    signs = column.explode(empty_as_null=False, keep_nulls=False).struct
    listed = []
    for sign in zip(*(signs.field(name).to_list() for name in signs.fields), strict=True):
        one = known.get(sign)
        if one is None:
            one = known[sign] = dict(zip(signs.fields, sign, strict=True))
        listed.append(one)
    each = iter(listed)
    return (list(islice(each, count)) for count in column.list.len().to_list())


def _charges(frame: pl.DataFrame) -> Iterator[Row]:
    """Give charges one by one; those of the same rule share what is said of the law."""
    columns = (frame[name].to_list() for name in _CHARGE)
    for (
        item, base, rate, amount, assessed, liable, payer, certainty, waived, own, (kind, name, collected, law),
    ) in zip(*columns, _waived(frame), _own(frame), _of_rules(frame), strict=True):  # fmt: skip
        yield {
            "kind": kind,
            "name": name,
            "item_id": item,
            "base": base,
            "rate": rate,
            "amount": amount,
            "assessed": assessed,
            "liable": liable,
            "payer": payer,
            "collected": collected,
            "certainty": certainty,
            "waived": waived,
            "own": own,
            "law": law,
        }


def _waived(frame: pl.DataFrame) -> Iterator[Row | None]:
    reasons, laws = frame["waived.reason"], frame["waived.law"]
    if reasons.null_count() == len(reasons):
        return repeat(None, len(reasons))
    pairs = zip(reasons.to_list(), laws.to_list(), strict=True)
    return (None if reason is None else {"reason": reason, "law": law} for reason, law in pairs)


def _own(frame: pl.DataFrame) -> Iterator[Row | None]:
    """Give what each charge is in the currency of its own law, where that isn't the outcome's."""
    currencies = frame["own.currency"]
    if currencies.null_count() == len(currencies):
        return repeat(None, len(currencies))
    columns = (frame[name].to_list() for name in ("own.amount", "own.currency", "own.rate"))
    return (
        None if currency is None else {"amount": amount, "currency": currency, "rate": rate}
        for amount, currency, rate in zip(*columns, strict=True)
    )


def _of_rules(frame: pl.DataFrame) -> Iterator[tuple[str, str, str, Row]]:
    """Give for each charge what its rule alone says: its kind, its name, when it is collected, and the law.

    Charges of one rule stand together, so it is read once for each run of them.
    """
    runs = frame.select(pl.struct(*_SAID, *_LAW).rle()).to_series().struct
    said = runs.field("value").struct.unnest().iter_rows()
    for length, (kind, name, collected, *law) in zip(runs.field("len").to_list(), said, strict=True):
        yield from repeat((kind, name, collected, dict(zip(_LAW, law, strict=True))), length)


_OUTCOME = (
    "consignment_id",
    "jurisdiction",
    "member",
    "category",
    "category_reason",
    "customs_value",
    "intrinsic_value",
    "currency",
    "duty",
    "tax",
    "fees",
    "total",
    "payable_at_border",
    "status",
    "certainty",
    "risk.score",
    "disposition",
    "reasons",
    "group.key",
    "group.value",
    "group.count",
    "group.ordinal",
    "law_version",
    "lists_version",
    "model_version",
    "input_digest",
)
_FINDING = ("code", "path", "message", "severity", "law")
_SAID = ("kind", "name", "collected")
_LAW = ("pack", "rule", "article", "version")
_CHARGE = ("item_id", "base", "rate", "amount", "assessed", "liable", "payer", "certainty")
"""What may differ between charges of one rule."""
