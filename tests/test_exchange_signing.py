"""Signatures: published vectors, changes of every part, times, keys that change, proofs that travel."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.exchange.keys import Keyring, SharedSecret, SigningKey, VerifyingKey
from greenlane.exchange.notice import MAX_BODY, Amount, Notice, body_of, read_notice
from greenlane.exchange.receive import Proof, check_proof, prove
from greenlane.exchange.receive import verify as receive
from greenlane.exchange.signing import VerificationError, sign, verify
from greenlane.values.errors import UsageError

NOW = 1_780_000_000
KEY = SigningKey(bytes(range(32)))
AT = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)
NOTICE = Notice(
    "consignment.released",
    "post-cn",
    "RR123456785CN",
    41,
    AT,
    "Customs has released the consignment.",
    (Amount("vat", 836, "EUR"), Amount("duty", 300, "JPY")),
    {"events": "/api/v1/consignments/RR123456785CN/events"},
)


def test_the_published_ed25519_vector_comes_out() -> None:
    """The same key, id, time and body as another implementation's test give the same signature, byte for byte.

    Source: svix-webhooks, server/svix-server/src/worker.rs, test_asymmetric_key_signing; the signature also stands in
    the specification of Standard Webhooks 1.0.0.
    """
    text = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    key = SigningKey.read(text)
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert headers["webhook-signature"] == (
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
    )
    assert key.public().text() == "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
    assert key.text() == text


def test_the_published_hmac_vector_comes_out() -> None:
    """The HMAC signature is that of the scheme's own libraries.

    Source: standard-webhooks, libraries/python/tests (same id, time and body).
    """
    key = SharedSecret.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=300), st.integers(0, 10**12 - 1), st.integers(0, 2**32))
def test_any_change_of_the_body_is_seen(body: bytes, timestamp: int, place: int) -> None:
    """A signed body verifies; with one bit turned, or one byte more, it does not."""
    headers = sign("msg_1", timestamp, body, [KEY])
    keys = [KEY.public()]
    assert verify(headers, body, keys, now=timestamp).timestamp == timestamp
    changed = bytearray(body + b"\0")
    if body:
        changed = bytearray(body)
        changed[place % len(body)] ^= 1 << place % 8
    with pytest.raises(VerificationError) as caught:
        verify(headers, bytes(changed), keys, now=timestamp)
    assert caught.value.reason == "signature_wrong"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("webhook-id", "msg_2", "signature_wrong"),
        ("webhook-id", "msg.1", "id_malformed"),
        ("webhook-id", "", "id_malformed"),
        ("webhook-timestamp", str(NOW + 1), "signature_wrong"),
        ("webhook-timestamp", f"0{NOW}", "signature_wrong"),
        ("webhook-timestamp", f"{NOW}.0", "timestamp_malformed"),
        ("webhook-timestamp", f"{NOW}\n", "timestamp_malformed"),
        ("webhook-timestamp", "９９", "timestamp_malformed"),
        ("webhook-timestamp", "9" * 5000, "timestamp_malformed"),
        ("webhook-timestamp", str(NOW - 301), "timestamp_outside_tolerance"),
        ("webhook-timestamp", str(NOW + 301), "timestamp_outside_tolerance"),
        ("webhook-signature", "", "signature_wrong"),
        ("webhook-signature", "v1a,", "signature_wrong"),
        ("webhook-signature", "v1a,%%%", "signature_wrong"),
        ("webhook-signature", "v1a," + base64.b64encode(bytes(64)).decode(), "signature_wrong"),
        ("webhook-signature", "v1a," + base64.b64encode(bytes(3)).decode(), "signature_wrong"),
        ("webhook-signature", "ñ", "signature_wrong"),
    ],
)
def test_changed_headers_are_refused_with_the_reason(name: str, value: str, reason: str) -> None:
    """Every header counts; a wrong one is named by a stable word."""
    headers = sign("msg_1", NOW, b"{}", [KEY]) | {name: value}
    with pytest.raises(VerificationError) as caught:
        verify(headers, b"{}", [KEY.public()], now=NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    """No header may be left out."""
    headers = sign("msg_1", NOW, b"{}", [KEY])
    del headers[name]
    with pytest.raises(VerificationError, match=name) as caught:
        verify(headers, b"{}", [KEY.public()], now=NOW)
    assert caught.value.reason == "headers_missing"


@pytest.mark.parametrize(("age", "fits"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_old_and_early_messages_are_refused(age: int, fits: bool) -> None:
    """A message counts for five minutes both ways, to the second; a proof counts for ever."""
    headers = sign("msg_1", NOW - age, b"{}", [KEY])
    if fits:
        assert verify(headers, b"{}", [KEY.public()], now=NOW).id == "msg_1"
    else:
        with pytest.raises(VerificationError):
            verify(headers, b"{}", [KEY.public()], now=NOW)
    assert verify(headers, b"{}", [KEY.public()], now=None).timestamp == NOW - age


def test_a_signature_of_one_scheme_never_counts_as_the_other() -> None:
    """An HMAC made with the public key as its secret is no Ed25519 signature."""
    forged = sign("msg_1", NOW, b"{}", [SharedSecret(KEY.public().raw)])
    for signature in (
        forged["webhook-signature"],
        forged["webhook-signature"].replace("v1,", "v1a,"),
    ):
        with pytest.raises(VerificationError):
            verify(forged | {"webhook-signature": signature}, b"{}", [KEY.public()], now=NOW)


def test_keys_change_without_a_gap() -> None:
    """While two keys are in use, receivers that know either verify; once the old one is retired, its holders don't."""
    old, new = SigningKey(bytes(32)), KEY
    both, after = Keyring((new, old)), Keyring((new,))
    for keyring, known, fits in (
        (both, old, True),
        (both, new, True),
        (after, new, True),
        (after, old, False),
    ):
        headers = sign("msg_1", NOW, b"{}", keyring.of_party("post-cn"))
        trusted = VerifyingKey.read(Keyring((known,)).public("post-cn")[0])
        if fits:
            verify(headers, b"{}", [trusted], now=NOW)
        else:
            with pytest.raises(VerificationError):
                verify(headers, b"{}", [trusted], now=NOW)


def test_a_notice_to_one_party_is_none_to_another() -> None:
    """Each party's notices have a key of their own, the same each time it is derived."""
    keyring = Keyring((KEY,))
    body = body_of(NOTICE)
    headers = sign(NOTICE.id, NOW, body, keyring.of_party("post-cn"))
    assert receive(headers, body, Keyring((KEY,)).public("post-cn"), now=NOW) == NOTICE
    with pytest.raises(VerificationError):
        receive(headers, body, keyring.public("post-de"), now=NOW)


def test_a_proof_travels() -> None:
    """A signed notice can be shown to anybody years later; another word in it, or other headers, and it is none."""
    keys = Keyring((KEY,)).of_party("post-cn")
    public = keys[0].public().text()
    proof = prove(NOTICE, keys)
    assert proof == prove(NOTICE, keys)
    assert check_proof(proof, public) == NOTICE
    with pytest.raises(VerificationError):
        check_proof(Proof(proof.headers, proof.body.replace(b"8.36", b"8.37")), public)
    with pytest.raises(VerificationError):
        check_proof(Proof(prove(replace(NOTICE, cursor=42), keys).headers, proof.body), public)


def test_what_is_signed_and_no_notice_is_refused() -> None:
    """A signed body of another kind, or under another notice's id, is not taken for a notice."""
    other = replace(NOTICE, cursor=42)
    for message_id, body in (("msg_1", b"[]"), ("msg_1", b"\xff"), (NOTICE.id, body_of(other))):
        headers = sign(message_id, NOW, body, [KEY])
        with pytest.raises(VerificationError) as caught:
            receive(headers, body, KEY.public().text(), now=NOW)
        assert caught.value.reason == "body_malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsk_",
        "whsk_%%%",
        "whsk_AAAA",
        KEY.text().replace("whsk_", "whpk_"),
        KEY.text().removeprefix("whsk_"),
        KEY.text()[:-1],
        "whsk_" + base64.b64encode(KEY.seed + bytes(32)).decode(),
    ],
)
def test_a_wrong_key_is_refused_and_not_repeated(text: str) -> None:
    """What is not a whsk_ key is refused, and the message never shows any of it."""
    with pytest.raises(UsageError) as caught:
        SigningKey.read(text)
    assert len(text) < 12 or text[5:] not in str(caught.value)


def test_keys_keep_to_themselves() -> None:
    """The text of an object that holds secrets shows none."""
    secret = SharedSecret.generate()
    for shown in (repr(KEY), repr(secret), repr(Keyring((KEY,)))):
        assert KEY.text()[5:30] not in shown and repr(KEY.seed) not in shown and repr(secret.raw) not in shown
    assert SharedSecret.read(secret.text()) == secret


def test_a_notice_is_canonical_and_comes_back() -> None:
    """The body is sorted JSON without spaces, with exact amounts, and reads back to the same notice."""
    body = body_of(NOTICE)
    assert body.startswith(
        b'{"data":{"amounts":[{"amount":"8.36","currency":"EUR","name":"vat"},{"amount":"300",'
    )
    assert body == body_of(replace(NOTICE, links=dict(reversed(NOTICE.links.items()))))
    assert read_notice(body) == NOTICE
    assert read_notice(body.replace(b'{"data":{', b'{"data":{"added_later":[1],')) == NOTICE


def test_a_notice_stays_thin() -> None:
    """A body beyond the scheme's advice is refused before it is sent."""
    assert len(body_of(NOTICE)) < 600
    with pytest.raises(UsageError):
        body_of(replace(NOTICE, words="x" * MAX_BODY))
