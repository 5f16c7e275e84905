"""Assessment and risk together: what happens to a consignment and why, as one graph for both evaluators."""

from dataclasses import dataclass, field

from greenlane.assess.plan import AssessmentPlan, build
from greenlane.assess.vocabulary import CHARGE_NAMES
from greenlane.law.graph import Node, choose, const, known, larger, matches
from greenlane.law.pack import Formula, Pack, Remark, Said, Words
from greenlane.law.shared import Shared
from greenlane.risk.indicators import Indicator, Profile, holds, indicators, remarks, score

DISPOSITIONS = (
    "release",
    "release_on_payment",
    "request_information",
    "request_screening",
    "inspect",
    "hold",
    "do_not_load",
    "refuse",
)
"""From best to worst; the worst that applies wins."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a disposition applies: at consignment level, with its words."""

    disposition: str
    when: Node
    reason: Words

    @property
    def rank(self) -> int:
        """Position from best to worst."""
        return DISPOSITIONS.index(self.disposition)


@dataclass(frozen=True, slots=True)
class DecisionPlan:
    """Every node of an outcome."""

    assessment: AssessmentPlan
    indicators: tuple[Indicator, ...]
    score: Node
    remarks: tuple[Remark, ...]
    grounds: tuple[Ground, ...]
    disposition: Node
    profile: Profile
    shared: Shared = field(default_factory=Shared, compare=False, repr=False)
    """What the batches under this plan have in common."""


def plan(pack: Pack, formula: Formula, profile: Profile) -> DecisionPlan:
    """Make the decision plan of one formula of a pack under a risk profile."""
    assessed = build(pack, formula)
    signs = indicators(pack, assessed.assessment, profile)
    points = score(signs)
    found = (*assessed.remarks, *remarks(pack, assessed.assessment))
    grounds = _grounds(assessed, signs, points, found, profile)
    worst: Node = const(0)
    for ground in grounds:
        worst = larger(worst, choose(ground.when, ground.rank, 0))
    return DecisionPlan(assessed, signs, points, found, grounds, worst, profile)


def _grounds(
    assessed: AssessmentPlan,
    signs: tuple[Indicator, ...],
    points: Node,
    found: tuple[Remark, ...],
    profile: Profile,
) -> tuple[Ground, ...]:
    by_code = {sign.code: sign for sign in signs}
    payable = assessed.payable
    grounds = [
        Ground("hold", ~assessed.complete, ("what is owed can't be worked out yet, see the findings",)),
    ]
    if "goods.prohibited" in by_code:
        sign = by_code["goods.prohibited"]
        grounds.append(Ground("hold", sign.when, (sign.reason,)))
    if "goods.prohibited_word" in by_code:
        sign = by_code["goods.prohibited_word"]
        grounds.append(Ground("inspect", sign.when, (sign.reason,)))
    grounds.append(
        Ground(
            "inspect",
            points >= profile.inspect_from,
            ("the risk indicators together reach the inspection line",),
        )
    )
    grounds += [
        Ground("request_information", holds(remark.when), remark.message) for remark in found if remark.asks
    ]
    by_name: dict[str, Node] = {}
    for charge in assessed.charges:
        if charge.charge.collected == "at_border":
            name = charge.charge.name
            by_name[name] = by_name[name] + charge.counted if name in by_name else charge.counted
    for name, amount in by_name.items():
        words = (amount, " ", Said.CURRENCY, f" {CHARGE_NAMES[name]} is due at the border")
        grounds.append(Ground("release_on_payment", choose(known(amount), amount > 0, False), words))
    free = choose(known(payable), ~(payable > 0), False) & assessed.complete
    grounds.append(Ground("release", free, ("nothing is due at the border",)))
    return tuple(grounds)


def category_reasons(assessed: AssessmentPlan) -> tuple[tuple[Node, str], ...]:
    """Return (condition, words) for the category, tried in order."""
    high = assessed.assessment.high_value
    return (
        (matches("transaction", "documents"), "correspondence and documents"),
        (holds(high), "above the limit of simplified clearance"),
        (choose(known(assessed.payable), assessed.payable > 0, False), "something is payable at the border"),
        (~known(assessed.payable), "an amount that may be payable at the border isn't known"),
        (const(True), "low value, nothing payable at the border"),
    )
