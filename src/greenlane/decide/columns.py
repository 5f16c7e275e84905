"""A batch decided on columns: outcome, charge and finding rows, equal to what `Decision` says one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from typing import Any

import numpy as np
import polars as pl

from greenlane.assess.plan import CONTESTED, ChargePlan
from greenlane.decide.outcome import Versions, contested_beginning, missing_element
from greenlane.decide.plan import DISPOSITIONS, DecisionPlan, category_reasons
from greenlane.law.columns import Columns
from greenlane.law.eager import at, known, numbered, one
from greenlane.law.graph import CONSIGNMENT, ITEM, Node
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.law.pack import Cases, Pack, Said, Words
from greenlane.law.parameters import Certainty
from greenlane.law.vectors import Array, Column, Mask, Vector, both, vector
from greenlane.values.finding import Finding, Severity, kind_of
from greenlane.values.money import exponent, format_rate, format_scaled

SEVERITY_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}

CHARGE_COLUMNS: dict[str, Any] = {
    "kind": pl.String,
    "name": pl.String,
    "item_id": pl.String,
    "base": pl.String,
    "rate": pl.String,
    "amount": pl.String,
    "currency": pl.String,
    "assessed": pl.String,
    "liable": pl.String,
    "payer": pl.String,
    "collected": pl.String,
    "certainty": pl.String,
    "waived.reason": pl.String,
    "waived.law": pl.String,
    "own.amount": pl.String,
    "own.currency": pl.String,
    "own.rate": pl.String,
    "pack": pl.String,
    "rule": pl.String,
    "article": pl.String,
    "version": pl.String,
}
"""Columns of a charge row beside the consignment it belongs to."""

FINDING_COLUMNS: dict[str, Any] = {
    "code": pl.String,
    "severity": pl.String,
    "path": pl.String,
    "message": pl.String,
    "law": pl.String,
}
"""Columns of a finding row beside the consignment it belongs to."""

_CERTAINTY = pl.Series(values=[level.word for level in Certainty])
_DISPOSITIONS = pl.Series(values=DISPOSITIONS)
_STATUSES = pl.Series(values=["incomplete", "assessed"])


@dataclass(frozen=True, slots=True)
class Decided:
    """Rows of a batch. ``row`` is the index of the consignment in the frame that was decided."""

    outcomes: pl.DataFrame
    charges: pl.DataFrame
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Other:
    """Charges of one rule whose amount another reading of the law changes: which of them, and what to say of it."""

    hits: Array
    message: pl.Series
    laws: list[str | None]
    law: Array
    """(hits,) the place in ``laws``."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Findings alike: of which consignment each is, and its words."""

    row: Array
    path: pl.Series
    message: pl.Series
    kinds: list[tuple[str, str | None]]
    """Code and law of each kind of finding here."""
    of: Array
    """(findings,) the place in ``kinds``."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The charges of one rule: one entry a charge in every array."""

    order: int
    row: Array
    item: Vector
    due: Vector
    assessed: Vector
    base: Vector
    rate: Vector
    certainty: Array
    liable: Array
    payer: Array
    waived: Mask
    own: dict[str, pl.Series]
    rivals: list["_Other"]

    def __len__(self) -> int:
        return len(self.row)


class BatchDecision:
    """Many consignments under one plan."""

    def __init__(self, plan: DecisionPlan, facts: ColumnFacts) -> None:
        self.plan = plan
        self.facts = facts
        self.columns = Columns(facts, plan.shared)
        self.digits = exponent(plan.assessment.pack.currency)
        self.currency = _currency(plan.assessment.pack, facts.consignments)
        self.count = len(facts.consignments)
        self._parties: list[str | None] = [None]

    def decide(self, versions: Versions) -> Decided:
        """Return every row of the batch."""
        parts = self._parts()
        findings = self._findings(parts)
        return Decided(self._outcomes(versions), self._charges(parts, versions), findings)

    # -- outcomes ---------------------------------------------------------------------------------------------

    def _outcomes(self, versions: Versions) -> pl.DataFrame:
        plan, assessed = self.plan, self.plan.assessment
        pack = assessed.pack
        complete = self._holds(assessed.complete, CONSIGNMENT)
        rows = self.facts.consignments
        total = self._vector(assessed.total)
        columns = {
            "row": numbered(self.count),
            "category": self.columns.series(assessed.category).cast(pl.Int8),
            "category_reason": self._first_words(category_reasons(assessed)),
            "customs_value": self._amount(assessed.assessment.customs_value),
            "intrinsic_value": self._amount(assessed.assessment.intrinsic_value),
            "duty": self._amount(assessed.duty),
            "tax": self._amount(assessed.tax),
            "fees": self._amount(assessed.fees),
            "total": amounts(Vector(total.values, both(total.known, complete)), self.digits),
            "payable_at_border": self._amount(assessed.payable),
            "status": at(_STATUSES, _places(complete)),
            "certainty": at(_CERTAINTY, self.columns.series(assessed.certainty)),
            "disposition": at(_DISPOSITIONS, self.columns.series(plan.disposition)),
            "reasons": self._reasons(),
            "risk.score": self.columns.series(plan.score).cast(pl.Int16),
            "risk.indicators": self._indicators(),
            "minor.value": self.columns.series(assessed.assessment.intrinsic_value),
            "minor.duty": self.columns.series(assessed.duty),
            "minor.tax": self.columns.series(assessed.tax),
            "minor.fees": self.columns.series(assessed.fees),
            "minor.payable": self.columns.series(assessed.payable),
            "consignment_id": rows["consignment_id"],
            "jurisdiction": self._same(pack.code),
            "member": rows["destination_country"] if len(pack.members) > 1 else self._same(None),
            "currency": self._currency_of(numbered(self.count)),
            "law_version": self._same(versions.law),
            "lists_version": self._same(versions.lists),
            "model_version": self._same(versions.model),
        }
        return pl.DataFrame(columns | self._group())

    def _group(self) -> dict[str, pl.Series]:
        """Return the facts of each consignment's group; null where it is in none."""
        rows = self.facts.consignments
        key = rows["group.key"] if "group.key" in rows.columns else self._same(None)
        facts = {"group.key": key}
        for name in ("group.value", "group.count", "group.ordinal"):
            column = rows[name] if name in rows.columns else one(None, pl.Int64).new_from_index(0, self.count)
            facts[name] = column.zip_with(known(key), one(None, pl.Int64)) if key.null_count() else column
        value = _spread(vector(facts["group.value"]), self.count)
        return facts | {"group.value": amounts(value, self.digits)}

    def _same(self, text: str | None) -> pl.Series:
        """Return a text that every consignment has."""
        return one(text, pl.String).new_from_index(0, self.count)

    def _vector(self, node: Node) -> Vector:
        return _spread(self.columns.value(node), self.count)

    def _amount(self, node: Node) -> pl.Series:
        return amounts(self._vector(node), self.digits)

    def _first_words(self, pairs: Iterable[tuple[Node, str]]) -> pl.Series:
        listed = tuple(pairs)
        words = pl.Series(values=[None, *(words for _, words in listed)], dtype=pl.String)
        numbers = ((node, number) for number, (node, _) in enumerate(listed, 1))
        return at(words, _places(self._first_true(numbers, np.arange(self.count))))

    def _first_true(self, numbered: Iterable[tuple[Node | None, int]], row: Array) -> Array:
        """Return for some consignments the number of the first condition that is true; None always is, 0 is none."""
        hits = []
        last = 0
        for node, number in numbered:
            value = True if node is None else self.columns.value(node)
            if value is True:
                last = number
                break
            if isinstance(value, Vector):
                hits.append((value.values[row], number))
        found = np.full(len(row), last, dtype=np.uint32)
        for hit, number in reversed(hits):
            found[hit] = number
        return found

    def _true_rows(self, node: Node) -> Array:
        """Return the places of the node's level where it is true."""
        value = self.columns.value(node)
        if isinstance(value, Vector):
            return np.flatnonzero(value.values)
        return np.arange((len(self.facts.rows) if node.level == ITEM else self.count) if value is True else 0)

    def _reasons(self) -> pl.Series:
        """Return every reason of each consignment, those of the worst disposition first."""
        rows, texts = [], []
        for ground in sorted(self.plan.grounds, key=lambda ground: -ground.rank):
            true = self._true_rows(ground.when)
            if len(true):
                rows.append(true)
                texts.append(self._words(ground.reason, CONSIGNMENT, true))
        if not rows:
            return pl.Series(values=[[]], dtype=pl.List(pl.String)).new_from_index(0, self.count)
        row, text = _joined(rows), pl.concat(texts, rechunk=True)
        order = np.argsort(row, kind="stable")
        ordered = pl.DataFrame({"row": row[order], "text": at(text, _places(order))})
        lists = ordered.group_by("row", maintain_order=True).agg("text")
        if len(lists) == self.count:
            return lists["text"]
        # The first list of the table is empty, for consignments without a reason.
        number = np.zeros(self.count, dtype=np.int64)
        number[lists["row"].to_numpy()] = np.arange(1, len(lists) + 1)
        table = pl.concat([pl.Series("text", values=[[]], dtype=pl.List(pl.String)), lists["text"]])
        return at(table, _places(number))

    def _indicators(self) -> pl.Series:
        """Return the signs of each consignment; few combinations of them occur, so each is written once."""
        signs = self.plan.indicators
        kind = pl.List(pl.Struct({"code": pl.String, "weight": pl.Int16, "reason": pl.String}))
        assert len(signs) < 63, "each sign is a bit of a whole number"
        shown = np.zeros(self.count, dtype=np.int64)
        for number, sign in enumerate(signs):
            shown[self._true_rows(sign.when)] |= 1 << number
        present, which = np.unique(shown, return_inverse=True)
        lists = [
            [
                {"code": sign.code, "weight": sign.weight, "reason": sign.reason}
                for number, sign in enumerate(signs)
                if combination >> number & 1
            ]
            for combination in present.tolist()
        ]
        return at(pl.Series(values=lists, dtype=kind), _places(which))

    def _words(self, text: Words, level: str, places: Array) -> pl.Series:
        """Put amounts and their currency into words, for some places of a level."""
        series = reduce(add, (self._said_of(part, level, places) for part in text))
        return series if len(series) == len(places) else series.new_from_index(0, len(places))

    def _said_of(self, part: str | Said | Node, level: str, places: Array) -> pl.Series:
        """Return one part of the words: a row for each place, or one for all."""
        if isinstance(part, str):
            return one(part, pl.String)
        if isinstance(part, Said):
            if isinstance(self.currency, str):
                return one(self.currency, pl.String)
            return self._currency_of(_places(self._consignments(places, level)))
        value = self._at_level(part, level)
        amount = value.taken(places) if isinstance(value, Vector) else _spread(value, 1)
        text = amounts(amount, self.digits)
        return text.zip_with(known(text), one("an unknown amount", pl.String)) if text.null_count() else text

    # -- charges ----------------------------------------------------------------------------------------------

    def _parts(self) -> list["_Part"]:
        parts = (self._charge(order, planned) for order, planned in enumerate(self.plan.assessment.charges))
        return [part for part in parts if part is not None]

    def _charges(self, parts: list["_Part"], versions: Versions) -> pl.DataFrame:
        """Return the charges, those of one rule together: what differs from row to row is joined as arrays first."""
        if not parts:
            return pl.DataFrame(schema={"row": pl.UInt32, **CHARGE_COLUMNS})
        length = sum(map(len, parts))
        order = pl.Series(values=_joined([np.full(len(part), part.order, np.uint32) for part in parts]))
        row = _places(_joined([part.row for part in parts]))
        item = _vector([part.item for part in parts])
        amount = amounts(_vector([part.due for part in parts]), self.digits)
        columns: dict[str, pl.Series] = {
            "row": row,
            "item_id": at(self.facts.items["item_id"], item.series()),
            "base": amounts(_vector([part.base for part in parts]), self.digits),
            "rate": rates(_vector([part.rate for part in parts]).series()),
            "amount": amount,
            "certainty": at(_CERTAINTY, pl.Series(values=_joined([part.certainty for part in parts]))),
            "assessed": amount
            if all(part.assessed is part.due for part in parts)
            else amounts(_vector([part.assessed for part in parts]), self.digits),
            "liable": at(self._words_of_party, pl.Series(values=_joined([part.liable for part in parts]))),
            "payer": at(self._words_of_party, pl.Series(values=_joined([part.payer for part in parts]))),
            "pack": one(self.plan.assessment.pack.code, pl.String).new_from_index(0, length),
            "version": one(versions.law, pl.String).new_from_index(0, length),
            "currency": self._currency_of(row),
        }
        columns |= self._said(order, parts)
        return pl.DataFrame({name: columns[name] for name in ("row", *CHARGE_COLUMNS)})

    def _said(self, order: pl.Series, parts: list["_Part"]) -> dict[str, pl.Series]:
        """Return what is said of each charge by its rule alone."""
        charges = [planned.charge for planned in self.plan.assessment.charges]
        said: dict[str, list[str | None]] = {
            "kind": [charge.kind for charge in charges],
            "name": [charge.name for charge in charges],
            "collected": [charge.collected for charge in charges],
            "rule": [charge.rule for charge in charges],
            "article": [charge.law for charge in charges],
            "own.currency": [charge.own.currency if charge.own else None for charge in charges],
        }
        columns = {name: at(pl.Series(values=words, dtype=pl.String), order) for name, words in said.items()}
        hit = _joined([part.waived for part in parts])
        waived = Vector(order.to_numpy(), hit).series() if hit.any() else None
        for name in ("reason", "law"):
            words = [getattr(charge.waived, name) if charge.waived else None for charge in charges]
            columns[f"waived.{name}"] = (
                one(None, pl.String).new_from_index(0, len(order))
                if waived is None
                else at(pl.Series(values=words, dtype=pl.String), waived)
            )
        for name in ("own.amount", "own.rate"):
            columns[name] = _concat([part.own.get(name) for part in parts], parts)
        return columns

    def _charge(self, order: int, planned: ChargePlan) -> "_Part | None":
        charge = planned.charge
        level = ITEM if ITEM in (charge.level, charge.when.level) else CONSIGNMENT
        when = self._at_level(charge.when, level)
        if when is False:
            return None
        size = len(self.facts.rows) if level == ITEM else self.count
        places = np.arange(size)
        picks: Array | None = None
        applies: Mask | None = None
        if isinstance(when, Vector):
            may = when.values if when.known is None else when.values | ~when.known
            if not may.all():
                places = picks = np.flatnonzero(may)
            if not len(places):
                return None
            if when.known is not None:
                applies = when.values[places]
        elif when is None:
            applies = np.zeros(size, dtype=bool)
        length = len(places)

        def of(node: Node) -> Vector:
            value = self._at_level(node, level)
            return (
                value.taken(picks)
                if isinstance(value, Vector) and picks is not None
                else _spread(value, length)
            )

        due = of(planned.due)
        assessed = due if charge.waived is None else of(charge.amount)
        if applies is not None:
            alike = assessed is due
            due = Vector(due.values, both(due.known, applies))
            assessed = due if alike else Vector(assessed.values, both(assessed.known, applies))
        sure = of(planned.certainty).values.astype(np.uint8)
        if due.known is not None:
            sure = np.where(due.known, sure, np.uint8(3))
        row = self.columns.rows[places] if level == ITEM else places
        waived = np.zeros(length, dtype=bool)
        if charge.waived is not None:
            waived = of(planned.waived).values.astype(bool)
            if applies is not None:
                waived = waived & applies
        own: dict[str, pl.Series] = {}
        if charge.own is not None:
            own["own.amount"] = amounts(of(charge.own.amount), exponent(charge.own.currency))
            own["own.rate"] = rates(of(charge.own.rate).series())
        return _Part(
            order=order,
            row=row,
            item=Vector(places)
            if level == ITEM
            else Vector(np.zeros_like(places), np.zeros(length, dtype=bool)),
            due=due,
            assessed=assessed,
            base=_spread(None, length) if charge.base is None else of(charge.base),
            rate=_spread(None, length) if charge.rate is None else of(charge.rate),
            certainty=sure,
            liable=self._case(charge.liable, row),
            payer=self._case(charge.payer or charge.liable, row),
            waived=waived,
            own=own,
            rivals=self._rivals(planned, of, places, level),
        )

    def _at_level(self, node: Node, level: str) -> Column:
        return self.columns.at_items(node) if level == ITEM else self.columns.value(node)

    def _case(self, pairs: Cases, row: Array) -> Array:
        """Return which party each row names, as its place among `_words_of_party`."""
        return self._first_true(((node, self._party(named)) for node, named in pairs), row)

    def _party(self, name: str) -> int:
        if name not in self._parties:
            self._parties.append(name)
        return self._parties.index(name)

    @property
    def _words_of_party(self) -> pl.Series:
        return pl.Series(values=self._parties, dtype=pl.String)

    def _rivals(
        self, planned: ChargePlan, of: Callable[[Node], Vector], places: Array, level: str
    ) -> list["_Other"]:
        """Return what the charge would be under the other readings that change it, in words."""
        found = []
        for other in planned.rivals:
            if self._at_level(other.differs, level) in (None, False):
                continue
            amount = of(other.amount)
            known = both(amount.known, of(other.differs).values.astype(bool))
            hits = np.arange(len(places)) if known is None else np.flatnonzero(known)
            if not len(hits):
                continue
            questions, index = self.facts.questions(other.leaf)
            own_level = places if other.leaf.level == level else self.columns.rows[places]
            keys = index[own_level[hits]] if index is not None else np.zeros(len(hits))
            which = _places(keys)
            words = [contested_beginning(question, planned.charge.name) for question, _ in questions]
            begin = at(pl.Series(values=words, dtype=pl.String), which)
            written = amounts(Vector(amount.values[hits]), self.digits)
            laws = [law for _, law in questions]
            found.append(_Other(hits, begin + written + one(".", pl.String), laws, keys.astype(np.intp)))
        return found

    # -- findings ---------------------------------------------------------------------------------------------

    def _findings(self, parts: list["_Part"]) -> pl.DataFrame:
        """Return what is found, in no order yet: joined as arrays, what a kind of finding says alone put in once."""
        found = [*self._contested(parts), *self._remarks(), *self._leaves()]
        if not found:
            return pl.DataFrame(schema={"row": pl.UInt32, **FINDING_COLUMNS})
        numbers: dict[tuple[str, str | None], int] = {}
        for told in found:
            for kind in told.kinds:
                numbers.setdefault(kind, len(numbers))
        number = _places(
            _joined([np.array([numbers[kind] for kind in told.kinds])[told.of] for told in found])
        )
        said: dict[str, list[str | None]] = {
            "code": [code for code, _ in numbers],
            "severity": [str(kind_of(code).severity) for code, _ in numbers],
            "law": [law for _, law in numbers],
        }
        columns = {name: at(pl.Series(values=words, dtype=pl.String), number) for name, words in said.items()}
        columns["row"] = _places(_joined([told.row for told in found]))
        columns["path"] = pl.concat([told.path for told in found], rechunk=True)
        columns["message"] = pl.concat([told.message for told in found], rechunk=True)
        return pl.DataFrame({name: columns[name] for name in ("row", *FINDING_COLUMNS)})

    def _contested(self, parts: list["_Part"]) -> list["_Found"]:
        if not any(part.rivals for part in parts):
            return []
        found = []
        for part, positions in zip(parts, _positions(parts), strict=True):
            for other in part.rivals:
                number = pl.Series(values=positions[other.hits]).cast(pl.String)
                path = one("/charges/", pl.String) + number
                kinds = [(CONTESTED, law) for law in other.laws]
                found.append(_Found(part.row[other.hits], path, other.message, kinds, other.law))
        return found

    def _remarks(self) -> list["_Found"]:
        found = []
        for remark in self.plan.remarks:
            level = remark.when.level
            places = self._true_rows(remark.when)
            if len(places):
                words = self._words(remark.message, level, places)
                found.append(self._alike(places, level, remark.code, remark.path, words, remark.law))
        return found

    def _leaves(self) -> list["_Found"]:
        found: list[_Found] = []
        families: dict[str, list[Node]] = {}
        incomplete = ~self._holds(self.plan.assessment.complete, CONSIGNMENT)
        some = incomplete.any()
        for leaf, needed in self.plan.assessment.demand.items():
            if leaf.op == "field":
                found += self._missing(leaf, needed, incomplete) if some else []
            elif leaf.op == "param":
                answers, index = self.facts.resolved(leaf)
                found += self._told([answer.findings for answer in answers], index, leaf.level, [needed])
            else:
                families.setdefault(leaf.data[0], []).append(leaf)
        for family, leaves in families.items():
            results, index = self.facts.lookups(family)
            needs = [self.plan.assessment.demand[leaf] for leaf in leaves]
            found += self._told([result.findings for result in results], index, leaves[0].level, needs)
        return found

    def _missing(self, leaf: Node, needed: Node, incomplete: Mask) -> list["_Found"]:
        value = self.columns.value(leaf)
        if value is not None and (not isinstance(value, Vector) or value.known is None):
            return []
        mask = self._holds(needed, leaf.level)
        mask = mask & (incomplete[self.columns.rows] if leaf.level == ITEM else incomplete)
        if isinstance(value, Vector) and value.known is not None:
            mask = mask & ~value.known
        places = np.flatnonzero(mask)
        return [self._one(places, leaf.level, missing_element(leaf.data[0], ""))] if len(places) else []

    def _holds(self, node: Node, level: str) -> Mask:
        """Return where a condition is true, at one level; a consignment's is true where one of its items' is."""
        if node.level == ITEM and level == CONSIGNMENT:
            value = self.columns.any_of(node)
        else:
            value = self._at_level(node, level)
        if isinstance(value, Vector):
            return value.values
        return np.full(len(self.facts.rows) if level == ITEM else self.count, value is True)

    def _told(
        self, findings: list[tuple[Finding, ...]], index: Array | None, level: str, needs: list[Node]
    ) -> list["_Found"]:
        """Return rows for findings that the answers behind leaves carry, where the leaves were needed."""
        if not any(findings):
            return []
        mask = np.logical_or.reduce([self._holds(needed, level) for needed in needs])
        if index is None:
            places = np.flatnonzero(mask)
            return [self._one(places, level, finding) for finding in findings[0] if len(places)]
        places = np.flatnonzero(mask & np.array([bool(told) for told in findings])[index])
        if not len(places):
            return []
        # Each answer's findings stand together in a table; a place takes as many of its rows as its answer has.
        counts = np.array([len(told) for told in findings])
        begins = np.cumsum(counts) - counts
        which = index[places]
        repeats = counts[which]
        row = np.repeat(places, repeats)
        step = np.arange(len(row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        listed = [finding for told in findings for finding in told]
        kinds: dict[tuple[str, str | None], int] = {}
        kind = np.array([kinds.setdefault((finding.code, finding.law), len(kinds)) for finding in listed])
        taken = pl.Series(values=(np.repeat(begins[which], repeats) + step).astype(np.uint32))
        tails, messages = (
            at(pl.Series(values=words, dtype=pl.String), taken)
            for words in ([f.path for f in listed], [f.message for f in listed])
        )
        return [self._found(row, level, tails, messages, list(kinds), kind[taken.to_numpy()])]

    def _one(self, places: Array, level: str, finding: Finding) -> "_Found":
        message = one(finding.message, pl.String).new_from_index(0, len(places))
        return self._alike(places, level, finding.code, finding.path, message, finding.law)

    def _alike(
        self, places: Array, level: str, code: str, path: str, message: pl.Series, law: str | None
    ) -> "_Found":
        """Return a finding of one kind at some places of a level."""
        tail = one(path, pl.String)
        if level != ITEM:
            tail = tail.new_from_index(0, len(places))
        return self._found(places, level, tail, message, [(code, law)], np.zeros(len(places), dtype=np.intp))

    def _found(
        self,
        places: Array,
        level: str,
        tail: pl.Series,
        message: pl.Series,
        kinds: list[tuple[str, str | None]],
        of: Array,
    ) -> "_Found":
        """Return findings at some places of a level; the path of an item's begins with its number."""
        row = self._consignments(places, level)
        if level == ITEM:
            number = pl.Series(values=places - self.columns.starts[row]).cast(pl.String)
            tail = one("/items/", pl.String) + number + tail
        return _Found(row, tail, message, kinds, of)

    def _consignments(self, places: Array, level: str) -> Array:
        return self.columns.rows[places] if level == ITEM else places

    def _currency_of(self, rows: pl.Series) -> pl.Series:
        """Return the currency of the amounts of some consignments."""
        held = self.currency
        return one(held, pl.String).new_from_index(0, len(rows)) if isinstance(held, str) else held[rows]


def _spread(column: Column, length: int) -> Vector:
    """Return a column, of a plain value too, with a row each."""
    if isinstance(column, Vector):
        return column
    if column is None:
        return Vector(np.zeros(length, dtype=np.int64), np.zeros(length, dtype=bool))
    return Vector(np.full(length, column, dtype=np.bool_ if isinstance(column, bool) else np.int64))


def _places(numbers: Array) -> pl.Series:
    """Return places as Polars takes rows by them."""
    return pl.Series(values=numbers.astype(np.uint32))


def _joined(arrays: list[Array]) -> Array:
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]


def _vector(vectors: list[Vector]) -> Vector:
    """Return columns one below the other."""
    values = _joined([vector.values for vector in vectors])
    if all(vector.known is None for vector in vectors):
        return Vector(values)
    masks = (np.ones(len(v.values), dtype=bool) if v.known is None else v.known for v in vectors)
    return Vector(values, _joined(list(masks)))


def _concat(columns: list[pl.Series | None], parts: list[_Part]) -> pl.Series:
    """Return texts of every part one below the other; a part may have none."""
    if all(column is None for column in columns):
        return one(None, pl.String).new_from_index(0, sum(map(len, parts)))
    return pl.concat(
        one(None, pl.String).new_from_index(0, len(part)) if column is None else column.alias("")
        for column, part in zip(columns, parts, strict=True)
    )


def _positions(parts: list[_Part]) -> list[Array]:
    """Return each charge's place among those of its consignment: by the pack's order, then by item."""
    row = _joined([part.row for part in parts])
    item = _joined([part.item.values for part in parts])
    # The parts stand in the pack's order, which a stable sort keeps where rows and orders agree.
    order = np.lexsort((item, np.repeat(np.arange(len(parts)), list(map(len, parts))), row))
    begins = np.flatnonzero(np.diff(row[order], prepend=-1))
    index = np.empty(len(row), dtype=np.int64)
    index[order] = np.arange(len(row)) - np.repeat(begins, np.diff(begins, append=len(row)))
    return np.split(index, np.cumsum(list(map(len, parts)))[:-1])


def _currency(pack: Pack, consignments: pl.DataFrame) -> str | pl.Series:
    """Return the currency of every consignment's amounts: one where the pack has one, else by member."""
    if not pack.currencies:
        return pack.currency
    names = pack.currencies
    return consignments["destination_country"].replace_strict(
        names, default=pack.currency, return_dtype=pl.String
    )


def order_findings(findings: pl.DataFrame) -> pl.DataFrame:
    """Sort findings of each consignment: errors first, then path, code, words, law; repeats are dropped."""
    rank = pl.col("severity").replace_strict(
        {str(k): v for k, v in SEVERITY_RANK.items()}, return_dtype=pl.Int8
    )
    # What stands in many pieces is put into one first: every step would take each piece by itself.
    whole = findings.rechunk().with_columns(rank.alias("rank"))
    ordered = whole.sort("row", "rank", "path", "code", "message", "law")
    same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(name).shift()) for name in ("row", "path", "code", "message", "law"))
    )
    return ordered.filter(~same.fill_null(False)).select("row", *FINDING_COLUMNS)


def amounts(minor: Vector, digits: int) -> pl.Series:
    """Write minor units as plain decimal strings with all their decimals; null where unknown.

    Amounts of parcels are small, so that most are taken from a table of strings made once.

    Example:
        >>> minor = Vector(np.array([1250, 5, 0, -3, 98765432]), np.array([True, True, False, True, True]))
        >>> amounts(minor, 2).to_list()
        ['12.50', '0.05', None, '-0.03', '987654.32']
    """
    if digits == 0:
        return minor.series().cast(pl.String)
    values = minor.values if minor.known is None else np.where(minor.known, minor.values, 0)
    table = _written(digits)
    inside = (values >= 0) & (values < len(table))
    if inside.all():
        return at(table, Vector(values.astype(np.uint32), minor.known).series())
    text = at(table, _places(np.where(inside, values, 0)))
    places = np.flatnonzero(~inside)
    rest = values[places]
    few = len(rest) <= _FEW_LARGE
    spelt = (
        pl.Series(values=[format_scaled(value, digits) for value in rest.tolist()])
        if few
        else _spelt(rest, digits)
    )
    text = text.scatter(_places(places), spelt)
    return text if minor.known is None else text.zip_with(pl.Series(values=minor.known), one(None, pl.String))


_FEW_LARGE = 200
"""Amounts beyond the table up to which they are written one by one."""


def _spelt(values: Array, digits: int) -> pl.Series:
    """Write amounts that are in no table, of whole units and a fraction."""
    whole, part = np.divmod(np.abs(values), 10**digits)
    sign = one("-", pl.String).zip_with(pl.Series(values=values < 0), one("", pl.String))
    fractions = at(_fractions(digits), _places(part))
    return sign + pl.Series(values=whole).cast(pl.String) + one(".", pl.String) + fractions


@cache
def _fractions(digits: int) -> pl.Series:
    return pl.Series(values=[f"{part:0{digits}}" for part in range(10**digits)])


@cache
def _written(digits: int) -> pl.Series:
    return pl.Series(values=[format_scaled(value, digits) for value in range(60_000)])


def rates(billionths: pl.Series) -> pl.Series:
    """Write rates in billionths as the shortest plain decimals; few distinct rates occur in a batch.

    Example:
        >>> rates(pl.Series([190_000_000, 0, None])).to_list()
        ['0.19', '0', None]
    """
    if len(billionths) <= _FEW_RATES:
        listed = billionths.to_list()
        written = {None: None} | {value: format_rate(value) for value in set(listed) - {None}}
        return pl.Series(values=[written[value] for value in listed], dtype=pl.String)
    distinct = billionths.unique().drop_nulls().to_list()
    names = {value: format_rate(value) for value in distinct}
    if not names:
        return billionths.cast(pl.String)
    if len(names) == 1 and not billionths.null_count():
        return pl.Series(values=[next(iter(names.values()))]).new_from_index(0, len(billionths))
    return billionths.replace_strict(names, default=None, return_dtype=pl.String)


_FEW_RATES = 5_000
"""Rows up to which rates are written one by one."""
