"""What is owed, by whom and how surely: one graph made from a pack's formula, for both evaluators."""

from collections.abc import Iterable
from dataclasses import dataclass

from greenlane.law.graph import (
    CONSIGNMENT,
    Node,
    certainty,
    choose,
    const,
    demand,
    field,
    known,
    matches,
    pick,
    present,
    rival,
    substitute,
    total,
    walk,
    worse,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, assessment_of
from greenlane.law.parameters import Certainty
from greenlane.values.finding import Severity, declare

CONTESTED = declare(
    "law.contested",
    Severity.INFO,
    "The law has two readings; the pack's declared reading was followed and the other amount is given.",
    "Nothing to do; keep the note for an objection or a later correction.",
)
DATE_ASSUMED = declare(
    "date.assumed",
    Severity.INFO,
    "The date that drives a rule is absent, so the declaration date was used.",
    "Send order_date or export_date.",
)
ELEMENT_UNKNOWN = declare(
    "element.unknown",
    Severity.WARNING,
    "An element that the law needs for this consignment isn't known, so the outcome is incomplete.",
    "Send the element named.",
)
FREIGHT_INSIDE = declare(
    "freight.exceeds_prices",
    Severity.ERROR,
    "The freight said to be inside the prices is more than the prices, so the value of the goods is unknown.",
    "Correct freight, or set freight_in_price to false where freight comes on top.",
)


@dataclass(frozen=True, slots=True)
class Rival:
    """The amount of a charge when one contested leaf is read the other way."""

    leaf: Node
    amount: Node
    differs: Node


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """A charge with everything an outcome says of it."""

    charge: Charge
    waived: Node
    due: Node
    counted: Node
    certainty: Node
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class AssessmentPlan:
    """The nodes of an assessment. Amounts are minor units of the pack's currency."""

    pack: Pack
    formula: Formula
    assessment: Assessment
    charges: tuple[ChargePlan, ...]
    duty: Node
    tax: Node
    fees: Node
    total: Node
    payable: Node
    complete: Node
    certainty: Node
    category: Node
    remarks: tuple[Remark, ...]
    demand: dict[Node, Node]
    """When each field, parameter and look-up was needed."""

    steps: tuple[Node, ...]


def build(pack: Pack, formula: Formula) -> AssessmentPlan:
    """Make the plan of one formula of *pack*."""
    assessment = assessment_of(formula)
    charges = tuple(_charge_plan(charge, pack) for charge in assessment.charges)
    duty, tax, fees = (
        _sum(c.counted for c in charges if c.charge.kind == kind) for kind in ("duty", "tax", "fee")
    )
    payable = _sum(c.counted for c in charges if c.charge.collected == "at_border")
    complete = known(duty) & known(tax) & known(fees) & known(assessment.high_value)
    sureness: Node = certainty(assessment.high_value)
    for plan in charges:
        level = plan.certainty
        sureness = worse(
            sureness, level if level.level == CONSIGNMENT else Node("worst", (level,), (), CONSIGNMENT)
        )
    documents = matches("transaction", "documents")
    category = choose(
        documents,
        1,
        choose(
            known(assessment.high_value) & assessment.high_value,
            4,
            choose(known(payable), choose(payable > 0, 3, 2), 3),
        ),
    )
    remarks = (*assessment.remarks, *_date_remarks(assessment, pack), _freight_remark())
    return AssessmentPlan(
        pack,
        formula,
        assessment,
        charges,
        duty,
        tax,
        fees,
        duty + tax + fees,
        payable,
        complete,
        choose(complete, sureness, int(Certainty.UNKNOWN)),
        category,
        remarks,
        _demand(assessment),
        tuple(n for n in walk(assessment.roots()) if n.op == "step"),
    )


def _charge_plan(charge: Charge, pack: Pack) -> ChargePlan:
    waived = charge.waived.when if charge.waived else const(False)
    due = choose(waived, 0, charge.amount) if charge.waived else charge.amount
    counted_line = choose(charge.when, due, 0)
    counted = total(counted_line) if counted_line.level != CONSIGNMENT else counted_line
    rivals = tuple(_rivals(charge.when, counted_line, pack))
    sure = worse(certainty(charge.when), pick(charge.when, certainty(due), 0))
    for other in rivals:
        sure = worse(sure, pick(other.differs, int(Certainty.CONTESTED), 0))
    return ChargePlan(charge, waived, due, counted, sure, rivals)


def _rivals(when: Node, line: Node, pack: Pack) -> Iterable[Rival]:
    for leaf in walk([line]):
        if _contestable(leaf, pack):
            other = rival(leaf)
            # Of several items only some may have another reading; the rest stay as they are read.
            amount = substitute(line, {leaf: choose(known(other), other, leaf)})
            differs = known(other) & known(amount) & known(line) & ((amount < line) | (line < amount))
            yield Rival(leaf, amount, choose(known(differs) & known(when) & when, differs, False))


def _contestable(leaf: Node, pack: Pack) -> bool:
    if leaf.op == "lookup":
        return pack.lookups[leaf.data[0]].contestable
    if leaf.op != "param":
        return False
    name = leaf.data[0].partition("#")[0]
    return any(d.rival is not None for series in pack.parameters.by_id[name].values.values() for d in series)


def _sum(nodes: Iterable[Node]) -> Node:
    result: Node | None = None
    for node in nodes:
        result = node if result is None else result + node
    return const(0) if result is None else result


def _demand(assessment: Assessment) -> dict[Node, Node]:
    roots = [(const(True), assessment.high_value)]
    for charge in assessment.charges:
        roots.append((const(True), charge.when))
        applies = known(charge.when) & charge.when
        roots.append((applies, charge.amount))
        if charge.waived:
            roots.append((applies, charge.waived.when))
    return demand(roots, lambda node: node.op in ("field", "param", "lookup"))


def _date_remarks(assessment: Assessment, pack: Pack) -> Iterable[Remark]:
    needed = _demand(assessment)
    for driver in ("order", "export"):
        when: Node | None = None
        for leaf, mask in needed.items():
            if leaf.op != "field" and _driver(leaf, pack) == driver:
                here = mask if mask.level == CONSIGNMENT else Node("any", (mask,), (), CONSIGNMENT)
                when = here if when is None else when | here
        if when is not None:
            absent = ~present(f"{driver}_date")
            text = f"{driver}_date is absent; the declaration date was used for the rule that it drives"
            yield Remark(DATE_ASSUMED, when & absent, (text,), f"/{driver}_date")


def _freight_remark() -> Remark:
    beyond = field("freight_in_price") & (total(field("items.value")) < field("freight"))
    text = "the freight inside the prices is more than the prices"
    return Remark(FREIGHT_INSIDE, beyond, (text,), "/freight", asks=True)


def _driver(leaf: Node, pack: Pack) -> str:
    if leaf.op == "param":
        return pack.parameters.by_id[leaf.data[0].partition("#")[0]].date
    return pack.lookups[leaf.data[0]].day
