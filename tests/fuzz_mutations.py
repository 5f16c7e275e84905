"""Changes of messages that keep their structure: what a fuzzer of bytes alone would hardly come to."""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import polars as pl
from lxml import etree

NASTY = (
    "", " ", "0", "-1", "-0", "+1", "00", "1e999999", "1E5", "0.000000001", "1,5", "NaN", "Infinity", "9" * 40,
    "9" * 5000,
    "1" * 19, "18446744073709551616", "999999999999999.99", "true", "null", "EUR", "JPY", "XXX", "KGM", "LBR", "C62",
    "GB", "CN", "ZZ", "gb", "RR473124829GB", "IM3720000224", "00000000", "20260231", "20260702", "99991231",
    "00010101", "0000-00-00", "2026-02-30", "99999-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-07-02T12:00:00Z",
    "20260702120000Z", "20260702240000", "99991231235959-14", "00000101000000Z", "102", "304", "٣", "²", "１２", "Ⅷ",
    "é", "李",
    "\u202e", "\ufeff", "\u2028", "\x85", "\ud7ff", "\U0010ffff", "'", "\"", "?", "?'", "+:", "]]>", "&", "<",
    "\\", "\x7f",
    "=1+1",
    "A" * 35, "A" * 36, "x" * 300, "x" * 3000, "/a/b[2]", "../..", "%s", "{0}", "[1]", "a.b", "#", "@", "1H7",
    "C07",
)  # fmt: skip
"""Texts that stand for something else than they seem, or for nothing."""
_HOSTILE = (
    b"<!DOCTYPE a>", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<?x y?>", b"<!-- c -->", b"<![CDATA[]]]]>", b"&b;", b"&#0;",
    b"&#xD800;", b"\0", b"\xed\xa0\x80", b"\xc0\xaf", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B",
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-16", "iso-8859-1", "gb18030", "cp1252", "us-ascii")
_INCLUDE = "{http://www.w3.org/2001/XInclude}include"

Mutation = Callable[[bytes, int, int], bytes]
"""Bytes, the most that may come of them, and a number that stands for chance."""


def mutation(kind: str, seeds: Sequence[bytes], plain: Callable[[bytes, int], bytes]) -> Mutation:
    """Return how messages of a kind are changed.

    Args:
        kind: As in `readers.Reader`.
        seeds: Good messages, of which parts are taken.
        plain: The fuzzer's own change of bytes, which does a third of the work.
    """
    change = {"xml": _xml, "edifact": _edifact, "csv": _csv, "json": _json, "parquet": _parquet, "pdf": _pdf}[
        kind
    ]

    def mutate(data: bytes, most: int, chance: int) -> bytes:
        draw = Random(chance)
        if draw.random() < 0.3:
            return plain(data, most)
        if data.startswith(b"\x1f\x8b") and kind != "parquet":
            return _packed(data, lambda inner: change(inner, draw, seeds))[:most]
        made = change(data, draw, seeds)
        if draw.random() < 0.05:
            at = draw.randint(0, len(made))
            made = made[:at] + draw.choice(_HOSTILE) + made[at:]
        if draw.random() < 0.01 and kind in ("csv", "json"):
            made = gzip.compress(made, 1, mtime=0)
        return made[:most]

    return mutate


def _packed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    try:
        inner = zlib.decompressobj(31).decompress(data, 1 << 20)
    except zlib.error:
        inner = data
    return gzip.compress(change(inner), 1, mtime=0)


def _tree(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _xml(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    root = _tree(data)
    other = _tree(draw.choice(seeds))
    if root is None:
        root = other
    if root is None or other is None:
        return data
    encoding = draw.choice(_ENCODINGS)
    try:
        for _ in range(draw.choice((1, 1, 2, 4))):
            found = [one for one in root.iter() if isinstance(one.tag, str)]
            donors = [one for one in other.iter() if isinstance(one.tag, str)]
            _change_element(draw.choice(found), draw, draw.choice(found), draw.choice(donors))
        made = etree.tostring(root, encoding=encoding, xml_declaration=draw.random() < 0.8)
    except (etree.LxmlError, ValueError, LookupError):
        return data
    if draw.random() < 0.03:
        made = made.replace(
            encoding.encode(), draw.choice((b"utf-7", b"utf-16", b"gbk", b"UTF-8", b"rot13")), 1
        )
    return made


def _change_element(one: etree._Element, draw: Random, other: etree._Element, donor: etree._Element) -> None:
    parent = one.getparent()
    match draw.randrange(12):
        case 0 | 1 | 2:
            _text(one, draw.choice(NASTY))
        case 3 if parent is not None:
            parent.remove(one)
        case 4 if parent is not None:
            for _ in range(draw.choice((1, 1, 1, 5, 60))):
                parent.append(_copy(one))
        case 5 if other.getparent() is not None and one not in list(other.iter()):
            one.insert(draw.randint(0, len(one)), other)
        case 6:
            one.insert(draw.randint(0, len(one)), _copy(donor))
        case 7:
            one.text, other.text = other.text, one.text
        case 8:
            name = draw.choice(
                ("currencyID", "unitCode", "unit", "formatCode", "version", "guid", "lang", "x")
            )
            _attribute(one, name, draw.choice(NASTY))
        case 9:
            one.tag = donor.tag
        case 10:
            space, _, name = str(one.tag).rpartition("}")
            one.tag = draw.choice(
                (name, f"{{urn:x}}{name}", f"{space + '}' if space else ''}Other", _INCLUDE)
            )
        case _:
            one.tail = draw.choice(NASTY[:8])


def _copy(one: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(one, with_tail=False))


def _text(one: etree._Element, text: str) -> None:
    try:
        one.text = text
    except ValueError:
        one.text = "?"


def _attribute(one: etree._Element, name: str, text: str) -> None:
    try:
        one.set(name, text)
    except ValueError:
        one.set(name, "?")


def _edifact(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    segments = data.split(b"'")
    donors = draw.choice(seeds).split(b"'")
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(segments))
        match draw.randrange(9):
            case 0 if len(segments) > 1:
                del segments[at]
            case 1:
                segments[at:at] = [segments[at]] * draw.choice((1, 1, 3, 40))
            case 2:
                segments.insert(at, draw.choice(donors))
            case 3:
                to = draw.randrange(len(segments))
                segments[at], segments[to] = segments[to], segments[at]
            case 4:
                segments[at] += draw.choice((b"+", b":", b"?", b"+++", b"::", b"+1:2:3", b"?+"))
            case 5:
                signs = bytes(draw.choice(b":+.? '*|~\\") for _ in range(6))
                segments[0] = b"UNA" + signs + segments[0]
            case _:
                parts = re.split(rb"([+:])", segments[at])
                parts[draw.randrange(len(parts))] = draw.choice(NASTY).encode(
                    draw.choice(("utf-8", "iso8859-1")), "replace"
                )
                segments[at] = b"".join(parts)
    made = b"'".join(segments)
    if draw.random() < 0.5:  # the counts, so that what comes after them is read too
        made = re.sub(rb"UNT\+[0-9]+", b"UNT+%d" % max(len(segments) - 3, 0), made)
    return made


def _csv(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    sign = draw.choice((",", ",", ",", ";", "\t", "|"))
    text = data.decode("utf-8", "surrogateescape").replace("\0", "")
    had = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=had))
    except csv.Error:
        rows = []
    rows = rows or list(csv.reader(io.StringIO(draw.choice(seeds).decode("utf-8", "replace"), newline="")))
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(rows))
        row = rows[at] or [""]
        cell = draw.randrange(len(row))
        match draw.randrange(9):
            case 0 if len(rows) > 1:
                del rows[at]
            case 1:
                rows[at:at] = [list(row)] * draw.choice((1, 1, 40))
            case 2:
                rows[at] = row + [draw.choice(NASTY)] * draw.choice((1, 1, 200))
            case 3:
                rows[at] = row[:cell]
            case 4:
                to = draw.randrange(len(rows))
                rows[at], rows[to] = rows[to], rows[at]
            case 5:
                for one in rows:
                    del one[cell : cell + 1]
            case _:
                rows[at] = [*row[:cell], draw.choice(NASTY), *row[cell + 1 :]]
        rows = rows or [[""]]
    out = io.StringIO(newline="")
    how: Any = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(
        out, delimiter=sign, quoting=how, lineterminator=draw.choice(("\n", "\r\n", "\n", "\r"))
    )
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogateescape")


def _json(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n") if b"}\n{" in data else [data]
    at = draw.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except (ValueError, RecursionError):
        value = json.loads(next(seed for seed in seeds if seed.startswith(b"{") and b"}\n{" not in seed))
    for _ in range(draw.choice((1, 1, 2, 4))):
        value = _change_value(value, draw)
    text = json.dumps(value, ensure_ascii=draw.random() < 0.5, indent=draw.choice((None, None, 1)))
    if draw.random() < 0.05:
        text = text.replace('"items"', '"items":[],"items"', 1)
    if draw.random() < 0.05:
        text = "[" * 300 + text
    lines[at] = text.encode("utf-8", "surrogatepass")
    if draw.random() < 0.1:
        lines += [lines[at]] * draw.choice((1, 30))
    return b"\n".join(lines)


def _change_value(value: Any, draw: Random) -> Any:
    odd = (
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        float("nan"),
        [],
        {},
        [[]],
        {"a": {"b": [1]}},
        "\ud800",
        "\0",
        *NASTY,
    )
    if isinstance(value, dict) and value and draw.random() < 0.85:
        key = draw.choice(sorted(value))
        match draw.randrange(6):
            case 0:
                return {name: held for name, held in value.items() if name != key}
            case 1:
                return {draw.choice(NASTY) if name == key else name: held for name, held in value.items()}
            case _:
                return {**value, key: _change_value(value[key], draw)}
    if isinstance(value, list) and value and draw.random() < 0.85:
        at = draw.randrange(len(value))
        match draw.randrange(4):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return value + [value[at]] * draw.choice((1, 40))
            case _:
                return [*value[:at], _change_value(value[at], draw), *value[at + 1 :]]
    return draw.choice(odd)


_TYPES = (
    pl.Int64(), pl.UInt8(), pl.Float64(), pl.Boolean(), pl.Date(), pl.Datetime("us"), pl.Time(), pl.Duration("us"),
    pl.Binary(), pl.Decimal(38, 2), pl.Decimal(18, 0),
    pl.Categorical(), pl.List(pl.String()), pl.Struct({"a": pl.String()}),
    pl.Null(), pl.Int128(),
)  # fmt: skip


def _parquet(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    if draw.random() < 0.5:  # the footer, and how long it says it is
        made = bytearray(data)
        start = max(len(made) - draw.choice((8, 64, 2000)), 0)
        for _ in range(draw.choice((1, 1, 3))):
            if len(made) > start:
                made[draw.randrange(start, len(made))] = draw.choice(
                    (0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256))
                )
        return bytes(made)
    frame = pl.read_parquet(io.BytesIO(draw.choice(seeds)))
    for _ in range(draw.choice((1, 2, 4))):
        name = draw.choice(frame.columns)
        match draw.randrange(6):
            case 0:
                frame = frame.drop(name) if frame.width > 1 else frame
            case 1:
                frame = frame.rename({name: draw.choice([one for one in NASTY if one not in frame.columns])})
            case 2:
                frame = frame.with_columns(pl.lit(draw.choice(NASTY)).alias(name))
            case 3:
                frame = pl.concat([frame] * draw.choice((2, 30))).head(200)
            case 4:
                frame = frame[:0] if draw.random() < 0.2 else frame
            case _:
                frame = _retyped(frame, name, draw)
    out = io.BytesIO()
    ways: Any = draw.choice(("uncompressed", "zstd", "snappy", "gzip", "lz4", "brotli"))
    try:
        frame.write_parquet(out, compression=ways, row_group_size=draw.choice((1, 2, 100)))
    except pl.exceptions.PolarsError:
        return data
    return out.getvalue()


def _retyped(frame: pl.DataFrame, name: str, draw: Random) -> pl.DataFrame:
    kind = draw.choice(_TYPES)
    try:
        return frame.with_columns(pl.lit(draw.choice((0, 1, -1, None))).cast(kind).alias(name))
    except pl.exceptions.PolarsError:
        return frame.with_columns(pl.lit(None, dtype=kind).alias(name))


def _pdf(data: bytes, draw: Random, seeds: Sequence[bytes]) -> bytes:
    for _ in range(draw.choice((1, 1, 2, 5))):
        match draw.randrange(6):
            case 0:
                data = _swap(data, rb"\d+ 0 R", b"%d 0 R" % draw.randint(0, 40), draw)
            case 1:
                text = draw.choice(NASTY).encode("utf-16" if draw.random() < 0.3 else "iso8859-1", "replace")
                data = _swap(data, rb"\([^()]*\)", b"(" + text + b")", draw)
            case 2:
                other = draw.choice(re.findall(rb"\([^()]*\)", draw.choice(seeds)) or [b"()"])
                data = _swap(data, rb"\([^()]*\)", other, draw)
            case 3:
                odd = (
                    b"/Kids",
                    b"/V",
                    b"/T",
                    b"/Fields",
                    b"/AcroForm",
                    b"/Encrypt",
                    b"/Prev",
                    b"/XRefStm",
                    b"/ObjStm",
                    b"/Length",
                )
                data = _swap(data, rb"/[A-Za-z]+", draw.choice(odd), draw)
            case 4:
                data = _swap(
                    data,
                    rb"\d+",
                    draw.choice((b"0", b"-1", b"99999999999", b"1", b"%d" % draw.randint(0, 5000))),
                    draw,
                )
            case _:
                piece = draw.choice(re.findall(rb"\d+ 0 obj.*?endobj", draw.choice(seeds), re.S) or [b""])
                data = _swap(data, rb"endobj", b"endobj\n" + piece, draw)
    return data


def _swap(data: bytes, pattern: bytes, new: bytes, draw: Random) -> bytes:
    found = list(re.finditer(pattern, data))
    if not found:
        return data
    one = draw.choice(found)
    return data[: one.start()] + new + data[one.end() :]
