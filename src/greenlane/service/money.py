"""Money over HTTP: payments, payouts, guarantees, deferred payment accounts, cover."""

from datetime import date
from typing import Annotated, Any

import anyio.to_thread
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from greenlane.desk import money, money_covers, money_statements
from greenlane.desk.caller import Right
from greenlane.desk.commanding import viewer_of
from greenlane.desk.money_covers import (
    AccountTold,
    AccountWanted,
    CoverWanted,
    Draw,
    GuaranteeTold,
    GuaranteeWanted,
    NewLimit,
    Raise,
)
from greenlane.desk.money_shapes import Paid, Payment, Payout, Withdrawal
from greenlane.desk.money_statements import PeriodStatementTold
from greenlane.desk.results import Moved
from greenlane.service.access import RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import (
    IdempotencyKey,
    PartyOf,
    TheCaller,
    TheDesk,
    answers,
    reply,
    request_of,
)

Asking = Request[Any, Any, Any]


@post("/payments", status_code=201, tags=["money"], opt={RIGHT: Right.PAY}, responses=answers(Paid, 201, 200))
async def pay(
    request: Asking,
    data: JSONBody[Payment],
    desk: TheDesk,
    caller: TheCaller,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Register money that came in; what has nothing open any more is released. The same reference again is 200."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(await anyio.to_thread.run_sync(money.pay_in, desk, caller, data, asked))


@get("/payments/{reference:str}", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def read_payment(
    desk: TheDesk, caller: TheCaller, reference: FromPath[str], party: PartyOf = None
) -> Paid:
    """Read what a payment paid."""

    def work() -> Paid:
        with desk.database.reading(viewer_of(caller)) as store:
            return money.payment(store, party or caller.party, reference)

    return await anyio.to_thread.run_sync(work)


@post(
    "/payments/{reference:str}/withdrawal",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.PAY},
    responses=answers(Paid, 200),
)
async def withdraw(
    request: Asking,
    data: JSONBody[Withdrawal],
    desk: TheDesk,
    caller: TheCaller,
    reference: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Take back a payment that fell away: what it paid is open again, and goods not released wait again."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(await anyio.to_thread.run_sync(money.fall_away, desk, caller, reference, data, asked))


@post("/payouts", status_code=201, tags=["money"], opt={RIGHT: Right.PAY}, responses=answers(Paid, 201, 200))
async def pay_out(
    request: Asking,
    data: JSONBody[Payout],
    desk: TheDesk,
    caller: TheCaller,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Pay money of a deposit to its holder, never more than it holds."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(await anyio.to_thread.run_sync(money.out, desk, caller, data, asked))


@post(
    "/guarantees",
    status_code=201,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(GuaranteeTold, 201),
)
async def add_guarantee(
    request: Asking,
    data: JSONBody[GuaranteeWanted],
    desk: TheDesk,
    caller: TheCaller,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Register a guarantee."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(await anyio.to_thread.run_sync(money_covers.register, desk, caller, data, asked))


@get("/guarantees", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def list_guarantees(desk: TheDesk, caller: TheCaller, party: PartyOf = None) -> list[GuaranteeTold]:
    """List guarantees: what each covers, and how much of it is in use."""
    found: list[GuaranteeTold] = await _listed(desk, caller, "guarantee", party)
    return found


@post(
    "/guarantees/{number:str}/increases",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(GuaranteeTold, 200),
)
async def raise_guarantee(
    request: Asking,
    data: JSONBody[Raise],
    desk: TheDesk,
    caller: TheCaller,
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Raise the limit of a guarantee; one reference raises it once."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.raise_guarantee, desk, caller, number, data, asked)
    )


@post(
    "/guarantees/{number:str}/revocation",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(GuaranteeTold, 200),
)
async def revoke_guarantee(
    request: Asking,
    desk: TheDesk,
    caller: TheCaller,
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Revoke a guarantee: it covers nothing new, what it covers stands."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.revoke, desk, caller, "guarantee", number, asked)
    )


@post(
    "/guarantees/{number:str}/draws",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(GuaranteeTold, 200),
)
async def draw(
    request: Asking,
    data: JSONBody[Draw],
    desk: TheDesk,
    caller: TheCaller,
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Let the guarantor owe what the payer of a consignment has not paid."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.let_guarantor_owe, desk, caller, number, data, asked)
    )


@post(
    "/deferred-accounts",
    status_code=201,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(AccountTold, 201),
)
async def add_account(
    request: Asking,
    data: JSONBody[AccountWanted],
    desk: TheDesk,
    caller: TheCaller,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Register a deferred payment account."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(await anyio.to_thread.run_sync(money_covers.register, desk, caller, data, asked))


@get("/deferred-accounts", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def list_accounts(desk: TheDesk, caller: TheCaller, party: PartyOf = None) -> list[AccountTold]:
    """List deferred payment accounts: the limit of each and what stands on it."""
    found: list[AccountTold] = await _listed(desk, caller, "deferred_account", party)
    return found


@post(
    "/deferred-accounts/{number:str}/limit",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(AccountTold, 200),
)
async def raise_account(
    request: Asking,
    data: JSONBody[NewLimit],
    desk: TheDesk,
    caller: TheCaller,
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Give a deferred payment account a higher limit."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.raise_account, desk, caller, number, data, asked)
    )


@post(
    "/deferred-accounts/{number:str}/revocation",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.GUARANTEE},
    responses=answers(AccountTold, 200),
)
async def revoke_account(
    request: Asking,
    desk: TheDesk,
    caller: TheCaller,
    number: FromPath[str],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Revoke a deferred payment account: it takes nothing new, what stands on it is owed."""
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.revoke, desk, caller, "deferred_account", number, asked)
    )


@get("/deferred-accounts/{number:str}/statements/{month:str}", tags=["money"], opt={RIGHT: Right.STATEMENT})
async def read_deferred_statement(
    desk: TheDesk, caller: TheCaller, number: FromPath[str], month: FromPath[str]
) -> PeriodStatementTold:
    """Read what a deferred payment account asks for after a month (2026-07), and by when."""
    day = day_of(f"{month}-01", "month")

    def work() -> PeriodStatementTold:
        with desk.database.reading(viewer_of(caller)) as store:
            return money_statements.deferred_statement(store, number, day)

    return await anyio.to_thread.run_sync(work)


@post(
    "/consignments/{consignment_id:str}/cover",
    status_code=200,
    tags=["money"],
    opt={RIGHT: Right.COVER},
    responses=answers(Moved, 200),
)
async def cover(
    request: Asking,
    data: JSONBody[CoverWanted],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: FromPath[str],
    party: PartyOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Cover what is due by a guarantee or a deferred payment account, so that goods are released before payment."""
    if (data.guarantee is None) == (data.deferred_account is None):
        raise Problem(422, "refused", "name a guarantee or a deferred payment account, one of the two")
    asked = request_of(request, caller, idempotency_key, await request.body())
    return reply(
        await anyio.to_thread.run_sync(money_covers.cover, desk, caller, party, consignment_id, data, asked)
    )


async def _listed(desk: TheDesk, caller: TheCaller, table: str, party: str | None) -> list[Any]:
    def work() -> list[Any]:
        with desk.database.reading(viewer_of(caller)) as store:
            return list(money_covers.listed(store, table, party))

    return await anyio.to_thread.run_sync(work)


def day_of(text: str, name: str) -> date:
    """Return a day as it is asked for.

    Raises:
        Problem: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(
            400, "bad-request", f"{name} is a day or month of the calendar, as in 2026-07-02"
        ) from None


Account = Annotated[
    str | None, QueryParameter(description="An account's id, as balances show it.", max_length=200)
]
Holder = Annotated[
    str | None,
    QueryParameter(description="A payer of the party: seller/S1, or the role alone.", max_length=100),
]

MONEY = [
    pay,
    read_payment,
    withdraw,
    pay_out,
    add_guarantee,
    list_guarantees,
    raise_guarantee,
    revoke_guarantee,
    draw,
    add_account,
    list_accounts,
    raise_account,
    revoke_account,
    read_deferred_statement,
    cover,
]
