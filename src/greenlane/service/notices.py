"""Notices over HTTP: the feed, and the keys that sign it."""

from datetime import datetime
from typing import Annotated

import anyio.to_thread
import msgspec
from litestar import get
from litestar.params import QueryParameter

from greenlane.desk import notices
from greenlane.desk.caller import Right
from greenlane.exchange.notice import Notice, body_of
from greenlane.exchange.receive import prove
from greenlane.exchange.sender import Sender
from greenlane.service.access import RIGHT
from greenlane.service.requesting import Limit, TheCaller, TheDesk, TheSender

Place = Annotated[
    int, QueryParameter(description="Only what comes after this place of the feed.", ge=0, le=2**62)
]
WithProof = Annotated[bool, QueryParameter(description="Sign each notice, as of the moment it tells of.")]


class NoticeAmount(msgspec.Struct, frozen=True):
    """An amount that a notice speaks of."""

    amount: str
    currency: str
    name: str


class NoticeData(msgspec.Struct, frozen=True):
    """What a notice tells."""

    amounts: list[NoticeAmount]
    consignment_id: str
    cursor: int
    links: dict[str, str]
    party: str
    words: str


class NoticeProof(msgspec.Struct, frozen=True):
    """A notice with its signature; *body* in UTF-8 is what was signed."""

    headers: dict[str, str]
    body: str


class NoticeTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice as it is sent to webhooks."""

    id: str
    type: str
    timestamp: datetime
    data: NoticeData
    proof: NoticeProof | None = None


class Feed(msgspec.Struct, frozen=True):
    """A page of the feed; go on from ``next``, now or later."""

    notices: list[NoticeTold]
    next: int
    more: bool


class Keys(msgspec.Struct, frozen=True):
    """Public keys that sign the caller's notices: the current one first, then those being retired."""

    party: str
    keys: list[str]


class _Body(msgspec.Struct, frozen=True):
    type: str
    timestamp: datetime
    data: NoticeData


@get("/notices", tags=["notices"], opt={RIGHT: Right.NOTICES})
async def read_notices(
    desk: TheDesk,
    caller: TheCaller,
    sender: TheSender,
    cursor: Place = 0,
    limit: Limit = 100,
    proof: WithProof = False,
) -> Feed:
    """Read the caller's notices from any place on, in order: again as often as wanted, none is ever left out."""

    def work() -> Feed:
        found = notices.feed(desk, caller, cursor, limit)
        told = [_told(notice, sender if proof else None) for notice in found]
        return Feed(told, found[-1].cursor if found else cursor, len(found) == limit)

    return await anyio.to_thread.run_sync(work)


def _told(notice: Notice, sender: Sender | None) -> NoticeTold:
    body = body_of(notice)
    read = msgspec.json.decode(body, type=_Body)
    proof = None
    if sender is not None:
        signed = prove(notice, sender.keyring.of_party(notice.party))
        proof = NoticeProof(dict(signed.headers), signed.body.decode("utf-8"))
    return NoticeTold(id=notice.id, type=read.type, timestamp=read.timestamp, data=read.data, proof=proof)


@get("/notices/keys", tags=["notices"], opt={RIGHT: Right.NOTICES})
async def read_keys(caller: TheCaller, sender: TheSender) -> Keys:
    """Read the public keys that sign the caller's notices."""
    party = notices.told_to(caller)
    return Keys(party, list(sender.keyring.public(party)))


NOTICES = [read_notices, read_keys]
