"""Whatever is assessed, replaced, paid, deferred, refunded and declared in whatever order, the book holds."""

from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bookkeeping import charged, later, outcome
from greenlane.ledger import (
    CASH,
    SCHEMES,
    Account,
    DeferredAccount,
    Goods,
    ItemLine,
    Period,
    PostingRefused,
    Transfer,
    balance,
    check_book,
    defer,
    due_at_border,
    file_return,
    lines_of,
    obligations,
    open_items,
    pay,
    pay_out,
    period_return,
    reassess,
    reconcile,
    refund,
    release_claims,
    release_credit,
    settle,
    take_back,
    trial_balance,
)

IOSS = SCHEMES["IOSS"]
SELLER = Account("receivable:seller/S1:at_sale")
CARRIER_ACCOUNT = DeferredAccount("D1", "carrier/C1", "EUR", 10**9)
HOLDERS = ("buyer/0", "buyer/1", "buyer/2", "seller/S1", "carrier/C1")
GOODS = {"1": Goods(3000, 1001), "2": Goods(7000, 2000)}
KEYS = st.integers(0, 2)
CENTS = st.integers(0, 1500).map(lambda cents: f"{cents // 100}.{cents % 100:02}")


@st.composite
def outcomes(draw: st.DrawFn) -> dict[str, Any]:
    """VAT of two items at sale or at the border, a duty and a levy of the whole."""
    at_sale = draw(st.booleans())
    moment, payer = ("at_sale", "seller") if at_sale else ("at_border", "buyer")
    vat = [charged(draw(CENTS), "vat", moment, payer, item, base="10.00", rate="0.19") for item in ("1", "2")]
    duty = charged(
        draw(CENTS), "customs_duty", "at_border", draw(st.sampled_from(["buyer", "carrier"])), None
    )
    levy = charged(draw(CENTS), "parcel_levy", "at_border", "buyer", None)
    return outcome(*vat, duty, levy, jurisdiction="eu", member=draw(st.sampled_from(["DE", "FR"])))


class Books(RuleBasedStateMachine):
    """Three consignments, a seller with returns, a carrier with a deferred account."""

    def __init__(self) -> None:
        super().__init__()
        self.book: list[Transfer] = []
        self.outcomes: dict[int, dict[str, Any]] = {}
        self.versions: dict[int, int] = {}
        self.back: dict[int, dict[str, int]] = {}
        self.lines: dict[int, list[ItemLine]] = {}
        self.waiting: list[ItemLine] = []
        self.months = 0
        self.step = 0
        self.paid_in = 0

    def post(self, made: list[Transfer]) -> None:
        """Post, and check that each id is new."""
        known = {t.id for t in self.book}
        assert not known & {t.id for t in made}
        self.book += made

    def now(self) -> tuple[str, Any]:
        """A reference and a time of its own for each step."""
        self.step += 1
        return f"S{self.step}", later(31 * self.months)

    def told(self, key: int, lines: list[ItemLine]) -> None:
        """Keep lines for the next return."""
        self.lines.setdefault(key, []).extend(lines)
        self.waiting += lines

    @rule(key=KEYS, made=outcomes())
    def assess(self, key: int, made: dict[str, Any]) -> None:
        """The first decision, or one that replaces the last."""
        _, at = self.now()
        version = self.versions.get(key, 0) + 1
        names = {"seller": "S1", "carrier": "C1"}
        if version == 1:
            new = obligations(key, 1, "post-cn", made, at, names)
        else:
            new = reassess(self.book, key, version, "post-cn", made, at, names)
            self.told(key, take_back(self.lines.get(key, []), f"decision {version}"))
            stored = sorted([*self.book, *new], key=lambda t: (t.at, t.id))
            again = reassess(stored, key, version, "post-cn", made, at, names)
            assert sorted(again, key=lambda t: t.id) == sorted(new, key=lambda t: t.id)
        self.post(new)
        self.told(key, lines_of(new, made, IOSS, at.date()))
        self.versions[key], self.outcomes[key], self.back[key] = version, made, {}

    @rule(holder=st.sampled_from(HOLDERS), cents=st.integers(1, 3000), whose=st.booleans())
    def money_comes_in(self, holder: str, cents: int, whose: bool) -> None:
        """Part, full or over payment, of one's own items or of everybody's."""
        reference, at = self.now()
        items = [i for i in open_items(self.book) if i.account != CARRIER_ACCOUNT.account]
        mine = [i for i in items if i.holder == holder] if whose else items
        self.post(pay(mine, cents, "EUR", holder, reference, at))
        self.paid_in += cents

    @rule(key=KEYS)
    def put_on_account(self, key: int) -> None:
        """What is open at the border of one consignment goes on the deferred account."""
        reference, at = self.now()
        own = [t for t in self.book if t.cause.key == key]
        items = [i for i in open_items(own) if i.account.endswith(":at_border")]
        self.post(defer(CARRIER_ACCOUNT, items, 0, reference, at))
        own = [t for t in self.book if t.cause.key == key]
        assert due_at_border(own) == {}

    @rule(cents=st.integers(1, 3000))
    def account_is_paid(self, cents: int) -> None:
        """The carrier pays its account, in part or too much."""
        reference, at = self.now()
        self.post(settle(CARRIER_ACCOUNT, self.book, cents, reference, at))
        self.paid_in += cents

    @precondition(lambda self: self.versions)
    @rule(key=KEYS, item=st.sampled_from(["1", "2"]), quantity=st.integers(1, 4000))
    def goods_come_back(self, key: int, item: str, quantity: int) -> None:
        """A refund is exact, or refused as more than came in."""
        if key not in self.versions:
            return
        reference, at = self.now()
        before = self.back[key]
        try:
            made = refund(
                key, self.versions[key], self.outcomes[key], GOODS, {item: quantity}, before, self.book,
                reference, at, [n for n in self.lines.get(key, []) if n.source == ""
                                and n.cause.version == self.versions[key]],
            )  # fmt: skip
        except PostingRefused as refused:
            assert refused.finding.code == "ledger.more_than_taken"
            assert before.get(item, 0) + quantity > GOODS[item].quantity
            return
        self.post(list(made.transfers))
        self.told(key, list(made.lines))
        before[item] = before.get(item, 0) + quantity

    @rule()
    def a_month_is_declared(self) -> None:
        """The seller's return of the month reconciles, and nothing that was taken at sale stays undeclared."""
        _, at = self.now()
        period = Period.of(at.date())
        made = period_return(IOSS, period, SELLER, self.waiting, date(2028, 1, 1), "EUR")
        assert made.left_out == ()
        assert sum(made.balances.values()) == sum(line.tax for line in self.waiting)
        assert sum(row.tax for row in made.rows) + sum(c.tax for c in made.corrections) == sum(
            line.tax for line in made.lines
        )
        self.post(file_return(made, at))
        assert reconcile(made, self.book) == []
        assert balance(self.book, SELLER, "EUR") == 0
        self.waiting = []
        self.months += 1

    @rule(holder=st.sampled_from(HOLDERS), cents=st.integers(1, 3000))
    def money_goes_out(self, holder: str, cents: int) -> None:
        """Claims and credits that are free go to the deposit; a deposit pays out what it holds and no more."""
        reference, at = self.now()
        self.post(release_claims(self.book, holder, at))
        if holder == CARRIER_ACCOUNT.holder:
            self.post(release_credit(CARRIER_ACCOUNT, self.book, reference, at))
        held = -balance(self.book, Account(f"deposit:{holder}"), "EUR")
        try:
            self.post(pay_out(holder, cents, "EUR", held, reference, at))
        except PostingRefused:
            assert cents > held

    @invariant()
    def holds_together(self) -> None:
        """The check finds nothing; both sides are equal; no more went out than came in."""
        assert check_book(self.book) == []
        sums = trial_balance(self.book).values()
        assert sum(both.debits for both in sums) == sum(both.credits for both in sums)
        cash = balance(self.book, CASH, "EUR")
        assert 0 <= cash <= self.paid_in

    @invariant()
    def revenue_is_what_stands(self) -> None:
        """Revenue is what the standing decisions charge, less what their goods that came back took with them."""
        charged_now = sum(
            int(c["amount"].replace(".", "")) for made in self.outcomes.values() for c in made["charges"]
        )
        taken_back = sum(
            t.amount
            for t in self.book
            if t.kind == "refund" and t.cause.version == self.versions.get(t.cause.key or 0)
        )
        revenue = -sum(
            both.net for (name, _), both in trial_balance(self.book).items() if name.startswith("revenue:")
        )
        assert revenue == charged_now - taken_back


Books.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestBooks = Books.TestCase
TestBooks.__doc__ = "Any sequence keeps the balance at zero and gives back no more than was paid."
