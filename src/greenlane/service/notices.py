"""Notices over HTTP: the feed, and the keys that sign it."""

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
from greenlane.service.notice_shapes import Feed, Keys, NoticeBody, NoticeProof, NoticeTold
from greenlane.service.requesting import Limit, TheCaller, TheDesk, TheSender

Place = Annotated[
    int, QueryParameter(description="Only what comes after this place of the feed.", ge=0, le=2**62)
]
WithProof = Annotated[bool, QueryParameter(description="Sign each notice, as of the moment it tells of.")]


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
    read = msgspec.json.decode(body, type=NoticeBody)
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
