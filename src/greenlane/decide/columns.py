"""A batch decided on columns: outcome, charge and finding rows, equal to what `Decision` says one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from greenlane.assess.plan import CONTESTED, ChargePlan
from greenlane.assess.vocabulary import CHARGE_NAMES
from greenlane.decide.outcome import Versions, missing_element
from greenlane.decide.plan import DISPOSITIONS, DecisionPlan, category_reasons
from greenlane.law.columns import Column, Columns
from greenlane.law.eager import at, filled, known, numbered, one, unknown, where
from greenlane.law.graph import CONSIGNMENT, ITEM, Node
from greenlane.law.leafcolumns import ColumnFacts
from greenlane.law.pack import Cases, Pack, Said, Words
from greenlane.law.parameters import Certainty
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


@dataclass(frozen=True, slots=True)
class Decided:
    """Rows of a batch. ``row`` is the index of the consignment in the frame that was decided."""

    outcomes: pl.DataFrame
    charges: pl.DataFrame
    findings: pl.DataFrame


class BatchDecision:
    """Many consignments under one plan."""

    def __init__(self, plan: DecisionPlan, facts: ColumnFacts) -> None:
        self.plan = plan
        self.facts = facts
        self.columns = Columns(facts)
        self.digits = exponent(plan.assessment.pack.currency)
        self.currency = _currency(plan.assessment.pack, facts.consignments)
        self.count = len(facts.consignments)

    def decide(self, versions: Versions) -> Decided:
        """Return every row of the batch."""
        charges = self._charges(versions)
        findings = self._findings(charges)
        return Decided(
            self._outcomes(versions),
            charges.select("row", *CHARGE_COLUMNS),
            findings,
        )

    # -- outcomes ---------------------------------------------------------------------------------------------

    def _outcomes(self, versions: Versions) -> pl.DataFrame:
        plan, assessed = self.plan, self.plan.assessment
        pack = assessed.pack
        complete = self.columns.series(assessed.complete, pl.Boolean)
        rows = self.facts.consignments
        total = self._amount(assessed.total)
        sure = at(_CERTAINTY, self.columns.series(assessed.certainty))
        frame = pl.DataFrame(
            {
                "row": numbered(self.count),
                "category": self.columns.series(assessed.category).cast(pl.Int8),
                "category_reason": self._first_words(category_reasons(assessed)),
                "customs_value": self._amount(assessed.assessment.customs_value),
                "intrinsic_value": self._amount(assessed.assessment.intrinsic_value),
                "duty": self._amount(assessed.duty),
                "tax": self._amount(assessed.tax),
                "fees": self._amount(assessed.fees),
                "total": total if complete.all() else pl.select(pl.when(complete).then(total)).to_series(),
                "payable_at_border": self._amount(assessed.payable),
                "status": _choice(complete, "assessed", "incomplete"),
                "certainty": sure,
                "disposition": at(_DISPOSITIONS, self.columns.series(plan.disposition)),
                "reasons": self._reasons(),
                "risk.score": self.columns.series(plan.score).cast(pl.Int16),
                "risk.indicators": self._indicators(),
                **{
                    f"minor.{name}": self.columns.series(node)
                    for name, node in (
                        ("value", assessed.assessment.intrinsic_value),
                        ("duty", assessed.duty),
                        ("tax", assessed.tax),
                        ("fees", assessed.fees),
                        ("payable", assessed.payable),
                    )
                },
            }
        )
        many = len(pack.members) > 1
        key = rows["group.key"] if "group.key" in rows.columns else pl.Series([None], dtype=pl.String)
        grouped = pl.lit(key.is_not_null())
        group = [
            pl.when(grouped).then(pl.lit(rows[name])).alias(name)
            if name in rows.columns
            else pl.lit(None, pl.Int64).alias(name)
            for name in ("group.count", "group.ordinal")
        ]
        value = rows["group.value"] if "group.value" in rows.columns else pl.Series([None], dtype=pl.Int64)
        return frame.with_columns(
            rows["consignment_id"],
            pl.lit(pack.code).alias("jurisdiction"),
            (pl.lit(rows["destination_country"]) if many else pl.lit(None, pl.String)).alias("member"),
            pl.lit(self.currency).alias("currency"),
            pl.lit(key).alias("group.key"),
            pl.when(grouped).then(pl.lit(amounts(value, self.digits))).alias("group.value"),
            *group,
            pl.lit(versions.law).alias("law_version"),
            pl.lit(versions.lists).alias("lists_version"),
            pl.lit(versions.model).alias("model_version"),
        )

    def _amount(self, node: Node) -> pl.Series:
        return amounts(self.columns.series(node), self.digits)

    def _first_words(self, pairs: Iterable[tuple[Node, str]]) -> pl.Series:
        chain: Any = None
        for node, words in pairs:
            value = self.columns.value(node)
            if value is False or value is None:
                continue
            if value is True:
                chain = pl.lit(words) if chain is None else chain.otherwise(pl.lit(words))
                break
            chain = (pl if chain is None else chain).when(value).then(pl.lit(words))
        series = pl.select(chain.alias("words")).to_series()
        return series if len(series) == self.count else series.new_from_index(0, self.count)

    def _true_rows(self, node: Node) -> pl.Series | None:
        """Return the rows where the node is true, or None for all of them."""
        value = self.columns.value(node)
        if value is True:
            return None
        if not isinstance(value, pl.Series):
            return pl.Series(values=[], dtype=pl.UInt32)
        return where(value)

    def _reasons(self) -> pl.Series:
        frames = []
        for ground in sorted(self.plan.grounds, key=lambda ground: -ground.rank):
            rows = self._true_rows(ground.when)
            if rows is not None and not len(rows):
                continue
            words = self._words(ground.reason, CONSIGNMENT, rows)
            at = numbered(self.count) if rows is None else rows.cast(pl.UInt32)
            frames.append(pl.DataFrame({"row": at, "text": words}))
        return self._lists(frames, "text", pl.String)

    def _indicators(self) -> pl.Series:
        kind = pl.Struct({"code": pl.String, "weight": pl.Int16, "reason": pl.String})
        frames = []
        for sign in self.plan.indicators:
            rows = self._true_rows(sign.when)
            if rows is not None and not len(rows):
                continue
            at = numbered(self.count) if rows is None else rows.cast(pl.UInt32)
            one = pl.Series(
                values=[{"code": sign.code, "weight": sign.weight, "reason": sign.reason}], dtype=kind
            )
            frames.append(pl.DataFrame({"row": at, "sign": one.new_from_index(0, len(at))}))
        return self._lists(frames, "sign", kind)

    def _lists(self, frames: list[pl.DataFrame], name: str, kind: Any) -> pl.Series:
        """Gather (row, value) frames into one list a consignment, in the order of the frames."""
        if not frames:
            return pl.Series(values=[[]], dtype=pl.List(kind)).new_from_index(0, self.count)
        if len(frames) == 1 and len(frames[0]) == self.count:
            return frames[0].select(pl.concat_list(name)).to_series()
        long = pl.concat(frames).sort("row", maintain_order=True)
        lists = long.group_by("row", maintain_order=True).agg(name)
        if len(lists) == self.count:
            return lists[name]
        every = pl.DataFrame({"row": numbered(self.count)})
        empty = pl.lit([], dtype=pl.List(kind))
        return (
            every.join(lists, on="row", how="left", maintain_order="left")
            .select(pl.col(name).fill_null(empty))
            .to_series()
        )

    def _words(self, text: Words, level: str, rows: pl.Series | None) -> pl.Series:
        """Put amounts and their currency into words, for some rows of a level."""
        length = len(rows) if rows is not None else (len(self.facts.rows) if level == ITEM else self.count)
        parts: list[Any] = []
        for part in text:
            if isinstance(part, str):
                parts.append(pl.lit(part))
                continue
            if isinstance(part, Said):
                places = numbered(length) if rows is None else rows
                parts.append(self._currency_at(self._consignments(places, level)))
                continue
            value = self.columns.at_items(part) if level == ITEM else self.columns.value(part)
            if isinstance(value, pl.Series):
                picked = value if rows is None else value[rows]
                parts.append(pl.lit(amounts(picked, self.digits).fill_null("an unknown amount")))
            else:
                known = pl.Series(values=[value], dtype=pl.Int64)
                parts.append(pl.lit(amounts(known, self.digits).fill_null("an unknown amount")[0]))
        series = pl.select(pl.concat_str(parts)).to_series()
        return series if len(series) == length else series.new_from_index(0, length)

    # -- charges ----------------------------------------------------------------------------------------------

    def _charges(self, versions: Versions) -> pl.DataFrame:
        frames = []
        for order, planned in enumerate(self.plan.assessment.charges):
            frame = self._charge(order, planned)
            if frame is not None:
                frames.append(frame)
        if not frames:
            return pl.DataFrame(schema={"row": pl.UInt32, "index": pl.Int64, **CHARGE_COLUMNS})
        charges = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
        charges = charges.with_columns(
            pl.lit(self.plan.assessment.pack.code).alias("pack"),
            self._currency_at(charges["row"]).alias("currency"),
            pl.lit(versions.law).alias("version"),
        )
        if any(name.startswith("rival.") for name in charges.columns):
            return charges.with_columns(self._positions(charges).alias("index"))
        return charges

    def _positions(self, charges: pl.DataFrame) -> pl.Series:
        """Return each charge's place among those of its consignment: by the pack's order, then by item."""
        place = pl.int_range(pl.len(), dtype=pl.UInt32)
        keys = charges.select("row", "order", "item", place.alias("place")).sort("row", "order", "item")
        row = keys["row"]
        number = pl.Series(values=range(len(row)), dtype=pl.Int64)
        begins = (row != row.shift(1)).fill_null(True)
        first = number.zip_with(begins, pl.Series([None], dtype=pl.Int64)).fill_null(strategy="forward")
        index = pl.Series(values=[0], dtype=pl.Int64).new_from_index(0, len(row))
        return index.scatter(keys["place"], number - first)

    def _charge(self, order: int, planned: ChargePlan) -> pl.DataFrame | None:
        charge = planned.charge
        level = ITEM if ITEM in (charge.level, charge.when.level) else CONSIGNMENT
        when = self.columns.at_items(charge.when) if level == ITEM else self.columns.value(charge.when)
        if when is False:
            return None
        all_rows = when is True or when is None
        size = len(self.facts.rows) if level == ITEM else self.count
        picks = None if all_rows or not isinstance(when, pl.Series) else where(filled(when, True))
        if picks is not None and len(picks) == size:
            picks = None
        if picks is not None and not len(picks):
            return None
        unsure = (isinstance(when, pl.Series) and when.null_count() > 0) or when is None

        def of(node: Node) -> Column:
            value = self.columns.at_items(node) if level == ITEM else self.columns.value(node)
            return value[picks] if isinstance(value, pl.Series) and picks is not None else value

        places = numbered(size) if picks is None else picks.cast(pl.UInt32)
        length = len(places)

        def full(value: Column, kind: Any = pl.Int64) -> pl.Series:
            if isinstance(value, pl.Series):
                return value
            return one(value, kind).new_from_index(0, length)

        applies = True if not unsure else filled(full(of(charge.when), pl.Boolean), False)
        due = full(of(planned.due))
        assessed = full(of(charge.amount))
        if isinstance(applies, pl.Series):
            due, assessed = (s.zip_with(applies, one(None, pl.Int64)) for s in (due, assessed))
        sure = full(of(planned.certainty))
        if due.null_count():
            sure = filled(sure, 3).zip_with(known(due), one(3, type(sure.dtype)))
        row = self.facts.rows[places] if level == ITEM else places
        item_id = self.facts.items["item_id"][places] if level == ITEM else full(None, pl.String)
        due_text = amounts(due, self.digits)
        columns: dict[str, pl.Series] = {
            "row": row,
            "item": places if level == ITEM else full(0, pl.UInt32),
            "item_id": item_id,
            "base": full(None, pl.String)
            if charge.base is None
            else amounts(full(of(charge.base)), self.digits),
            "rate": full(None, pl.String) if charge.rate is None else rates(full(of(charge.rate))),
            "amount": due_text,
            "assessed": due_text if charge.waived is None else amounts(assessed, self.digits),
            "certainty": at(_CERTAINTY, sure),
            "liable": self._case(charge.liable, row, length),
            "payer": self._case(charge.payer or charge.liable, row, length),
        }
        same = {"kind": charge.kind, "name": charge.name, "collected": charge.collected}
        same |= {"rule": charge.rule, "article": charge.law}
        columns |= {name: one(value, pl.String).new_from_index(0, length) for name, value in same.items()}
        columns["order"] = one(order, pl.UInt16).new_from_index(0, length)
        columns |= self._waiver(planned, full(of(planned.waived), pl.Boolean), applies)
        columns |= self._own(planned, of, full)
        return pl.DataFrame(columns | self._rivals(planned, of, full, places, level))

    def _waiver(
        self, planned: ChargePlan, waived: pl.Series, applies: pl.Series | bool
    ) -> dict[str, pl.Series]:
        waiver = planned.charge.waived
        if waiver is None:
            blank = one(None, pl.String).new_from_index(0, len(waived))
            return {"waived.reason": blank, "waived.law": blank}
        hit = filled(waived, False)
        if isinstance(applies, pl.Series):
            hit = hit & applies
        said = {"waived.reason": waiver.reason, "waived.law": waiver.law}
        return {
            name: one(words, pl.String).zip_with(hit, one(None, pl.String)) for name, words in said.items()
        }

    def _own(self, planned: ChargePlan, of: Any, full: Any) -> dict[str, pl.Series]:
        own = planned.charge.own
        if own is None:
            blank = full(None, pl.String)
            return dict.fromkeys(("own.amount", "own.currency", "own.rate"), blank)
        return {
            "own.amount": amounts(full(of(own.amount)), exponent(own.currency)),
            "own.currency": full(own.currency, pl.String),
            "own.rate": rates(full(of(own.rate))),
        }

    def _case(self, pairs: Cases, row: pl.Series, length: int) -> pl.Series:
        if pairs[0][0] is None:
            return pl.Series(values=[pairs[0][1]], dtype=pl.String).new_from_index(0, length)
        chain: Any = pl
        for node, word in pairs:
            if node is None:
                chain = chain.otherwise(pl.lit(word)) if chain is not pl else pl.lit(word)
                break
            value = self.columns.value(node)
            if isinstance(value, pl.Series):
                chain = chain.when(pl.lit(at(value, row))).then(pl.lit(word))
            elif value is True:
                chain = chain.otherwise(pl.lit(word)) if chain is not pl else pl.lit(word)
                break
        series = pl.select(chain.alias("word")).to_series()
        return series if len(series) == length else series.new_from_index(0, length)

    def _rivals(
        self, planned: ChargePlan, of: Any, full: Any, places: pl.Series, level: str
    ) -> dict[str, pl.Series]:
        found: dict[str, pl.Series] = {}
        for number, other in enumerate(planned.rivals):
            differs = of(other.differs)
            if not isinstance(differs, pl.Series) and differs is not True:
                continue
            hit = filled(full(differs, pl.Boolean), False)
            if not hit.any():
                continue
            answers, index = self.facts.resolved(other.leaf)
            own_level = places if other.leaf.level == level else self.facts.rows[places]
            questions = pl.Series(values=[a.question for a in answers], dtype=pl.String)
            laws = pl.Series(values=[a.source or None for a in answers], dtype=pl.String)
            which = index[own_level] if index is not None else full(0, pl.UInt32)
            other_amount = amounts(full(of(other.amount)), self.digits)
            found[f"rival.{number}"] = other_amount.zip_with(hit, one(None, pl.String))
            found[f"rival.{number}.question"] = at(questions, which)
            found[f"rival.{number}.law"] = at(laws, which)
        return found

    # -- findings ---------------------------------------------------------------------------------------------

    def _findings(self, charges: pl.DataFrame) -> pl.DataFrame:
        frames = [*self._contested(charges), *self._remarks(), *self._leaves()]
        frames = [frame for frame in frames if len(frame)]
        if not frames:
            return pl.DataFrame(schema={"row": pl.UInt32, **FINDING_COLUMNS})
        return order_findings(pl.concat(frames, how="diagonal_relaxed"))

    def _contested(self, charges: pl.DataFrame) -> list[pl.DataFrame]:
        found = []
        for name in charges.columns:
            if not name.startswith("rival.") or name.count(".") > 1:
                continue
            hit = charges.filter(pl.col(name).is_not_null())
            question = pl.col(f"{name}.question").str.splitn("|", 2)
            other = question.struct.field("field_1").replace("", None).fill_null("under the other reading")
            words = pl.col("name").replace_strict(CHARGE_NAMES, return_dtype=pl.String)
            found.append(
                hit.select(
                    "row",
                    *_finding(CONTESTED),
                    pl.concat_str(pl.lit("/charges/"), "index").alias("path"),
                    pl.concat_str(
                        question.struct.field("field_0"),
                        pl.lit(" is unsettled; "),
                        other,
                        pl.lit(" the "),
                        words,
                        pl.lit(" is "),
                        pl.col(name),
                        pl.lit("."),
                    ).alias("message"),
                    pl.col(f"{name}.law").alias("law"),
                )
            )
        return found

    def _remarks(self) -> list[pl.DataFrame]:
        found = []
        for remark in self.plan.remarks:
            level = remark.when.level
            rows = self._true_rows(remark.when)
            if rows is not None and not len(rows):
                continue
            size = len(self.facts.rows) if level == ITEM else self.count
            places = numbered(size) if rows is None else rows.cast(pl.UInt32)
            found.append(
                pl.DataFrame(
                    {
                        "row": self._consignments(places, level),
                        "path": self._paths(places, level, remark.path),
                        "message": self._words(remark.message, level, rows),
                    }
                ).with_columns(*_finding(remark.code), pl.lit(remark.law, pl.String).alias("law"))
            )
        return found

    def _leaves(self) -> list[pl.DataFrame]:
        found: list[pl.DataFrame] = []
        families: dict[str, list[Node]] = {}
        incomplete = ~self.columns.series(self.plan.assessment.complete, pl.Boolean)
        for leaf, needed in self.plan.assessment.demand.items():
            if leaf.op == "field":
                found += self._missing(leaf, needed, incomplete)
            elif leaf.op == "param":
                answers, index = self.facts.resolved(leaf)
                found += self._told([answer.findings for answer in answers], index, leaf.level, [needed])
            else:
                families.setdefault(leaf.data[0], []).append(leaf)
        for family, leaves in families.items():
            keys, results = self.facts.lookups(family)
            needs = [self.plan.assessment.demand[leaf] for leaf in leaves]
            found += self._told([result.findings for result in results], keys.index, leaves[0].level, needs)
        return found

    def _missing(self, leaf: Node, needed: Node, incomplete: pl.Series) -> list[pl.DataFrame]:
        value = self.columns.value(leaf)
        if value is not None and (not isinstance(value, pl.Series) or not value.null_count()):
            return []
        if not incomplete.any():
            return []
        size = len(self.facts.rows) if leaf.level == ITEM else self.count
        absent = unknown(value) if isinstance(value, pl.Series) else pl.Series([True]).new_from_index(0, size)
        mask = absent & self._mask(needed, leaf.level)
        mask = mask & (incomplete[self.facts.rows] if leaf.level == ITEM else incomplete)
        places = where(mask)
        if not len(places):
            return []
        finding = missing_element(leaf.data[0], "")
        return [self._same(places, leaf.level, finding)]

    def _mask(self, needed: Node, level: str) -> pl.Series:
        value = self.columns.value(needed)
        size = len(self.facts.rows) if level == ITEM else self.count
        if not isinstance(value, pl.Series):
            return pl.Series(values=[value is True], dtype=pl.Boolean).new_from_index(0, size)
        if needed.level == level:
            return filled(value, False)
        if level == ITEM:
            return filled(value, False)[self.facts.rows]
        hit = self.columns.series(Node("any", (needed,), (), CONSIGNMENT), pl.Boolean)
        return filled(hit, False)

    def _told(
        self, findings: list[tuple[Finding, ...]], index: pl.Series | None, level: str, needs: list[Node]
    ) -> list[pl.DataFrame]:
        """Return rows for findings that the answers behind leaves carry, where the leaves were needed."""
        if not any(findings):
            return []
        mask = self._mask(needs[0], level)
        for needed in needs[1:]:
            mask = mask | self._mask(needed, level)
        found = []
        if index is None:
            places = where(mask)
            return [self._same(places, level, finding) for finding in findings[0] if len(places)]
        carrying = [number for number, told in enumerate(findings) if told]
        told_rows = mask & index.is_in(carrying)
        places = where(told_rows)
        if not len(places):
            return []
        table = pl.DataFrame(
            [
                {
                    "key": number,
                    "code": f.code,
                    "severity": str(kind_of(f.code).severity),
                    "tail": f.path,
                    "message": f.message,
                    "law": f.law,
                }
                for number in carrying
                for f in findings[number]
            ],
            schema={
                "key": pl.UInt32,
                "code": pl.String,
                "severity": pl.String,
                "tail": pl.String,
                "message": pl.String,
                "law": pl.String,
            },
        )
        hits = pl.DataFrame({"place": places, "key": at(index, places)}).join(table, on="key")
        found.append(
            pl.DataFrame(
                {
                    "row": self._consignments(hits["place"], level),
                    "path": self._paths(hits["place"], level, "") + hits["tail"],
                }
            ).with_columns(hits["code"], hits["severity"], hits["message"], hits["law"])
        )
        return found

    def _same(self, places: pl.Series, level: str, finding: Finding) -> pl.DataFrame:
        return pl.DataFrame(
            {"row": self._consignments(places, level), "path": self._paths(places, level, finding.path)}
        ).with_columns(
            *_finding(finding.code),
            pl.lit(finding.message).alias("message"),
            pl.lit(finding.law, pl.String).alias("law"),
        )

    def _consignments(self, places: pl.Series, level: str) -> pl.Series:
        return self.facts.rows[places] if level == ITEM else places

    def _currency_at(self, rows: pl.Series) -> Any:
        """Return the currency of the amounts of some consignments: one literal where all have the same."""
        held = self.currency
        return pl.lit(held) if isinstance(held, str) else pl.lit(held[rows])

    def _paths(self, places: pl.Series, level: str, tail: str) -> pl.Series:
        if level != ITEM:
            return pl.Series(values=[tail], dtype=pl.String).new_from_index(0, len(places))
        number = places - at(self.facts.starts, self.facts.rows[places])
        return pl.select(pl.concat_str(pl.lit("/items/"), pl.lit(number), pl.lit(tail))).to_series()


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
    ordered = findings.with_columns(rank.alias("rank")).sort("row", "rank", "path", "code", "message", "law")
    same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(name).shift()) for name in ("row", "path", "code", "message", "law"))
    )
    return ordered.filter(~same.fill_null(False)).select("row", *FINDING_COLUMNS)


def _finding(code: str) -> list[pl.Expr]:
    return [pl.lit(code).alias("code"), pl.lit(str(kind_of(code).severity)).alias("severity")]


def _choice(condition: pl.Series, yes: str, no: str) -> pl.Series:
    words = pl.Series(values=[no, yes])
    return words[condition.cast(pl.UInt32)]


def amounts(minor: pl.Series, digits: int) -> pl.Series:
    """Write minor units (or null) as plain decimal strings with all their decimals.

    Amounts of parcels are small, so that most are taken from a table of strings made once.

    Example:
        >>> amounts(pl.Series([1250, 5, None, -3, 98765432]), 2).to_list()
        ['12.50', '0.05', None, '-0.03', '987654.32']
    """
    if digits == 0:
        return minor.cast(pl.String)
    if minor.dtype != pl.Int64:
        minor = minor.cast(pl.Int64)
    table = _written(digits)
    low, high = minor.min(), minor.max()
    if low is None or high is None:
        return minor.cast(pl.String)
    if int(low) >= 0 and int(high) < len(table):  # type: ignore[arg-type]
        return at(table, minor)
    inside = (minor >= 0) & (minor < len(table))
    text = at(table, minor.zip_with(inside, one(0, pl.Int64)))
    places = where(~inside)
    rest = [format_scaled(value, digits) for value in at(minor, places)]
    text = text.scatter(places, pl.Series(values=rest, dtype=pl.String))
    return text.zip_with(minor == minor, one(None, pl.String)) if minor.null_count() else text


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
