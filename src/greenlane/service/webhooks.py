"""Webhooks over HTTP: register, list, delete, enable, replay, failures, test."""

from datetime import UTC, datetime

import anyio.to_thread
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from greenlane.desk import webhooks
from greenlane.desk.caller import Right
from greenlane.exchange.keys import SharedSecret
from greenlane.exchange.notice import Notice
from greenlane.service.access import RIGHT
from greenlane.service.notice_shapes import (
    Failures,
    FailureTold,
    ReplayTold,
    ReplayWanted,
    Tested,
    WebhookMade,
    Webhooks,
    WebhookTold,
    WebhookWanted,
)
from greenlane.service.notices import Place
from greenlane.service.problems import Problem
from greenlane.service.requesting import Limit, TheCaller, TheDesk, TheSender, TheSettings
from greenlane.store.webhooks import Webhook


@post("/webhooks", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def add_webhook(
    data: JSONBody[WebhookWanted],
    desk: TheDesk,
    caller: TheCaller,
    settings: TheSettings,
    sender: TheSender,
) -> WebhookMade:
    """Register a receiver of every notice from now on; its address is judged now and at each attempt."""
    secret = SharedSecret.read(data.secret) if data.secret is not None else None
    if secret is None and data.hmac:
        secret = SharedSecret.generate()

    def work() -> WebhookMade:
        made = webhooks.register(
            desk, caller, data.url, secret, allow_private=settings.allow_private_webhooks
        )
        return WebhookMade(
            id=made.id,
            url=data.url,
            created_at=made.created_at,
            keys=list(sender.keyring.public(caller.party)),
            secret=None if made.secret is None else made.secret.text(),
            cursor=made.cursor,
        )

    return await anyio.to_thread.run_sync(work)


@get("/webhooks", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def list_webhooks(desk: TheDesk, caller: TheCaller) -> Webhooks:
    """List the caller's webhooks, and how each fares."""
    found = await anyio.to_thread.run_sync(webhooks.listed, desk, caller)
    return Webhooks([_told(one) for one in found])


@get("/webhooks/{webhook:str}", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def read_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> WebhookTold:
    """Read how one webhook fares."""
    return _told(await anyio.to_thread.run_sync(webhooks.one, desk, caller, webhook))


@delete("/webhooks/{webhook:str}", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def remove_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> None:
    """Delete a webhook with what it was still to get; the feed keeps every notice."""
    await anyio.to_thread.run_sync(webhooks.remove, desk, caller, webhook)


@post("/webhooks/{webhook:str}/enable", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def enable_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller) -> WebhookTold:
    """Let a disabled webhook get its notices again; none that came meanwhile is lost."""
    return _told(await anyio.to_thread.run_sync(webhooks.enable, desk, caller, webhook))


@post("/webhooks/{webhook:str}/replay", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def replay(
    webhook: FromPath[str], data: JSONBody[ReplayWanted], desk: TheDesk, caller: TheCaller
) -> ReplayTold:
    """Send any range of the feed again, also what came before the webhook was registered."""
    if data.last < data.first:
        raise Problem(422, "refused", "`to` comes before `from`")

    def work() -> ReplayTold:
        return ReplayTold(webhooks.replay(desk, caller, webhook, data.first, data.last, datetime.now(UTC)))

    return await anyio.to_thread.run_sync(work)


@get("/webhooks/{webhook:str}/failures", tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def list_failures(
    webhook: FromPath[str], desk: TheDesk, caller: TheCaller, cursor: Place = 0, limit: Limit = 100
) -> Failures:
    """List the notices whose last attempt failed, by place in the feed: those that wait and those given up."""
    found = await anyio.to_thread.run_sync(webhooks.failures, desk, caller, webhook, cursor, limit)
    told = [
        FailureTold(
            notice_id=one.notice_id, consignment_id=one.consignment_id, cursor=one.cursor, attempt=one.attempt,
            at=one.at, failure=one.failure, status=one.status, next_at=one.next_at,
        )
        for one in found
    ]  # fmt: skip
    return Failures(told, found[-1].cursor if len(found) == limit else None)


@post("/webhooks/{webhook:str}/test", status_code=200, tags=["notices"], opt={RIGHT: Right.WEBHOOKS})
async def test_webhook(webhook: FromPath[str], desk: TheDesk, caller: TheCaller, sender: TheSender) -> Tested:
    """Send a signed test notice now, also to a disabled webhook, and say what came of it."""
    endpoint = await anyio.to_thread.run_sync(webhooks.endpoint, desk, caller, webhook)
    now = datetime.now(UTC)
    notice = Notice("webhook.test", caller.party, "", 0, now, "A test: nothing has happened.")
    answer = await sender.send(endpoint, notice, now)
    return Tested(
        delivered=answer.failure is None,
        failure=answer.failure,
        status=answer.status,
        elapsed_ms=answer.elapsed_ms,
    )


def _told(one: Webhook) -> WebhookTold:
    return WebhookTold(
        id=one.id, url=one.url, hmac=one.sealed is not None, created_at=one.created_at,
        succeeded_at=one.succeeded_at, disabled_at=one.disabled_at, reason=one.reason, waiting=one.waiting,
    )  # fmt: skip


WEBHOOKS = [
    add_webhook,
    list_webhooks,
    read_webhook,
    remove_webhook,
    enable_webhook,
    replay,
    list_failures,
    test_webhook,
]
