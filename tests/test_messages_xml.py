"""The one door for XML: what is hostile is refused, quickly and in little memory; what is plain comes through."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from greenlane.messages.xml import (
    BOUNDS,
    DOCTYPE,
    ENCODING,
    INCLUDE,
    MALFORMED,
    SCHEMA,
    Bounds,
    XmlRefused,
    document,
    faults,
    path_of,
    records,
    schema,
)
from greenlane.values.errors import GreenlaneError

ROOT = Path(__file__).resolve().parents[1]

HOSTILE = {
    "doctype": (b"<!DOCTYPE a><a/>", DOCTYPE),
    "doctype in small letters": (b"<!doctype a><a/>", DOCTYPE),
    "doctype after a comment": (b'<?xml version="1.0"?>\n<!-- - no -->\n<!DOCTYPE a><a/>', DOCTYPE),
    "doctype in UTF-16": ("<!DOCTYPE a><a/>".encode("utf-16"), DOCTYPE),
    "entity bomb": (
        b'<!DOCTYPE a [<!ENTITY b "yyyy"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        DOCTYPE,
    ),
    "external entity": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>', DOCTYPE),
    "external subset": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', DOCTYPE),
    "entity without doctype": (b"<a>&b;</a>", MALFORMED),
    "xinclude": (
        b'<a><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/></a>',
        INCLUDE,
    ),
    "depth": (b"<a>" * 101 + b"</a>" * 101, BOUNDS),
    "great depth": (b"<a>" * 1_000_000, BOUNDS),
    "text": (b"<a>" + b"y" * 300_000 + b"</a>", BOUNDS),
    "attribute": (b'<a b="' + b"y" * 300_000 + b'"/>', BOUNDS),
    "flood of elements": (b"<a>" + b"<b/>" * 600_000 + b"</a>", BOUNDS),
    "flood of attributes": (b"<a " + b"".join(b'b%d="" ' % n for n in range(600_000)) + b"/>", BOUNDS),
    "name": (b"<" + b"a" * 20_000_000 + b"/>", BOUNDS),
    "comment without end": (b"<!--" + b"x" * 70_000, MALFORMED),
    "prefix that nothing declares": (b"<a><p:b/></a>", MALFORMED),
    "prefix that nothing declares, far in": (b"<a>" + b"<b/>" * 30_000 + b'<b p:c="1"/></a>', MALFORMED),
    "nothing": (b"", MALFORMED),
    "blanks": (b" \n ", MALFORMED),
    "JSON": (b'{"a": 1}', MALFORMED),
    "cut off": (b"<a><b>", MALFORMED),
    "cut off in a tag": (b"<a><b", MALFORMED),
    "two roots": (b"<a/><b/>", MALFORMED),
    "attribute twice": (b'<a b="1" b="2"/>', MALFORMED),
    "crossed": (b"<a><b></a></b>", MALFORMED),
    "NUL": (b"<a>\0</a>", ENCODING),
    "not UTF-8": (b"<a>\xff</a>", ENCODING),
    "lies: latin 1 as UTF-8": ('<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode("latin-1"), ENCODING),
    "lies: UTF-8 as ASCII": ('<?xml version="1.0" encoding="us-ascii"?><a>é</a>'.encode(), ENCODING),
    "lies: UTF-16 declared": (b'<?xml version="1.0" encoding="utf-16"?><a/>', ENCODING),
    "lies: mark and name differ": ("\ufeff<?xml version='1.0' encoding='cp1252'?><a/>".encode(), ENCODING),
    "UTF-16 without mark": ("<a/>".encode("utf-16-le"), ENCODING),
    "UTF-7": (b'<?xml version="1.0" encoding="utf-7"?><a/>', ENCODING),
    "no encoding at all": (b'<?xml version="1.0" encoding="rot13"?><a/>', ENCODING),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused(name: str) -> None:
    """Each hostile input gets its finding, as one record and as a whole, and never another exception."""
    data, code = HOSTILE[name]
    with pytest.raises(XmlRefused) as refused:
        document(data)
    assert refused.value.finding.code == code
    with pytest.raises(XmlRefused):
        list(records(io.BytesIO(data), ["{*}record"]))


def test_refusals_tell_the_line_and_no_value() -> None:
    """A fault is told by its line, without the parser's own words, which may repeat the message."""
    with pytest.raises(XmlRefused) as refused:
        document(b"<a>\n<name>A. Example</nome>\n</a>")
    assert refused.value.finding.message.startswith("line 2: ")
    assert "Example" not in str(refused.value) and "nome" not in str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "é中"),
        ("utf-16", "é中"),
        ("iso-8859-1", "é"),
        ("windows-1252", "€"),
        ("GB2312", "中"),
        ("ascii", "e"),
    ],
)
def test_encodings_of_the_list_are_read(encoding: str, text: str) -> None:
    """Text in a declared encoding of the list arrives as what it says."""
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>{text}</a>'.encode(encoding)
    assert document(data).text == text


def test_duplicate_and_reordered_elements_come_through_as_they_are() -> None:
    """The door does not judge order or repetition; that is the family's task, and nothing is merged."""
    root = document(b"<a><c>1</c><b>2</b><c>3</c><!-- x --><?y z?></a>")
    assert [(e.tag, e.text) for e in root] == [("c", "1"), ("b", "2"), ("c", "3")]


def test_records_come_one_after_the_other_with_what_they_hold() -> None:
    """The outermost elements are handed out complete, whatever the cuts between reads."""
    one = b'<m><r n="%d"><x>' + "é".encode() * 500 + b"</x><r/></r></m>"
    source = b"<all>" + b"".join(one % n for n in range(500)) + b"</all>"
    seen = [(e.get("n"), len(e), e[0].text) for e in records(io.BytesIO(source), ["{*}r"])]
    assert seen == [(str(n), 2, "é" * 500) for n in range(500)]


class _Endless(io.RawIOBase):
    """A source made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._kept) < size and (piece := next(self._pieces, None)) is not None:
            self._kept += piece
        taken, self._kept = self._kept[:size], self._kept[size:]
        return taken


@pytest.mark.parametrize(
    "piece",
    [b"<q/>", b"<r/>" + b"<q/>" * 15_000, b"<r/>" + b"<q>" + b"y" * 60_000 + b"</q>", b"y" * 1_000],
    ids=["no record", "few records", "few records and long texts", "text"],
)
def test_what_piles_up_between_records_is_bounded(piece: bytes) -> None:
    """A source that never ends is left after a bounded part of it, whatever stands between its records."""

    def endless() -> Iterator[bytes]:
        yield b"<all>"
        while True:
            yield piece

    source = _Endless(endless())
    with pytest.raises(XmlRefused) as refused:
        for _ in records(source, ["{*}r"], Bounds(message=64 << 20)):  # type: ignore[arg-type]
            pass
    assert refused.value.finding.code == BOUNDS


def test_memory_stays_flat_and_hostile_input_costs_little() -> None:
    """100 MB of records, or of one attribute, are read or refused in less than 100 MB more than at the start."""
    code = """
import io, resource, sys
from tests.test_messages_xml import _Endless
from greenlane.messages.xml import XmlRefused, records
def high(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def pieces(head, piece, times, tail):
    yield head
    for _ in range(times): yield piece
    yield tail
before = high()
item = b'<r><x>1</x>' + b'<y z="1">zzzz</y>' * 50 + b'</r>'
assert sum(1 for _ in records(_Endless(pieces(b'<a>', item * 100, 1_150, b'</a>')), ['{*}r'])) == 115_000
for head, piece in ((b'<a><r x="', b'q' * 65_536), (b'<a><r>', b'<q/>' * 16_384), (b'<a><r>', b'q' * 65_536)):
    try:
        list(records(_Endless(pieces(head, piece, 1_600, b'')), ['{*}r']))
    except XmlRefused:
        continue
    sys.exit('not refused')
print(high() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100


@pytest.mark.parametrize("size", [300, 1])
def test_names_and_trees_of_hostile_messages_do_not_stay(size: int) -> None:
    """After 200 MB of made-up names, in large messages or small ones, any name is read; refused trees are let go of."""
    code = f"""
import resource
from greenlane.messages.xml import XmlRefused, document
def high(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def named(n): return b'<a>' + b''.join(b'<n%d_%d_%s/>' % (n, i, b'x' * 40_000) for i in range({size})) + b'</a>'
document(named(-1))
before = high()
for n in range(6_000 // {size}):
    document(named(n))
for _ in range(4):
    try:
        document(b'<a>' + b'x<b/>' * 600_000)
    except XmlRefused:
        pass
assert document(b'<a>' + b''.join(b'<new%d/>' % n for n in range(5_000)) + b'</a>') is not None
print(high() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 250


XSD = {
    "a/main.xsd": b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
        <xs:include schemaLocation="../b/types.xsd"/>
        <xs:element name="a"><xs:complexType><xs:sequence>
        <xs:element name="name" type="short"/><xs:element name="n" type="xs:int"/>
        </xs:sequence></xs:complexType></xs:element></xs:schema>""",
    "b/types.xsd": b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="short">
        <xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction></xs:simpleType></xs:schema>""",
}


def test_schemas_are_compiled_from_what_is_given_and_tell_faults_without_values() -> None:
    """Imports are found among the given files; every fault has its path and line and repeats no value."""
    compiled = schema(XSD, "a/main.xsd")
    assert faults(compiled, document(b"<a><name>abc</name><n>1</n></a>")) == ()
    found = faults(compiled, document(b"<a>\n<name>A. Example</name>\n<n>twelve</n></a>"))
    assert [(f.code, f.place.path) for f in found] == [(SCHEMA, "/a/name"), (SCHEMA, "/a/n")]
    assert found[0].message == "line 2: the value is longer than allowed"
    assert "Example" not in str(found) and "twelve" not in str(found)


def test_a_schema_reaches_for_nothing_that_was_not_given() -> None:
    """An import of a file that is not among the given ones is refused; neither disk nor network is asked."""
    with pytest.raises(GreenlaneError):
        schema({"a/main.xsd": XSD["a/main.xsd"]}, "a/main.xsd")
    with pytest.raises(GreenlaneError):
        schema({"a/main.xsd": b"<a"}, "a/main.xsd")


_TREES = st.recursive(
    st.builds(
        lambda n, t: f"<{n}>{t}</{n}>", st.sampled_from("abc"), st.sampled_from(["", "1", "é", "&amp;"])
    ),
    lambda inner: st.builds(lambda n, c: f"<{n}>{''.join(c)}</{n}>", st.sampled_from("abc"), st.lists(inner)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=300), st.builds(lambda b: b"<a>" + b + b"</a>", st.binary(max_size=100))
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Random bytes give a document or a refusal, nothing else."""
    try:
        root = document(data)
    except XmlRefused as refused:
        assert refused.finding.code.startswith("messages.xml.")
    else:
        assert root.getroottree().docinfo.doctype == ""


@settings(max_examples=150, deadline=None)
@given(trees=st.lists(_TREES, max_size=8), cut=st.integers(0, 400))
def test_records_equal_the_document(trees: list[str], cut: int) -> None:
    """Reading record by record gives what reading as a whole gives; cut off anywhere, it is refused."""
    data = f"<all>{''.join(f'<r>{tree}</r>' for tree in trees)}</all>".encode()
    whole = [etree.tostring(e) for e in document(data)]
    assert [etree.tostring(e, with_tail=False) for e in records(io.BytesIO(data), ["{*}r"])] == whole
    assert [path_of(e) for e in document(data)] == [
        f"/all/r[{n + 1}]" if n else "/all/r" for n in range(len(trees))
    ]
    if cut < len(data):
        with pytest.raises(XmlRefused):
            document(data[:cut])
