"""How much a body holds is found out before it is read: never less than it holds, and quickly."""

import pytest

from greenlane.desk.weight import Bound, holds_more

FEW = Bound(records=3, objects=5)

BODIES = [
    (b"[{}, {}, {}]", False),
    (b"[{}, {}, {}, {}]", True),
    (b"{}\n{}\n{}\n", False),
    (b"{}\n\n{} {}\r\n{}", True),
    (b"[1, null, true]", False),
    (b'[{}, 1, "{", {}]', True),
    (b'[{"a": {"b": {}}}, {"a": {"b": {}}}]', True),
    (b'[{"a": {"b": {}}}, {"a": 1e9999, "c": [[], [1, 2, 3, 4]]}]', False),
    (b'\xef\xbb\xbf \n[{"\\u00e9": "\xff, {"}, {}', False),
    (b"[" * 100_000, False),
    (b"[" + b"1," * 100_000 + b"1]", True),
]
"""Bodies, and whether they hold more than `FEW`."""


@pytest.mark.parametrize(("body", "more"), BODIES, ids=[body[:24].decode("latin-1") for body, _ in BODIES])
def test_values_and_objects_are_counted_whatever_they_are(body: bytes, more: bool) -> None:
    """Objects and other values count alike, in an array, in lines or in neither, sound or broken off."""
    assert holds_more(body, FEW) is more
