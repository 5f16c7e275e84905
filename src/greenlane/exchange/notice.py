"""What a party is told: code, consignment, place in the feed, plain words, amounts, links; never personal data."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, format_scaled, parse_scaled

MAX_BODY = 20_000
"""Largest body in bytes: what the scheme advises."""
_CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that the notice speaks of, in minor units."""

    name: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one party about one consignment.

    Attributes:
        code: What happened, words parted by full stops (``consignment.released``).
        party: Whom it is for; a receiver checks that this is itself.
        consignment_id: The party's own id of the consignment.
        cursor: Place of the event in the party's feed; grows along the order of commit.
        at: When it happened, aware.
        words: One or two plain sentences, from fixed texts, never from what people wrote.
        amounts: What is owed, paid or given back.
        links: Where more can be read, by name: paths of the service's own.
    """

    code: str
    party: str
    consignment_id: str
    cursor: int
    at: datetime
    words: str
    amounts: tuple[Amount, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no receiver could rely on."""
        if not _CODE.fullmatch(self.code) or self.at.tzinfo is None or self.cursor < 0:
            raise UsageError("a notice has a dotted code, an aware time and a cursor from 0")

    @property
    def id(self) -> str:
        """The notice's id, the same at each attempt, replay and reading of the feed."""
        return notice_id(self.party, self.cursor)


def notice_id(party: str, cursor: int) -> str:
    """Return the id of the notice at one place of a party's feed.

    Example:
        >>> notice_id("post-cn", 7)
        'ntc_05d052b89cc637efeb06f42f06b71136'
    """
    name = f"{len(party)}:{party}:{cursor}"
    return "ntc_" + hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]


class _WireAmount(msgspec.Struct, frozen=True):
    amount: str
    currency: str
    name: str


class _WireData(msgspec.Struct, frozen=True):
    amounts: tuple[_WireAmount, ...]
    consignment_id: str
    cursor: int
    links: dict[str, str]
    party: str
    words: str


class _Wire(msgspec.Struct, frozen=True):
    data: _WireData
    timestamp: datetime
    type: str


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Wire)


def body_of(notice: Notice) -> bytes:
    """Write the notice as canonical JSON: keys sorted, no spaces, amounts as decimal strings, time in UTC.

    Raises:
        UsageError: It would be larger than `MAX_BODY`.
    Example:
        >>> at = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
        >>> body_of(Notice("payment.due", "post-cn", "RR1", 7, at, "Pay.", (Amount("vat", 836, "EUR"),))).decode()
        '{"data":{"amounts":[{"amount":"8.36","currency":"EUR","name":"vat"}],"consignment_id":"RR1","cursor":7,"links":{},"party":"post-cn","words":"Pay."},"timestamp":"2026-07-02T08:30:00Z","type":"payment.due"}'
    """
    amounts = tuple(
        _WireAmount(format_scaled(a.minor, exponent(a.currency)), a.currency, a.name) for a in notice.amounts
    )
    data = _WireData(
        amounts, notice.consignment_id, notice.cursor, dict(notice.links), notice.party, notice.words
    )
    body = _ENCODER.encode(_Wire(data, notice.at.astimezone(UTC), notice.code))
    if len(body) > MAX_BODY:
        raise UsageError(f"a notice is larger than {MAX_BODY} bytes: link to what it tells")
    return body


def read_notice(body: bytes) -> Notice:
    """Read a notice; fields that a later version adds are passed over.

    Raises:
        ValueError: Not a notice.
    Example:
        >>> at = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
        >>> notice = Notice("payment.due", "post-cn", "RR1", 7, at, "Pay.", (Amount("vat", 836, "EUR"),))
        >>> read_notice(body_of(notice)) == notice
        True
    """
    try:
        wire = _DECODER.decode(body)
        amounts = tuple(
            Amount(a.name, parse_scaled(a.amount, exponent(a.currency)), a.currency)
            for a in wire.data.amounts
        )
        data = wire.data
        return Notice(
            wire.type,
            data.party,
            data.consignment_id,
            data.cursor,
            wire.timestamp,
            data.words,
            amounts,
            data.links,
        )
    except (msgspec.DecodeError, UsageError, UnicodeDecodeError) as error:
        raise ValueError("the body is not a notice") from error
