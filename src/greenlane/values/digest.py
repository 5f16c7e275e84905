"""Digests that stay the same for years: SHA-256 over one canonical JSON form."""

import hashlib
import unicodedata

import msgspec


def canonical_json(obj: object) -> bytes:
    """Write a value as canonical JSON: keys sorted, no spaces, text in Unicode NFC, UTF-8.

    Args:
        obj: None, booleans, integers, text, lists or tuples and dicts with text keys.
    Raises:
        TypeError: A float (money and rates are never floats), a key that is not text, or another type.
        ValueError: Two keys are the same text once normalised.

    Example:
        >>> canonical_json({"b": [1, None], "a": "e\\u0301"}).decode()
        '{"a":"é","b":[1,null]}'
    """
    return msgspec.json.encode(_normal(obj))


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of *data* as 64 lower-case hexadecimal digits.

    Example:
        >>> sha256_hex(b"")[:16]
        'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()


def _normal(obj: object) -> object:
    match obj:
        case None | bool() | int():
            return obj
        case str():
            return unicodedata.normalize("NFC", obj)
        case list() | tuple():
            return [_normal(element) for element in obj]
        case dict():
            pairs = {_key(key): value for key, value in obj.items()}
            if len(pairs) != len(obj):
                raise ValueError("two keys are the same text once normalised")
            return {key: _normal(pairs[key]) for key in sorted(pairs)}
        case _:
            raise TypeError(f"canonical JSON holds no {type(obj).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("canonical JSON has text keys only")
    return unicodedata.normalize("NFC", key)
