"""Whatever is filed, amended, paid, covered, declared and refunded in whatever order, the stored book holds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from greenlane.desk.administration import move_clock
from greenlane.engine.context import Context
from greenlane.ledger import KINDS
from greenlane.store import transfers
from greenlane.store.database import Viewer
from paying import NO_SCHEME, SPECIAL, deferred, guarantee, sound
from serving import World, world

MODELS: tuple[dict[str, Any], ...] = ({}, NO_SCHEME, SPECIAL)
AMOUNTS = st.integers(1, 4000).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
PLACES = st.integers(0, 5)
FILE = st.tuples(st.just("file"), st.sampled_from(range(3)), AMOUNTS, st.sampled_from([True, True, False]))
STEPS = st.lists(
    st.one_of(
        FILE,
        FILE,
        FILE,
        st.tuples(st.just("amend"), PLACES, AMOUNTS),
        st.tuples(st.just("arrive"), PLACES),
        st.tuples(st.just("cancel"), PLACES),
        st.tuples(st.just("pay"), PLACES, AMOUNTS),
        st.tuples(st.just("pay_all"), AMOUNTS),
        st.tuples(st.just("pay_account"), AMOUNTS),
        st.tuples(st.just("fall_away"), PLACES),
        st.tuples(st.just("payout"), PLACES, AMOUNTS),
        st.tuples(st.just("cover"), PLACES, st.sampled_from(["deferred_account", "guarantee"])),
        st.tuples(st.just("refund"), PLACES, st.integers(1, 5)),
        st.tuples(st.just("redecide"), PLACES),
        st.tuples(st.just("declare"), st.sampled_from(["IOSS", "SPECIAL"])),
    ),
    min_size=15,
    max_size=40,
)


@pytest.fixture(scope="module")
def open_book(postgres: str, law: Context) -> Iterator[World]:
    """A service whose book goes on from one sequence to the next."""
    with world(postgres, law, rate_per_minute=1_000_000) as made:
        guarantee(made, "G1", "8.00", at_filing=True)
        deferred(made, "D1", "60.00")
        yield made


class Walk:
    """One sequence of steps on consignments of its own."""

    def __init__(self, service: World) -> None:
        self.service = service
        self.filed: list[dict[str, Any]] = []
        self.payments: list[str] = []
        self.returns: dict[str, int] = {}
        self.moved = False

    def ask(self, who: str, path: str, body: Any, **params: Any) -> int:
        """Call an endpoint that writes: it does so, or refuses in its own words, and never fails."""
        answer = self.service.call(who, "POST", path, body, **params)
        assert answer.status_code in (200, 201, 404, 409), answer.text
        return int(answer.status_code)

    def reference(self) -> str:
        """A reference that was never used."""
        self.service._number += 1
        return f"R{self.service._number}"

    def one(self, place: int) -> dict[str, Any]:
        """One of the consignments filed."""
        return self.filed[place % len(self.filed)]

    def command(self, who: str, name: str, command: str, **fields: Any) -> int:
        """Give a command of the procedure."""
        party = {} if who == "operator" else {"party": "post-cn"}
        return self.ask(who, f"/consignments/{name}/commands", {"command": command, **fields}, **party)

    def step(self, name: str, *rest: Any) -> None:
        """Take one step; those that need a consignment wait until there is one."""
        if name in ("file", "pay_all", "pay_account", "declare") or self.filed:
            getattr(self, name)(*rest)

    def file(self, model: int, value: str, here: bool) -> None:
        """File a consignment under one of the models, before arrival or at it."""
        one = self.service.consignment(declaration_date="2026-07-02", value=value, **MODELS[model])
        result = self.service.file(one, stage="arrival" if here else "pre_arrival")[0]
        assert result["result"] == "accepted"
        self.filed.append(one)

    def amend(self, place: int, value: str) -> None:
        """Change the value; goods that were released keep theirs."""
        one = self.one(place)
        one["items"][0]["value"] = value
        assert self.service.file(one)[0]["result"] in ("amended", "refused", "repeated")

    def arrive(self, place: int) -> None:
        """Report the arrival."""
        self.command("operator", self.one(place)["consignment_id"], "arrive")

    def cancel(self, place: int) -> None:
        """Withdraw the filing."""
        self.command("operator", self.one(place)["consignment_id"], "cancel", reason="mistake")

    def pay(self, place: int, amount: str, **aim: Any) -> None:
        """Pay for a consignment: in part, in full or too much."""
        aim = aim or {"consignment_id": self.one(place)["consignment_id"]}
        body = {"party": "post-cn", "currency": "EUR", "amount": amount, "reference": self.reference(), **aim}
        if self.ask("officer", "/payments", body) == 201:
            self.payments.append(body["reference"])

    def pay_all(self, amount: str) -> None:
        """Pay whatever is the oldest of the party."""
        body = {"party": "post-cn", "currency": "EUR", "amount": amount, "reference": self.reference()}
        if self.ask("officer", "/payments", body) == 201:
            self.payments.append(body["reference"])

    def pay_account(self, amount: str) -> None:
        """Pay the deferred account, in part or too much."""
        self.pay(0, amount, deferred_account="D1")

    def fall_away(self, place: int) -> None:
        """A payment is called back."""
        if self.payments:
            reference = self.payments.pop(place % len(self.payments))
            self.ask("officer", f"/payments/{reference}/withdrawal", {"party": "post-cn"})

    def payout(self, place: int, amount: str) -> None:
        """Pay a deposit out, as far as it holds."""
        aims = ({"consignment_id": self.one(place)["consignment_id"]}, {"holder": "carrier/C1"}, {})
        body = {"party": "post-cn", "currency": "EUR", "amount": amount, "reference": self.reference()}
        self.ask("officer", "/payouts", {**body, **aims[place % 3]})

    def cover(self, place: int, how: str) -> None:
        """Cover what is due by the guarantee or the account."""
        number = {"guarantee": "G1", "deferred_account": "D1"}[how]
        self.ask("operator", f"/consignments/{self.one(place)['consignment_id']}/cover", {how: number})

    def refund(self, place: int, quantity: int) -> None:
        """Send goods back after release."""
        name = self.one(place)["consignment_id"]
        items = [{"item_id": "1", "quantity": str(quantity)}]
        if self.command("operator", name, "declare_return", items=items, reason="not_wanted") == 200:
            number = self.returns[name] = self.returns.get(name, 0) + 1
            assert self.command("operator", name, "prove_export", returned=number, proof="E1") == 200
            assert self.command("officer", name, "approve_refund", returned=number) == 200

    def redecide(self, place: int) -> None:
        """Decide anew."""
        name = self.one(place)["consignment_id"]
        self.ask("officer", f"/consignments/{name}/redecision", {"reason": "review"}, party="post-cn")

    def declare(self, scheme: str) -> None:
        """Send the return of the month that the clock has passed, and pay it."""
        holder = {"IOSS": "seller/S1", "SPECIAL": "carrier/C1"}[scheme]
        for month in ("2026-07", f"{self.service.desk.clock.now():%Y-%m}"):
            answer = self.service.call("operator", "POST", f"/returns/{scheme}/{month}", {"holder": holder})
            if answer.status_code == 201:
                told = answer.json()
                lines = sum(round(float(line["tax"]) * 100) for line in told["lines"])
                assert lines == sum(round(float(tax) * 100) for tax in told["balances"].values())
                if float(told["payable"]):
                    self.pay(0, told["payable"], holder=holder, scheme=scheme, period=month)
            else:
                assert answer.status_code == 409, answer.text
        if not self.moved:
            self.moved = True
            move_clock(self.service.desk, self.service.desk.clock.offset + timedelta(days=31))


DEFERRED: list[tuple[Any, ...]] = [
    ("file", 1, "40.00", False),
    ("file", 1, "39.00", True),
    ("cover", 0, "deferred_account"),
    ("cover", 1, "deferred_account"),
    ("amend", 0, "30.00"),
    ("pay_account", "20.00"),
    ("redecide", 1),
    ("refund", 1, 2),
    ("cancel", 0),
]


@given(STEPS)
@example(DEFERRED)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_any_order_of_money(open_book: World, steps: list[tuple[Any, ...]]) -> None:
    """After each step debits equal credits; after each sequence the whole book passes its check."""
    walk = Walk(open_book)
    for name, *rest in steps:
        walk.step(name, *rest)
        with open_book.desk.database.reading(Viewer()) as cursor:
            assert not any(transfers.trial(cursor).values())
    sound(open_book)


def test_every_kind_of_transfer_was_posted(open_book: World) -> None:
    """The sequences above reach each kind of transfer but those of a draw, which has a test of its own."""
    with open_book.desk.database.reading(Viewer()) as cursor:
        posted = {row[0] for row in cursor.execute("select distinct kind from transfer").fetchall()}
    assert set(KINDS) - posted <= {"drawn", "draw", "restore"}
