"""A commodity code that is short or not given: every code it may stand for, and the lowest and highest charges."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from greenlane.assess.plan import CONTESTED
from greenlane.decide.outcome import Decision
from greenlane.engine.context import Context
from greenlane.law.graph import walk
from greenlane.law.leaves import Resolver, SingleFacts
from greenlane.law.pack import Formula, LookupResult, Pack
from greenlane.tariff import Answer, Schedule, TariffBook
from greenlane.tariff.schedule import Certainty, edition_on

CODE = "items.hs_code"
_TOLD = 200
"""Decisions whose other readings are looked for."""

MOST_DECISIONS = 3_000
"""Combinations of several short codes that are decided one by one; beyond, one item at a time."""


class Leaning(TariffBook):
    """A tariff book that answers a code of several rates by the lowest or the highest of them."""

    __slots__ = ("_high",)

    def __init__(self, book: TariffBook, high: bool) -> None:
        super().__init__(book.schedules, book.lists)
        self._high = high

    def duty(
        self, schedule: str, hs_code: str, origin: str | None, day: date, known_at: date | None = None
    ) -> Answer:
        """Return the answer of the book, or one end of its range."""
        answer = super().duty(schedule, hs_code, origin, day, known_at)
        end = answer.high if self._high else answer.low
        if answer.rate is not None or end is None:
            return answer
        return replace(answer, rate=end, certainty=Certainty.UNVERIFIED, findings=())


class LeaningFacts(SingleFacts):
    """The leaves of a consignment whose items may each be answered by a resolver of its own."""

    def __init__(
        self, row: Mapping[str, Any], items: list[Mapping[str, Any]], resolvers: Sequence[Resolver]
    ) -> None:
        super().__init__(row, items, resolvers[0])
        self._resolvers = resolvers

    def lookup(self, family: str, item: int) -> LookupResult:
        """Return what a look-up says for one of the items, from its own resolver."""
        found = self._asked.get((family, item))
        if found is None:
            table = self.resolver.pack.lookups[family]
            keys = tuple(self.text(name, item) for name in table.texts)
            found = self._resolvers[item].lookup(family, keys, self.days[table.day])
            self._asked[family, item] = found
        return found


@dataclass(frozen=True, slots=True)
class Possible:
    """The codes that an item may have: from which publication, and whether only part of it is held."""

    item: int
    given: str
    codes: tuple[str, ...]
    source: str
    own: bool
    """True where the publication is the destination's own tariff."""
    partial: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """Codes of one item that no look-up tells apart; ``leaning`` None, or the end of a code of several rates."""

    codes: tuple[str, ...]
    leaning: str | None


@dataclass(frozen=True, slots=True)
class End:
    """One end of the range: its decision and, for each item with a short code, the codes that lead to it."""

    decision: Decision
    codes: dict[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CodeRange:
    """The lowest and the highest charges over all possible codes; None where none can be worked out.

    ``uncounted`` is, by item, how many codes bear charges that cannot be worked out. ``exact`` False: there
    are too many combinations, each item was varied with the others at their own end, and a wider range is
    possible.
    """

    possible: tuple[Possible, ...]
    low: End | None
    high: End | None
    kinds: int
    uncounted: dict[int, int]
    exact: bool
    contested: tuple[str, ...] = ()
    """What is unsettled for some of the codes."""

    @property
    def partial(self) -> bool:
        """Whether a publication behind it is held in part."""
        return any(one.partial for one in self.possible)

    @property
    def definite(self) -> bool:
        """Whether every possible code leads to the same charges."""
        if self.low is None or self.high is None or any(self.uncounted.values()):
            return False
        return _charges(self.low.decision) == _charges(self.high.decision)


def possible_codes(
    row: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    short: Mapping[str, str],
    law: Pack,
    context: Context,
) -> tuple[Possible, ...]:
    """Return the items whose code may stand for several, with those codes.

    Where no tariff of the destination is held, they are the six-digit subheadings of another publication that
    is held, because those are common to all; the duty then stays unknown.
    """
    day = row["declaration_date"]
    book, known_at = context.book, context.known_at
    own = next((s for s in (book.schedule(name, day, known_at) for name in law.uses) if s is not None), None)
    found = []
    for place, item in enumerate(items):
        code = short.get(item["item_id"]) or item["hs_code"] or ""
        if own is not None:
            codes = own.possible(code, day)
            source, partial = own.title, own.partial
        else:
            common = _common(book.schedules, day, known_at)
            codes = _subheadings(common, code, day) if common is not None and len(code) < 6 else ()
            source, partial = (common.title, common.partial) if common is not None else ("", True)
        if len(code) >= 6 and len(codes) < 2:
            # One line: the tariff answers for the code as given, unless that line itself has several rates.
            assumed = context.assumptions.duty(code, item["origin_country"]) is not None
            if own is None or assumed or not _several(book, own, code, item["origin_country"], day, known_at):
                continue
            codes = (code,)
        found.append(Possible(place, code, codes, source, own is not None, partial))
    return tuple(found)


def _several(
    book: TariffBook, own: Schedule, code: str, origin: str | None, day: date, known_at: date | None
) -> bool:
    """True where the tariff holds several rates for the whole code, and their ends."""
    answer = book.duty(own.schedule_id, code, origin, day, known_at)
    return answer.rate is None and (answer.low is not None or answer.high is not None)


def _common(schedules: Iterable[Schedule], day: date, known_at: date | None) -> Schedule | None:
    """Return a publication of the day's edition that has the most lines."""
    fit = [
        s
        for s in schedules
        if s.edition == edition_on(day)
        and s.valid_from <= day
        and (known_at is None or s.recorded <= known_at)
        and all(len(code) >= 6 for code in s.lines)
    ]
    return max(fit, key=lambda s: (len(s.lines), s.schedule_id), default=None)


def _subheadings(schedule: Schedule, prefix: str, day: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code[:6] for code in schedule.possible(prefix, day)))


def code_range(
    row: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    possible: tuple[Possible, ...],
    law: Pack,
    formula: Formula,
    leanings: "Leanings",
) -> CodeRange:
    """Decide the consignment for every kind of goods that its short codes may stand for."""
    return _Search(row, items, possible, law, formula, leanings).run()


class Leanings:
    """A run's context, and the two that answer a code of several rates by one end; made when first needed."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._held: dict[str, Context] = {}

    def resolver(self, code: str, leaning: str | None) -> Resolver:
        """Return the resolver of a pack: of the run as it is, or leaning to ``lowest`` or ``highest``."""
        if leaning is None:
            return self.context.resolver(code)
        if leaning not in self._held:
            run = self.context
            reference = replace(run.reference, tariff=Leaning(run.book, leaning == "highest"))
            self._held[leaning] = Context(reference, run.known_at, run.assumptions, run.profile, run.key)
        return self._held[leaning].resolver(code)


class _Search:
    def __init__(
        self,
        row: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        possible: tuple[Possible, ...],
        law: Pack,
        formula: Formula,
        leanings: Leanings,
    ) -> None:
        self.row, self.items, self.possible = row, list(items), possible
        self.plan = leanings.context.plan(law, formula)
        self.law, self.leanings = law, leanings
        self.families = [name for name, table in law.lookups.items() if CODE in table.texts]
        roots = self.plan.assessment.assessment.roots()
        nodes = list(walk(roots))
        self.compared = any(
            n.op in ("first", "collect") and any(k.startswith(CODE) for k in n.data) for n in nodes
        )
        self.named = [n for n in nodes if n.op == "matches" and n.data[0] == CODE and n.data[1] is not None]
        self.kinds = [self._kinds(one) for one in possible]

    def _facts(self, chosen: Mapping[int, tuple[str, str | None]]) -> LeaningFacts:
        rows: list[Mapping[str, Any]] = []
        resolvers = []
        for place, item in enumerate(self.items):
            code, leaning = chosen.get(place, (item["hs_code"], None))
            rows.append({**item, "hs_code": code})
            resolvers.append(self.leanings.resolver(self.law.code, leaning))
        return LeaningFacts(self.row, rows, resolvers)

    def _kinds(self, one: Possible) -> list[Kind]:
        """Put together the codes that nothing tells apart."""
        alike: dict[tuple[Any, ...], list[str]] = {}
        kept: dict[tuple[Any, ...], str | None] = {}
        others = self._other_codes(one)
        for code in one.codes:
            mark = self._mark(one.item, code, None)
            leanings: tuple[str | None, ...] = (None,)
            if _unknown(mark):
                ends = {end: self._mark(one.item, code, end) for end in ("lowest", "highest")}
                leanings = tuple(ends) if any(found != mark for found in ends.values()) else (None,)
            for leaning in leanings:
                key = (self._mark(one.item, code, leaning), others.get(code[:6]))
                alike.setdefault(key, []).append(code)
                kept.setdefault(key, leaning)
        return [Kind(tuple(codes), kept[key]) for key, codes in alike.items()]

    def _other_codes(self, one: Possible) -> dict[str, str]:
        """Return the subheadings of the other items, where the law counts goods of one code once."""
        if not self.compared:
            return {}
        others = [item["hs_code"] for place, item in enumerate(self.items) if place != one.item]
        return {code[:6]: code for code in others if code}

    def _mark(self, place: int, code: str, leaning: str | None) -> tuple[Any, ...]:
        facts = self._facts({place: (code, leaning)})
        answers = []
        for family in self.families:
            parts = facts.lookup(family, place).parts
            answers += [(family, name, p.value, p.rival, p.certainty) for name, p in sorted(parts.items())]
        return (*answers, *(code in node.data[1] for node in self.named))

    def run(self) -> CodeRange:
        sizes = [len(kinds) for kinds in self.kinds]
        count = 1
        for size in sizes:
            count *= size * (len(self.possible) if self.compared else 1)
        if not count:
            return CodeRange(
                self.possible, None, None, 0, {p.item: len(p.codes) for p in self.possible}, True
            )
        exact = count <= MOST_DECISIONS
        options = [self._options(kinds) for kinds in self.kinds]
        tried = self._all(options) if exact else self._one_by_one(options)
        known = [(amount, decision, chosen) for amount, decision, chosen in tried if amount is not None]
        uncounted = {
            one.item: len(set(one.codes) - {c for *_, chosen in known for c in chosen[place][0].codes})
            for place, one in enumerate(self.possible)
        }
        if not known:
            return CodeRange(self.possible, None, None, sum(sizes), uncounted, exact)
        low, high = (self._end(known, pick(entry[0] for entry in known)) for pick in (min, max))
        contested = (f for _, one, _ in known[:_TOLD] for f in one.findings() if f.code == CONTESTED)
        told = {found.message.partition("; ")[0]: None for found in contested}
        return CodeRange(self.possible, low, high, sum(sizes), uncounted, exact, tuple(told))

    def _options(self, kinds: list[Kind]) -> list[tuple[Kind, str]]:
        """Return each kind with the codes to try: several where the law compares the codes of items."""
        found = []
        for kind in kinds:
            codes = kind.codes
            if self.compared:
                codes = tuple({code[:6]: code for code in codes}.values())
            found += [(kind, code) for code in codes[: len(self.possible) if self.compared else 1]]
        return found

    def _decide(self, chosen: Sequence[tuple[Kind, str]]) -> tuple[int | None, Decision]:
        codes = {
            one.item: (code, kind.leaning) for one, (kind, code) in zip(self.possible, chosen, strict=True)
        }
        decision = Decision(self.plan, self._facts(codes))
        return _charges(decision), decision

    def _all(
        self, options: list[list[tuple[Kind, str]]]
    ) -> list[tuple[int | None, Decision, tuple[tuple[Kind, str], ...]]]:
        return [(*self._decide(chosen), chosen) for chosen in product(*options)]

    def _one_by_one(
        self, options: list[list[tuple[Kind, str]]]
    ) -> list[tuple[int | None, Decision, tuple[tuple[Kind, str], ...]]]:
        """Vary one item at a time, twice around, towards each end."""
        tried: dict[tuple[str, ...], tuple[int | None, Decision, tuple[tuple[Kind, str], ...]]] = {}
        for better in (min, max):
            chosen = [listed[0] for listed in options]
            for place in [*range(len(options))] * 2:
                found = []
                for option in options[place]:
                    trial = (*chosen[:place], option, *chosen[place + 1 :])
                    key = tuple(f"{code}{kind.leaning}" for kind, code in trial)
                    if key not in tried:
                        tried[key] = (*self._decide(trial), trial)
                    if tried[key][0] is not None:
                        found.append(tried[key])
                if found:
                    best = better(found, key=lambda entry: entry[0] or 0)
                    chosen = list(best[2])
        return list(tried.values())

    def _end(self, known: Sequence[tuple[int, Decision, tuple[tuple[Kind, str], ...]]], amount: int) -> End:
        at = [entry for entry in known if entry[0] == amount]
        codes = {
            one.item: tuple(dict.fromkeys(c for *_, chosen in at for c in chosen[place][0].codes))
            for place, one in enumerate(self.possible)
        }
        return End(at[0][1], codes)


def _unknown(mark: tuple[Any, ...]) -> bool:
    return any(isinstance(part, tuple) and part[2] is None for part in mark)


def _charges(decision: Decision) -> int | None:
    """Return the sum of the charges, or None where the outcome is incomplete."""
    assessed = decision.plan.assessment
    complete = decision.ints.value(assessed.complete) is True
    value = decision.ints.value(assessed.total) if complete else None
    return None if value is None else int(value)


__all__ = ["CodeRange", "End", "Leanings", "Possible", "code_range", "possible_codes"]
