"""Shapes of sections: what is looked up reads as what is walked, whatever stands in it; memory stays flat."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.bench.message_formats import MEASURED
from greenlane.bench.run import read_long
from greenlane.messages import shapes, xml
from greenlane.messages.ceb import envelope
from greenlane.messages.ceb import shape as ceb
from greenlane.messages.foreign import Message
from greenlane.messages.ics2 import filing
from greenlane.messages.shapes import Shapes, cut, parted, plain_cut, sectioned
from greenlane.messages.wco import sections
from greenlane.sandbox import generate

NAMES = ("wco-dm36", "ceb 621", "ceb 311", "ceb 411", "ics2 F43", "ics2 F32")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty generated consignments."""
    path = tmp_path_factory.mktemp("shapes") / "some.ndjson"
    generate(30, 2026, path)
    return path


@pytest.fixture(scope="module")
def messages(documents: Path) -> dict[str, bytes]:
    """One message of them by format."""
    consignments = [json.loads(line) for line in documents.read_bytes().splitlines()]
    return {name: MEASURED[name].write(consignments) for name in NAMES}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read two KiB at a time, so that a short source is read as a long one is."""
    monkeypatch.setattr(xml, "_CHUNK", 2_048)


def _forget() -> None:
    ceb.forget()
    envelope.forget()
    filing.forget()
    sections.forget()


def _nothing(self: Shapes[Any], part: object, spaces: str) -> None:
    """Know no shape."""


def _walked(read: Callable[[], Any]) -> Any:
    """Read with no shape known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shapes, "known", _nothing)
        return read()


_STRANGE = (
    "<", ">", "/", "&", "&amp;", "&#65;", "&#13;", "\r\n", "\n", " ", "\t", "]]>", "\x00", "\x0b", "\ufffe", "é",
    '"', "'", "<!-- c -->", "<![CDATA[x]]>", "<?p i?>", "<x/>", "<x>1</x>", "<x></x>", "<>", "</x>", ' a="1"',
    ' a="x>y"', ":", "0", "-", "9999999",
)  # fmt: skip


@st.composite
def _edits(draw: st.DrawFn) -> list[tuple[int, int, str]]:
    """Some places with how much goes and what comes instead."""
    one = st.tuples(st.integers(0, 1 << 30), st.sampled_from((0, 0, 1, 3, 40)), st.sampled_from(_STRANGE))
    return draw(st.lists(one, min_size=1, max_size=4))


def _edited(data: bytes, edits: list[tuple[int, int, str]], between: bool) -> bytes:
    """Change the message; *between* puts everything before a tag or after one, where most of it is well-formed."""
    for place, gone, comes in edits:
        at = place % len(data)
        if between:
            at = data.find(b"<" if place % 2 else b">", at) + (place + 1) % 2
        data = data[:at] + comes.encode() + data[at + (0 if between else gone) :]
    return data


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(edits=_edits(), between=st.booleans(), short=st.booleans())
def test_what_is_looked_up_reads_as_what_is_walked(
    name: str, messages: dict[str, bytes], edits: list[tuple[int, int, str]], between: bool, short: bool
) -> None:
    """With every shape of the sound message known, a broken one gives the same messages as with none known."""
    one = MEASURED[name]
    data = messages[name]
    if short:
        begin, end = data.index(one.record[0]), data.index(one.record[1]) + len(one.record[1])
        data = data[:begin] + data[begin:end] + data[data.rindex(one.record[1]) + len(one.record[1]) :]
    broken = _edited(data, edits, between)

    def read() -> list[Message]:
        return list(one.stream(io.BytesIO(broken)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml, "_CHUNK", 1 << 16 if short else 2_048)
        walked = _walked(read)
        list(one.stream(io.BytesIO(data)))
        assert list(one.stream(io.BytesIO(data))) == _walked(lambda: list(one.stream(io.BytesIO(data))))
        assert read() == walked
        assert one.read(broken) == _walked(lambda: one.read(broken))


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("name", NAMES)
def test_a_known_record_is_not_parsed(
    name: str, messages: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the shapes of a message are known, most of its records are looked up, and come out as before."""
    one, made = MEASURED[name], []
    _forget()
    first = list(one.stream(io.BytesIO(messages[name])))
    known = Shapes.known

    def counted(self: Shapes[Any], part: Any, spaces: str) -> Any:
        made.append(known(self, part, spaces))
        return made[-1]

    monkeypatch.setattr(Shapes, "known", counted)
    assert list(one.stream(io.BytesIO(messages[name]))) == first
    assert sum(found is not None for found in made) >= 25
    assert len(made) - sum(found is not None for found in made) <= 3


def test_lines_are_counted_over_records_that_are_not_parsed(messages: dict[str, bytes]) -> None:
    """A fault behind many known records is told at its own line."""
    one = MEASURED["ics2 F43"]
    data = messages["ics2 F43"].replace(b"><", b">\n<")
    last = data.rindex(b"<goodsItemNumber>")
    faulty = data[:last] + b"<unheardOf/>" + data[last:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml, "_CHUNK", 2_048)
        list(one.stream(io.BytesIO(data)))
        (found,) = [
            f for m in one.stream(io.BytesIO(faulty)) for f in m.findings if f.code.endswith(".unknown")
        ]
    line = f"line {faulty[: last + 12].count(bytes([10])) + 1}:"
    assert found.message.startswith(line)


def test_known_shapes_are_bounded() -> None:
    """Ever new shapes don't grow memory: beyond a number of them all are forgotten, long ones aren't kept."""
    held: Shapes[shapes.Shape] = Shapes()

    def learn(xml: str, path: str) -> None:
        shape = shapes.Shape([path], [()], [10], (), 0)
        held.learn(cut(xml), "", shapes.Section(shape, ("1",), ("1",)))

    for number in range(2_000):
        learn(f"<a{number}>1</a{number}>", f"/a{number}")
        assert 0 < len(held) <= 512
    held.clear()
    long = "b" * 9_000
    learn(f"<{long}>1</{long}>", f"/{long}")
    assert not len(held)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<a>2</a>", "/a"),
        ("<a>1</a>", "/b"),
        ("<a>1</a><b/>", "/a"),
        ('<a c="x>y">1</a>', "/a"),
        ('<a c="&amp;">1</a>', "/a"),
        ("<a>1</b>", "/a"),
        ("x<a>1</a>", "/a"),
        ("<a>1", "/a"),
        ("<a/b>1</a>", "/a"),
    ],
)
def test_only_what_the_text_shows_as_the_walk_did_is_learned(text: str, path: str) -> None:
    """A shape isn't kept where text and leaves differ, or where a tag isn't plain enough to be told from text."""
    held: Shapes[shapes.Shape] = Shapes()
    shape = shapes.Shape([path], [()], [10], (), 0)
    held.learn(cut(text), "", shapes.Section(shape, ("1",), ("1",)))
    assert not len(held)


@pytest.mark.parametrize(
    "text",
    [
        '<m><i a="1">1</i></m>',
        "<m><xi>1</xi></m>",
        "<m><i>1</i>text<i>2</i></m>",
        "<m><i>1</i><o/><i>2</i></m>",
        "<m><i>1<i>2</i></i></m>",
        "<m><i>1</m>",
    ],
)
def test_items_that_are_not_plainly_one_after_the_other_are_left_to_the_walk(text: str) -> None:
    """A record is parted only where its items have no attributes and nothing stands between them."""
    assert parted(text, "i") is None and sectioned(text, "i") is None


@settings(max_examples=200, deadline=None)
@given(
    before=st.sampled_from(["", "<a>1</a>", "<a/> "]),
    items=st.lists(st.sampled_from(["", "<b>2</b>", " <b/>&lt;", "<b>&amp;</b><c>3</c>"]), max_size=4),
    between=st.sampled_from(["", " ", "\n"]),
    after=st.sampled_from(["", "<d>4</d>", " "]),
)
def test_both_ways_of_parting_agree(before: str, items: list[str], between: str, after: str) -> None:
    """Cutting a record at once gives what parting it by its text and cutting the parts gives."""
    text = f"<m>{before}{between.join(f'<i>{one}</i>' for one in items)}{after}</m>"
    parts = parted(text, "i")
    assert parts is not None
    assert sectioned(text, "i") == [plain_cut(one) for one in (parts.head, *map(cut, parts.items))]
    assert items == [] or sectioned(text, "i", len(items)) == sectioned(text, "i")
    assert len(items) < 2 or sectioned(text, "i", len(items) - 1) is None


@pytest.mark.parametrize("name", ["wco-dm36", "ceb 621", "ics2 F43"])
def test_long_messages_are_read_in_flat_memory(name: str, documents: Path) -> None:
    """Ten thousand items in one message, in a process of its own, need hardly more memory than a thousand."""
    found = read_long([name], documents, 10_000)[name]
    assert found["bytes"] > 6_000_000
    assert found["peak"] - found["before"] < 8 << 20
