"""Signatures of the Standard Webhooks scheme: over ``id.timestamp.body``, in three headers.

Scheme: Standard Webhooks 1.0.0, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from greenlane.exchange.keys import SharedSecret, SigningKey, VerifyingKey, unbase64
from greenlane.values.errors import GreenlaneError, UsageError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE_S = 300
"""How far the moment of sending may lie from the receiver's clock, both ways, in seconds."""
MAX_SIGNATURES = 16

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class VerificationError(GreenlaneError):
    """A message is not what it claims to be; ``reason`` is a stable word for programs.

    ``headers_missing``, ``id_malformed``, ``timestamp_malformed``, ``timestamp_outside_tolerance``,
    ``signature_wrong``, ``body_malformed``.
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep the reason beside the message."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signed:
    """What a verified message is known by: its id, the same at each attempt, and when it was sent (Unix seconds)."""

    id: str
    timestamp: int


def sign(
    message_id: str, timestamp: int, body: bytes, keys: Sequence[SigningKey | SharedSecret]
) -> dict[str, str]:
    """Return the three headers that sign *body*, with one signature for each key.

    Args:
        message_id: The same at each attempt; letters, digits, ``_`` and ``-``, so that it cannot hold the full stop
            that parts the signed content.
        timestamp: Moment of this attempt, Unix seconds.
        body: The very bytes that are sent.
        keys: Current key first.
    Raises:
        UsageError: No key, or an id or timestamp that the scheme cannot carry.
    Example:
        >>> key = SharedSecret(bytes(24))
        >>> headers = sign("msg_1", 1700000000, b"{}", [key])
        >>> verify(headers, b"{}", [key], now=1700000010)
        Signed(id='msg_1', timestamp=1700000000)
    """
    if not keys:
        raise UsageError("nothing to sign with")
    if not _ID.fullmatch(message_id) or not _SECONDS.fullmatch(str(timestamp)):
        raise UsageError(
            "a message id holds letters, digits, _ and -, and a timestamp whole seconds from 1970"
        )
    content = b"%b.%d.%b" % (message_id.encode("ascii"), timestamp, body)
    signatures = [f"{key.scheme},{base64.b64encode(key.signature(content)).decode('ascii')}" for key in keys]
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(signatures)}


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[VerifyingKey | SharedSecret],
    *,
    now: int | None,
    tolerance_s: int = TOLERANCE_S,
) -> Signed:
    """Check that *body* was signed, as the headers say, by the holder of one of *keys*.

    Args:
        headers: Headers of the request; upper and lower case are the same.
        body: The bytes as they came, before any parsing.
        keys: Keys that the receiver trusts, never taken from the message itself.
        now: The receiver's clock, Unix seconds; ``None`` to check an old message as a proof.
        tolerance_s: See `TOLERANCE_S`.
    Raises:
        VerificationError: Not so; ``reason`` says why.
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, seconds, signatures = found[ID], found[TIMESTAMP], found[SIGNATURE]
    except KeyError as error:
        raise VerificationError("headers_missing", f"header {error.args[0]} is missing") from None
    if not _ID.fullmatch(message_id):
        raise VerificationError("id_malformed", "webhook-id is not a message id")
    if not _SECONDS.fullmatch(seconds):
        raise VerificationError("timestamp_malformed", "webhook-timestamp is not in whole Unix seconds")
    timestamp = int(seconds)
    if now is not None and abs(now - timestamp) > tolerance_s:
        raise VerificationError(
            "timestamp_outside_tolerance", f"sent more than {tolerance_s} seconds from this clock"
        )
    content = b"%b.%b.%b" % (message_id.encode("ascii"), seconds.encode("ascii"), body)
    for entry in signatures.split(" ")[:MAX_SIGNATURES]:
        scheme, _, text = entry.partition(",")
        try:
            signature = unbase64(text)
        except ValueError:
            continue
        if any(key.scheme == scheme and key.fits(content, signature) for key in keys):
            return Signed(message_id, timestamp)
    raise VerificationError("signature_wrong", "no signature fits the body, the id and a trusted key")
