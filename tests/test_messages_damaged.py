"""What is read by its shape is read as it would be element by element, however a message was cut up on its way."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from greenlane.bench.messages import EVERY
from greenlane.messages import shapes, xml
from greenlane.messages.placi import reading as waybills
from greenlane.messages.postal import edifact, markup
from greenlane.sandbox import generate

_PIECES = (
    b"&amp;", b"&#65;", b"&lt;", b"&nbsp;", b"<x/>", b"<x>1</x>", b"<!-- c -->", b"<?p d?>", b"]]>", b"<![CDATA[1]]>",
    b"\xef\xbf\xbe", b"\xc3", b"\x00", b"\r\n", b"\n  ", b"<", b">", b"</", b'"', b"'", b" a='1'", b' a="1>2"', b"=",
    b" ", b"0", b"-1", b"XX", b"\xe4\xb8\xad", b"9" * 80,
)  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.integers(0, 1 << 20),
        st.one_of(
            st.sampled_from(_PIECES),
            st.integers(1, 40),  # so many bytes are taken out
            st.tuples(st.integers(0, 1 << 20), st.integers(1, 300)),  # another stretch is put in
        ),
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound message of each form, of a dozen generated consignments."""
    stream = tmp_path_factory.mktemp("stream") / "stream.ndjson"
    generate(12, 1, stream)
    consignments = [json.loads(line) for line in stream.read_bytes().splitlines()]
    return {form: EVERY[form].write(consignments) for form in FORMS}


FORMS = [form for form in EVERY if form not in ("us-et86", "gb-bulk")]
"""Those whose readers know shapes again."""
WAYS = (
    (shapes.Shapes, "known"),
    (markup, "known"),
    (edifact, "known"),
    (waybills, "known"),
)
"""Where readers look up a shape."""


@contextmanager
def element_by_element() -> Iterator[None]:
    """Let no shape be known."""
    with ExitStack() as stack:
        for where, name in WAYS:
            stack.enter_context(patch.object(where, name, lambda *_: None))
        yield


def edited(data: bytes, edits: Sequence[tuple[int, Any]]) -> bytes:
    """Change a message at some places."""
    for place, what in edits:
        at = place % (len(data) + 1)
        if isinstance(what, bytes):
            data = data[:at] + what + data[at:]
        elif isinstance(what, int):
            data = data[:at] + data[at + what :]
        else:
            start = what[0] % (len(data) + 1)
            data = data[:at] + data[start : start + what[1]] + data[at:]
    return data


def told(form: str, data: bytes) -> list[tuple[Any, ...]]:
    """All that a message says, part by part, in plain values."""
    return [
        (
            part.kind, part.version, list(part.consignments), list(part.findings),
            [(one.path, one.text) for one in part.carried], part.extras, part.refused,
        )
        for part in EVERY[form].stream(BytesIO(data))
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@example(edits=[(0, b"")])
@given(edits=EDITS)
def test_by_shape_as_element_by_element(
    form: str, sound: dict[str, bytes], edits: list[tuple[int, Any]]
) -> None:
    """Shapes of sound messages change nothing about how a damaged one is read, nor what it is told."""
    damaged = edited(sound[form], edits)
    with patch.object(xml, "_CHUNK", 4_096):
        told(form, sound[form])
        quick = told(form, damaged)
        with element_by_element():
            assert quick == told(form, damaged)


@pytest.mark.parametrize("form", FORMS)
def test_a_message_that_came_before_is_read_by_its_shape(form: str, sound: dict[str, bytes]) -> None:
    """The second of two like messages finds its shapes known, so that the comparison above compares two ways."""
    found = []
    with patch.object(xml, "_CHUNK", 4_096), ExitStack() as stack:
        told(form, sound[form])
        for where, name in WAYS:
            way = getattr(where, name)

            def noted(*args: Any, way: Any = way) -> Any:
                made = way(*args)
                found.append(made is not None)
                return made

            stack.enter_context(patch.object(where, name, noted))
        told(form, sound[form])
    assert any(found)
