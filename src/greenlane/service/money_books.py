"""Books over HTTP: period returns, balances, statements as JSON and CSV, the trial balance and the check."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

import anyio.to_thread
import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from psycopg import Cursor as Store

from greenlane.desk import money_check, money_returns, money_statements
from greenlane.desk.caller import Right
from greenlane.desk.commanding import viewer_of
from greenlane.desk.money_returns import ReturnTold
from greenlane.desk.money_returns import Wanted as WhoseReturn
from greenlane.desk.money_statements import AccountBalance, StatementTold, Trial
from greenlane.service.access import RIGHT, TABLES
from greenlane.service.money import Account, Asking, Holder, day_of
from greenlane.service.problems import Problem
from greenlane.service.requesting import (
    Cursor,
    IdempotencyKey,
    Limit,
    PartyOf,
    TheCaller,
    TheDesk,
    answers,
    pack,
    reply,
    request_of,
    unpack,
)
from greenlane.service.shapes import CheckFinding, CheckTold
from greenlane.store import returns
from greenlane.store.transfers import Wanted

T = TypeVar("T")

CSV = "text/csv; charset=utf-8"

Form = Annotated[Literal["json", "csv"], QueryParameter(description="Form of the answer.")]
First = Annotated[str, QueryParameter(description="First day of the statement, UTC.", max_length=10)]
Until = Annotated[str, QueryParameter(description="Day up to which it goes, not included.", max_length=10)]
Consignment = Annotated[
    str | None, QueryParameter(description="The consignment whose buyer's accounts are meant.", max_length=70)
]
OneCurrency = Annotated[str | None, QueryParameter(description="Only this currency.", pattern="^[A-Z]{3}$")]
Family = Annotated[
    str | None,
    QueryParameter(description="Only this family of accounts: receivable, deposit, …", max_length=20),
]


class ReturnSent(msgspec.Struct, frozen=True, kw_only=True):
    """A period return that was sent."""

    party: str
    scheme: str
    period: str
    holder: str
    number: int
    submitted_at: datetime


class Accounts(msgspec.Struct, frozen=True):
    """A page of accounts; ``next`` is the cursor of the page after it, null where this is the last."""

    accounts: list[AccountBalance]
    next: str | None


class StatementsTold(msgspec.Struct, frozen=True):
    """Statements of one or several accounts."""

    statements: list[StatementTold]


@get("/returns", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def list_returns(desk: TheDesk, caller: TheCaller, party: PartyOf = None) -> list[ReturnSent]:
    """List the period returns that were sent."""

    def work() -> list[ReturnSent]:
        with desk.database.reading(viewer_of(caller)) as store:
            return [ReturnSent(**row) for row in returns.listed(store, party)]

    return await anyio.to_thread.run_sync(work)


@get(
    "/returns/{scheme:str}/{month:str}",
    tags=["money"],
    opt={RIGHT: Right.STATEMENT, TABLES: True},
    responses=answers(ReturnTold, 200),
)
async def read_return(
    desk: TheDesk,
    caller: TheCaller,
    scheme: FromPath[str],
    month: FromPath[str],
    holder: Holder = None,
    party: PartyOf = None,
    form: Form = "json",
) -> Response[bytes]:
    """Read the return of the period that a month (2026-07) lies in: the draft, or as it was sent, line by line."""

    def work() -> Response[bytes]:
        with desk.database.reading(viewer_of(caller)) as store:
            told = money_returns.told(store, desk, party or caller.party, (scheme, month, holder))
        return _csv(money_returns.lines_csv(told)) if form == "csv" else _json(told)

    return await anyio.to_thread.run_sync(work)


@post(
    "/returns/{scheme:str}/{month:str}",
    status_code=201,
    tags=["money"],
    opt={RIGHT: Right.RETURN},
    responses=answers(ReturnTold, 201),
)
async def send_return(
    request: Asking,
    data: JSONBody[WhoseReturn],
    desk: TheDesk,
    caller: TheCaller,
    scheme: FromPath[str],
    month: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Send the return of a period that is over; corrections of earlier periods are part of it."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_returns.send, desk, caller, scheme, month, data.holder, asked)
    )


@get("/accounts", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def list_balances(
    desk: TheDesk,
    caller: TheCaller,
    party: PartyOf = None,
    holder: Holder = None,
    family: Family = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Accounts:
    """List accounts with both sides and the balance of each, in order."""
    after: tuple[str, str] = unpack(cursor, str, str) if cursor else ("", "")
    wanted = Wanted(party=party, family=family, holder=holder)

    def work(store: Store[Any]) -> list[Any]:
        return money_statements.balances(store, wanted, after, limit)

    found = await _read(desk, caller, work)
    more = pack(found[-1].account, found[-1].currency) if len(found) == limit else None
    return Accounts(found, more)


@get(
    "/accounts/statement",
    tags=["money"],
    opt={RIGHT: Right.STATEMENT, TABLES: True},
    responses=answers(StatementsTold, 200),
)
async def read_statement(
    desk: TheDesk,
    caller: TheCaller,
    first: First,
    until: Until,
    account: Account = None,
    holder: Holder = None,
    consignment_id: Consignment = None,
    party: PartyOf = None,
    currency: OneCurrency = None,
    form: Form = "json",
) -> Response[bytes]:
    """Read the statement of an account, of a holder or of a consignment's buyer over a span of days, as JSON or CSV."""
    wanted = (account, holder, consignment_id)
    if sum(one is not None for one in wanted) != 1:
        raise Problem(400, "bad-request", "name an account, a holder or a consignment, one of the three")
    span: tuple[date, date] = (day_of(first, "first"), day_of(until, "until"))
    owner = party or (None if caller.staff else caller.party)

    def work(store: Store[Any]) -> Response[bytes]:
        made = money_statements.statements(store, owner, wanted, span, currency)
        if form == "csv":
            return _csv(money_statements.as_csv(store, made))
        return _json(StatementsTold(money_statements.shown(store, made)))

    return await _read(desk, caller, work)


@get("/ledger/trial-balance", tags=["money"], opt={RIGHT: Right.AUDIT})
async def read_trial_balance(desk: TheDesk, caller: TheCaller, party: PartyOf = None) -> Trial:
    """Read the trial balance: each family of accounts by currency, and whether all sums to zero."""

    def work(store: Store[Any]) -> Trial:
        return money_statements.trial(store, party)

    return await _read(desk, caller, work)


@get("/ledger/check", tags=["money"], opt={RIGHT: Right.AUDIT})
async def check(desk: TheDesk) -> CheckTold:
    """Check the whole book: every transfer, every kept balance, one standing decision for each consignment."""
    made = await anyio.to_thread.run_sync(money_check.check, desk.database)
    return CheckTold(
        sound=made.sound,
        parties=made.parties,
        transfers=made.transfers,
        sums=made.currencies,
        findings=[CheckFinding(code=f.code, path=f.path, message=f.message) for f in made.findings],
    )


async def _read(desk: TheDesk, caller: TheCaller, work: Callable[[Store[Any]], T]) -> T:
    def inside() -> T:
        with desk.database.reading(viewer_of(caller)) as store:
            return work(store)

    return await anyio.to_thread.run_sync(inside)


def _json(told: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(told), media_type="application/json")


def _csv(text: str) -> Response[bytes]:
    return Response(text.encode(), media_type=CSV)


BOOKS = [
    list_returns,
    read_return,
    send_return,
    list_balances,
    read_statement,
    read_trial_balance,
    check,
]
