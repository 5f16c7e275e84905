"""What the API takes and gives of notices and webhooks: the types that the service and its client share."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Url = Annotated[str, Meta(min_length=1, max_length=2000, description="https://host/path")]
CursorOf = Annotated[int, Meta(ge=0, le=2**62, description="A place of the feed.")]


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


class NoticeBody(msgspec.Struct, frozen=True):
    """The body of a notice, as it is signed and sent."""

    type: str
    timestamp: datetime
    data: NoticeData


class WebhookWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver; with ``hmac`` each notice is signed by a shared secret too, the caller's own or a new one."""

    url: Url
    hmac: bool = False
    secret: Annotated[str, Meta(max_length=100, description="whsec_… of 24 to 64 bytes")] | None = None


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook. ``secret`` is told this once; notices up to ``cursor`` are not sent but by replay."""

    id: str
    url: str
    created_at: datetime
    keys: list[str]
    secret: str | None
    cursor: int


class WebhookTold(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; ``waiting`` counts the notices that it is still to get, to 10,000."""

    id: str
    url: str
    hmac: bool
    created_at: datetime
    succeeded_at: datetime | None
    disabled_at: datetime | None
    reason: str | None
    waiting: int


class Webhooks(msgspec.Struct, frozen=True):
    """The webhooks of a party."""

    webhooks: list[WebhookTold]


class ReplayWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which places of the feed are sent again, both included."""

    first: CursorOf = msgspec.field(name="from")
    last: CursorOf = msgspec.field(name="to")


class ReplayTold(msgspec.Struct, frozen=True):
    """How many notices will be sent again."""

    notices: int


class FailureTold(msgspec.Struct, frozen=True, kw_only=True):
    """A notice whose last attempt failed: tried again at ``next_at``, or given up where that is null."""

    notice_id: str
    consignment_id: str
    cursor: int
    attempt: int
    at: datetime
    failure: str
    status: int | None
    next_at: datetime | None


class Failures(msgspec.Struct, frozen=True):
    """A page of the failure list; ``next`` is null at its end."""

    failures: list[FailureTold]
    next: int | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test notice."""

    delivered: bool
    failure: str | None
    status: int | None
    elapsed_ms: int
