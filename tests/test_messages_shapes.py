"""What is read by its shape is read as it would be element by element, however a message was cut up on its way."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from greenlane.messages import shapes, xml
from greenlane.messages.families import formats
from greenlane.messages.foreign import Message
from greenlane.messages.wco import sections

FORMS = ("wco-dm36", "ics2", "ceb", "postal-itmatt-xml", "placi")
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


def consignment(number: int, **changes: Any) -> dict[str, Any]:
    """A parcel of made-up persons with two goods items."""
    item = {
        "description": "cotton T-shirt", "hs_code": "610910", "origin_country": "CN", "quantity": "2", "unit": "C62",
        "value": "12.00", "gross_mass_kg": "0.3", "net_mass_kg": "0.2",
    }  # fmt: skip
    return {
        "consignment_id": f"P{number}", "transport_document": "RR473124829GB", "channel": "postal",
        "transaction": "b2c", "declaration_date": "2026-07-02", "departure_country": "CN",
        "destination_country": "DE", "transport_mode": "air", "currency": "EUR", "freight": "4.00",
        "consignor": {"name": "A. Example", "address": "1 Example Street", "country": "CN"},
        "consignee": {"name": "B. Example", "address": "2 Example Street", "country": "DE", "postcode": "10115"},
        "items": [{**item, "item_id": "1"}, {**item, "item_id": "2", "description": "shoes & <laces>"}],
    } | changes  # fmt: skip


def written(form: str) -> bytes:
    """A message of several consignments, no two quite alike, written one beside the other."""
    made = [
        consignment(1),
        consignment(2, freight="5.10"),
        consignment(3, consignee={"name": "C. Example", "country": "DE"}),
        consignment(4, declaration_date="2026-07-03", items=consignment(4)["items"][:1]),
        *(consignment(number) for number in range(5, 9)),
    ]
    return formats()[form].write(made).data


@contextmanager
def element_by_element() -> Iterator[None]:
    """Let no shape be known."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(shapes.Shapes, "known", lambda *_: None))
        stack.enter_context(patch.object(sections, "_known", lambda *_: None))
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


def told(message: Message) -> tuple[Any, ...]:
    """All that a message says, in plain values."""
    return (
        message.kind, message.version, list(message.consignments), list(message.findings),
        [(one.path, one.text) for one in message.carried], message.extras, message.refused,
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(edits=[(0, b"")])
@given(edits=EDITS)
def test_by_shape_as_element_by_element(form: str, edits: list[tuple[int, Any]]) -> None:
    """Shapes of sound messages change nothing about how a damaged one is read, nor what it is told."""
    sound = written(form)
    damaged = edited(sound, edits)
    reader = formats()[form]
    with patch.object(xml, "_CHUNK", 600):
        reader.read(sound)
        reader.read(sound)
        quick = told(reader.read(damaged))
        with element_by_element():
            assert quick == told(reader.read(damaged))


@pytest.mark.parametrize("form", ["wco-dm36", "ics2"])
def test_a_message_that_came_before_is_read_by_its_shape(form: str) -> None:
    """The second of two like messages finds its shapes known, so that the comparison above compares two ways."""
    sound, found = written(form), []
    ways = ((shapes.Shapes, "known", shapes.Shapes.known), (sections, "_known", sections._known))
    reader = formats()[form]
    with patch.object(xml, "_CHUNK", 600), ExitStack() as stack:
        reader.read(sound)
        for where, name, way in ways:

            def noted(*args: Any, way: Any = way) -> Any:
                made = way(*args)
                found.append(made is not None)
                return made

            stack.enter_context(patch.object(where, name, noted))
        reader.read(sound)
    assert any(found)
