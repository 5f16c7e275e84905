"""For receivers: one call that says whether a message is a notice of the administration, and gives it typed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from greenlane.exchange.keys import SigningKey, VerifyingKey
from greenlane.exchange.notice import Notice, body_of, read_notice
from greenlane.exchange.signing import TOLERANCE_S, VerificationError
from greenlane.exchange.signing import sign as sign_message
from greenlane.exchange.signing import verify as verify_message


@dataclass(frozen=True, slots=True)
class Proof:
    """A notice with its signature: who holds it can show to anybody what the administration said, and when."""

    headers: Mapping[str, str]
    body: bytes


def verify(
    headers: Mapping[str, str],
    body: bytes,
    public_key: str | Sequence[str],
    *,
    now: int | None = None,
    tolerance_s: int = TOLERANCE_S,
) -> Notice:
    """Check a message as it came and return the notice in it.

    Keep the notice's ``id``: the same notice may come more than once.

    Args:
        headers: Headers of the request, in any case.
        body: The raw bytes, before any parsing.
        public_key: The ``whpk_…`` key, or several while keys change, as the administration published them.
        now: Unix seconds to judge by; by default this machine's clock.
        tolerance_s: Largest distance of the moment of sending from *now*, in seconds.
    Raises:
        VerificationError: Not a notice of the holder of these keys, or sent at another time; answer with 400.
        UsageError: A key is not a ``whpk_…`` key.
    """
    verify_message(
        headers,
        body,
        _keys(public_key),
        now=int(time.time()) if now is None else now,
        tolerance_s=tolerance_s,
    )
    return _notice(headers, body)


def prove(notice: Notice, keys: Sequence[SigningKey]) -> Proof:
    """Sign *notice* as of the moment it tells of: the same bytes each time, for the feed and the file."""
    body = body_of(notice)
    return Proof(sign_message(notice.id, int(notice.at.timestamp()), body, keys), body)


def check_proof(proof: Proof, public_key: str | Sequence[str]) -> Notice:
    """Check a notice of any age, received or from the feed, and return it.

    Raises:
        VerificationError: It was not signed with one of these keys, or was changed.
    Example:
        >>> from datetime import UTC, datetime
        >>> key = SigningKey(bytes(32))
        >>> notice = Notice("consignment.held", "post-cn", "RR1", 7, datetime(2026, 7, 2, tzinfo=UTC), "Held.")
        >>> check_proof(prove(notice, [key]), key.public().text()).code
        'consignment.held'
    """
    verify_message(proof.headers, proof.body, _keys(public_key), now=None)
    return _notice(proof.headers, proof.body)


def _keys(public_key: str | Sequence[str]) -> list[VerifyingKey]:
    texts = [public_key] if isinstance(public_key, str) else public_key
    return [VerifyingKey.read(text) for text in texts]


def _notice(headers: Mapping[str, str], body: bytes) -> Notice:
    try:
        notice = read_notice(body)
    except ValueError as error:
        raise VerificationError("body_malformed", "the message is signed, but is not a notice") from error
    message_id = next(value for name, value in headers.items() if name.lower() == "webhook-id")
    if message_id != notice.id:
        raise VerificationError("body_malformed", "webhook-id is not the id of the notice in the body")
    return notice
