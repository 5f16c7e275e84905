"""Risk indicators as formula nodes, weighed by a versioned profile.

What an indicator reads beside the law's own values are facts computed before (see `greenlane.risk.screening`):
matches against dated term lists, doubtful identifiers, what the same consignee receives on the same day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import yaml

from greenlane.law.graph import (
    ITEM,
    Node,
    any_item,
    choose,
    const,
    field,
    known,
    matches,
    muldiv,
    present,
    smaller,
)
from greenlane.law.pack import Assessment, Pack, Remark
from greenlane.values.finding import Severity, declare
from greenlane.values.money import Rounding

VAGUE = declare(
    "description.vague",
    Severity.ERROR,
    "A description is nothing but a term that says too little, so it can't be accepted.",
    "Say what the goods are, of what material and for what use: women's cotton T-shirt, not clothes.",
)
VAGUE_TERM = declare(
    "description.vague_term",
    Severity.WARNING,
    "A description holds a term that says too little.",
    "Replace the term by what the goods are.",
)
PROHIBITED = declare(
    "goods.prohibited",
    Severity.WARNING,
    "A commodity code falls under the list of prohibited or restricted goods.",
    "Show the licence, or do not send the goods.",
)
PROHIBITED_WORD = declare(
    "goods.prohibited_word",
    Severity.WARNING,
    "A description names goods of the list of prohibited or restricted goods.",
    "Describe the goods exactly; show the licence where one is needed.",
)
SPLIT = declare(
    "split.order",
    Severity.WARNING,
    "Several consignments to one consignee on one day stay below a threshold that their sum exceeds.",
    "Declare one order as one consignment.",
)
SCHEME_ID = declare(
    "scheme_id.missing",
    Severity.WARNING,
    "A tax scheme is claimed without its registration number.",
    "Send scheme_id.",
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One sign of risk: its code, its weight out of 1,000, when it shows and why it counts, in words."""

    code: str
    weight: int
    when: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A version of the weights and thresholds."""

    version: str
    inspect_from: int
    weights: Mapping[str, int]
    value_per_kg: Mapping[str, int]
    factors: Mapping[str, int]
    digest: str

    @property
    def model_version(self) -> str:
        """Name and digest, as an outcome states it."""
        return f"{self.version}-{self.digest[:12]}"


@cache
def starter_profile() -> Profile:
    """Return the packaged profile.

    Example:
        >>> starter_profile().inspect_from
        600
    """
    text = files("greenlane.risk").joinpath("profile.yaml").read_text(encoding="utf-8")
    return read_profile(text)


def read_profile(text: str) -> Profile:
    """Read a profile's YAML."""
    document: Mapping[str, Any] = yaml.safe_load(text)
    weights = {code: int(entry["weight"]) for code, entry in document["indicators"].items()}
    return Profile(
        str(document["version"]),
        int(document["thresholds"]["inspect"]),
        weights,
        document["value_per_kg"],
        document["currency_factor"],
        sha256(text.encode()).hexdigest(),
    )


def holds(condition: Node) -> Node:
    """True where the condition is known to hold; an unknown condition doesn't."""
    at_consignment = any_item(condition) if condition.level == ITEM else condition
    return choose(known(at_consignment), at_consignment, False)


def indicators(pack: Pack, assessment: Assessment, profile: Profile) -> tuple[Indicator, ...]:
    """Return the indicators for one pack, in a fixed order."""
    reasons: dict[str, tuple[Node, str]] = {
        "goods.prohibited": (field("items.screen.prohibited"), "the code is on the list of prohibited goods"),
        "goods.prohibited_word": (
            field("items.screen.prohibited_word"),
            "the description names prohibited or restricted goods",
        ),
        "description.vague": (field("items.screen.vague"), "a description says nothing but a vague term"),
        "description.vague_term": (field("items.screen.vague_term"), "a description holds a vague term"),
        "split.order": (split(assessment), "the sum for this consignee and day exceeds a threshold"),
        "identity.reused": (field("screen.reused_id"), "one person's id comes with several names"),
        "value.low_for_weight": (
            _per_kg(pack, assessment, profile, "low"),
            "the value is low for the weight",
        ),
        "value.high_for_weight": (
            _per_kg(pack, assessment, profile, "high"),
            "the value is high for the weight",
        ),
        "identifier.doubtful": (field("screen.doubtful_id"), "an identifier fails its check digit"),
        "identifier.missing": (scheme_without_id(pack), "a tax scheme is claimed without its number"),
        "mass.missing": (~known(field("items.gross_mass_mg")), "the gross mass of an item isn't given"),
    }
    return tuple(
        Indicator(code, profile.weights[code], holds(when), reason)
        for code, (when, reason) in reasons.items()
        if code in profile.weights
    )


def split(assessment: Assessment) -> Node:
    """True where consignments of one consignee and day each stay below a limit that their sum exceeds."""
    if assessment.split_limit is None:
        return const(False)
    limit = assessment.split_limit
    together = (field("group.count") > 1) & (field("group.value") > limit)
    return together & (assessment.intrinsic_value <= limit)


def scheme_without_id(pack: Pack) -> Node:
    """True where a scheme is named that carries a number, and its number is not."""
    if not pack.numbered:
        return const(False)
    return matches("scheme", *pack.numbered) & ~present("scheme_id")


def score(shown: tuple[Indicator, ...]) -> Node:
    """The sum of the weights of what shows, at most 1,000."""
    total: Node = const(0)
    for indicator in shown:
        total = total + choose(indicator.when, indicator.weight, 0)
    return smaller(total, 1000)


def remarks(pack: Pack, assessment: Assessment) -> tuple[Remark, ...]:
    """Findings that the facts of screening raise."""
    return (
        Remark(
            VAGUE,
            field("items.screen.vague"),
            ("the description is a term of the list of vague descriptions; say what the goods are",),
            "/description",
            asks=True,
        ),
        Remark(
            VAGUE_TERM,
            field("items.screen.vague_term"),
            ("the description holds a term of the list of vague descriptions",),
            "/description",
        ),
        Remark(
            PROHIBITED,
            field("items.screen.prohibited"),
            ("the commodity code falls under the list of prohibited or restricted goods",),
            "/hs_code",
        ),
        Remark(
            PROHIBITED_WORD,
            field("items.screen.prohibited_word"),
            ("the description names goods of the list of prohibited or restricted goods",),
            "/description",
        ),
        Remark(
            SPLIT,
            split(assessment),
            (
                "together with the other consignments to this consignee on this day the value is ",
                field("group.value"),
                ", above the threshold",
            ),
            "",
        ),
        Remark(
            SCHEME_ID, scheme_without_id(pack), ("a tax scheme is claimed without its number",), "/scheme_id"
        ),
    )


def _per_kg(pack: Pack, assessment: Assessment, profile: Profile, side: str) -> Node:
    value = assessment.item_value
    if value is None:
        return const(False)
    mass = field("items.gross_mass_mg")
    found: Node = const(False)
    for currency in reversed(pack.every_currency):
        factor = profile.factors.get(currency)
        if factor is None:
            continue
        limit = muldiv(mass, [profile.value_per_kg[side] * factor], [1_000_000], Rounding.DOWN)
        outlier = (mass > 0) & (value < limit if side == "low" else value > limit)
        members = [member for member, own in pack.currencies.items() if own == currency]
        found = choose(matches("destination_country", *members), outlier, found) if members else outlier
    return found
