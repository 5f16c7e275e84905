"""Hostile EDIFACT, CSV and JSON: floods, marks that do not fit, numbers and nesting without end."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator

from hostile import MB, TEXTS, Case, Flood

_SYNTAX = "messages.postal.syntax"
_CHARSET = "messages.postal.charset"
_BOUNDS = "messages.postal.bounds"


def edifact() -> Iterator[Case]:
    """Give every hostile EDIFACT; a good message here begins with UNA and has a segment a line."""
    signs = {
        "one sign for all": b"''''''",
        "the end as the element's sign": b":'.? '",
        "two signs alike": b"++.? '",
        "letters": b"ABCDEF",
        "digits": b"012345",
        "control signs": b"\0\1\2\3\4\5",
        "no ASCII": b"\xe9\xe8\xe0\xe2 \xea",
        "blanks": b"      ",
        "a release sign that is the end": b":+.' '",
    }
    for name, una in signs.items():
        yield Case(f"UNA: {name}", lambda data, una=una: b"UNA" + una + data[9:])
    yield Case("UNA cut off", lambda data: b"UNA:+", _SYNTAX)
    yield Case("UNA twice", lambda data: data[:9] + data)
    yield Case("a release sign at the end", lambda data: data.rstrip()[:-1] + b"?'", _SYNTAX)
    yield Case("a release sign as the last byte", lambda data: data + b"?", _SYNTAX)
    yield Case("10 million release signs", lambda data: Flood(data, b"?", 10 * MB), _BOUNDS)
    yield Case("a segment of released ends", lambda data: Flood(data[:-1], b"?'", 8_000, b"'"))
    yield Case("10 million ends", lambda data: Flood(data, b"'", 10 * MB))
    yield Case("10 million ends first", lambda data: Flood(data[:9], b"'", 10 * MB, data[9:]))
    for tag in (
        b"CNI",
        b"CST",
        b"FTX+AAA+++x",
        b"NAD+CN+++x",
        b"XXX+1",
        b"UNH+1+ITMATT:D:00A:UN:GL1",
        b"UNT+1+1",
        b"LOC+27+CN",
    ):
        name = tag.decode()
        yield Case(f"a flood of {name}", _before(b"CNT", tag + b"'", 10_000 if tag == b"CNI" else 1_000_000))
    yield Case("10,000 items", _before(b"CNT", b"CNI+1+RR473124829GB'GIS+31:136'", 10_000))
    yield Case(
        "3,000 messages", lambda data: Flood(_upto(data, b"UNH"), _between(data), 3_000, b"UNZ+3000+1'")
    )
    yield Case("a million elements", _before(b"CNT", b"+", 1_000_000, b"FTX", b"'"), _BOUNDS)
    yield Case("a million components", _before(b"CNT", b":", 1_000_000, b"FTX+", b"'"), _BOUNDS)
    yield Case("a segment of 100 MB", _before(b"CNT", b"x", 100 * MB, b"FTX+", b"'"), _BOUNDS)
    yield Case(
        "a segment of 100 MB that does not end", lambda data: Flood(data + b"FTX+", b"x", 100 * MB), _BOUNDS
    )
    for tag in (b"UNB", b"UNH", b"UNT", b"UNZ", b"BGM", b"CNT", b"CNI"):
        yield Case(f"no {tag.decode()}", lambda data, t=tag: re.sub(t + rb"[^']*'\s*", b"", data))
    for tag in (b"UNT", b"UNZ", b"CNT+2:"):
        for count in (b"0", b"-1", b"999999999999999999999", b"9" * 10_000, b"1e5", "٣".encode(), b""):
            yield Case(
                f"{tag.decode()} counts {count[:12]!r} ({len(count)})",
                lambda data, t=tag, c=count: re.sub(
                    re.escape(t) + rb"\+?[0-9]+", t + b"+" * (t != b"CNT+2:") + c, data
                ),
            )
    yield Case("every segment twice", lambda data: data[:9] + b"".join(one * 2 for one in _segments(data)))
    yield Case("segments the other way round", lambda data: data[:9] + b"".join(reversed(_segments(data))))
    yield Case(
        "segments in order of their letters", lambda data: data[:9] + b"".join(sorted(_segments(data)))
    )
    for name, text in TEXTS.items():
        yield Case(f"{name} in every component", lambda data, text=text: _components(data, text))
    for charset in (b"UNOX", b"UNO", b"UNOA", b"x" * 10_000, b"KECA", b"UNOK", b"\xff\xff\xff\xff"):
        yield Case(
            f"set {charset[:8]!r}",
            lambda data, c=charset: re.sub(rb"UNB\+[^:]*", lambda _: b"UNB+" + c, data) + b"\xe9'",
        )
    yield Case(
        "UNOW with half a sign",
        lambda data: data.replace(b"UNOC", b"UNOW").replace(b"+++", b"+++\xc3", 1),
        _CHARSET,
    )


def _segments(data: bytes) -> list[bytes]:
    return [one + b"'" for one in data[9:].split(b"'")[:-1]]


def _upto(data: bytes, tag: bytes) -> bytes:
    return data[: data.index(tag)]


def _between(data: bytes) -> bytes:
    return data[data.index(b"UNH") : data.index(b"UNZ")]


def _before(
    tag: bytes, piece: bytes, count: int, head: bytes = b"", tail: bytes = b""
) -> Callable[[bytes], Flood]:
    def made(data: bytes) -> Flood:
        at = data.index(tag) if tag in data else data.index(b"UNT")
        return Flood(data[:at] + head, piece, count, tail + data[at:])

    return made


def _components(data: bytes, text: str) -> bytes:
    odd = re.sub("([?:+'])", r"?\1", text).encode()
    made = []
    for one in _segments(data):
        tag = one.lstrip()[:3]
        kept = tag in (b"UNB", b"UNH", b"UNT", b"UNZ", b"CNI", b"CST")
        made.append(one if kept else re.sub(rb"(?<=[+:])[^+:']+(?=[+:'])", lambda _: odd, one))
    return data[:9] + b"".join(made)


def table() -> Iterator[Case]:
    """Give every hostile CSV."""
    yield Case("a header of a million columns", lambda data: Flood(b"", b"a,", 1_000_000, b"\n" + data))
    yield Case(
        "a million columns beside the known",
        lambda data: Flood(data.split(b"\n")[0], b",b", 1_000_000, b"\n"),
    )
    yield Case("a row of a million cells", lambda data: Flood(data, b",", 1_000_000, b"\n"))
    yield Case("a million empty rows", lambda data: Flood(data, b"\n", 1_000_000))
    yield Case("a million rows of one cell", lambda data: Flood(data, b"x\n", 300_000))
    yield Case(
        "100,000 times the last row",
        lambda data: Flood(data, data.rstrip(b"\n").rsplit(b"\n", 1)[1] + b"\n", 30_000),
    )
    yield Case("a line of 100 MB", lambda data: Flood(data, b"x", 100 * MB))
    yield Case("a first line of 100 MB", lambda data: Flood(b"", b"x", 100 * MB, data))
    yield Case("a quotation mark that is not closed", lambda data: data + b'"' + data * 1_000)
    yield Case("a quotation mark at the begin", lambda data: b'"' + data * 2_000)
    yield Case("20 million quotation marks", lambda data: Flood(data, b'"', 20 * MB + 1))
    yield Case("marks on every other line", lambda data: Flood(data, b'x"y\nz\n', 100_000))
    yield Case("an open mark on every line", lambda data: Flood(data, b'"\n', 100_001))
    yield Case("only commas", lambda data: Flood(b"", b",", 2 * MB))
    yield Case("only the header", lambda data: data.split(b"\n")[0] + b"\n")
    yield Case("the header twice", lambda data: data.split(b"\n")[0] + b"\n" + data)
    yield Case("every column twice", lambda data: data.split(b"\n")[0] + b"," + data.split(b"\n")[0] + b"\n")
    yield Case("line ends of an old Mac", lambda data: data.replace(b"\r", b"").replace(b"\n", b"\r"))
    yield Case("line ends of every kind", lambda data: data.replace(b"\n", b"\r\r\n\n\r"))
    for name, text in TEXTS.items():
        yield Case(f"{name} in every cell", lambda data, text=text: _cells(data, text))


def _cells(data: bytes, text: str) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(
        [rows[0], *([text] * (len(row) if len(text) < MB // 2 else 1) for row in rows[1:])]
    )
    return out.getvalue().encode("utf-8", "surrogatepass")


def objects() -> Iterator[Case]:
    """Give every hostile JSON; a good message here is one object."""
    yield Case("100,000 lists in each other", lambda data: Flood(b"", b"[", 100_000))
    yield Case(
        "100,000 objects in each other", lambda data: Flood(b"", b'{"a":', 100_000, b"1" + b"}" * 100_000)
    )
    for key in (b"items", b"elections", b"consignee", b"a", b"registrations"):
        name = key.decode()
        yield Case(
            f"{name} 100,000 deep", lambda data, k=key: _member(data, k, b"[" * 100_000 + b"]" * 100_000)
        )
        yield Case(
            f"{name} 200 deep", lambda data, k=key: _member(data, k, b'{"a":' * 200 + b"1" + b"}" * 200)
        )
    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e999999", b"-1e999999", b"1e-999999", b"9" * 1_000_000,
                 b"0x10", b"01", b"1.", b"-", b"tru", b"'x'", b"undef", b'"\\ud800"', b'"\\u0000"', b'"\\udc00\\ud800"',
                 b'"\\x"', b'"\xed\xa0\x80"', b'"' + b"x" * MB + b'"', b"/**/1", b"1 // x", b'"\n"'):  # fmt: skip
        for key in (b"freight", b"consignment_id", b"mine"):
            yield Case(f"{key.decode()} is {text[:14]!r}", lambda data, k=key, t=text: _member(data, k, t))
    yield Case("every key twice", _twice)
    yield Case(
        "a key a million times", lambda data: Flood(data[:1], b'"channel":"postal",', 1_000_000, data[1:])
    )
    yield Case(
        "100,000 keys",
        lambda data: data[:1] + b"".join(b'"k%d":1,' % n for n in range(100_000)) + data[1:],
    )
    yield Case("a key of 16 MB", lambda data: Flood(data[:1] + b'"', b"k", 16 * MB, b'":1,' + data[1:]))
    yield Case("a text of 100 MB", lambda data: Flood(data[:1] + b'"a":"', b"x", 100 * MB, b'",' + data[1:]))
    yield Case("a text that does not end", lambda data: Flood(data[:-1] + b',"a":"', b"x", 40 * MB))
    yield Case(
        "20,000 items", lambda data: data[:-1] + b',"items":[' + b'{"item_id":"1"},' * 20_000 + b"{}]}"
    )
    yield Case("a million empty lines", lambda data: Flood(data, b"\n", 1_000_000, data))
    yield Case("5,000 empty objects", lambda data: Flood(b"", b"{}\n", 5_000))
    yield Case("5,000 objects in a list that does not end", lambda data: Flood(b"[", b"{},", 5_000))
    yield Case("1,000 times the same", lambda data: Flood(b"", data + b"\n", 1_000))
    yield Case("something after it", lambda data: data + b"}]garbage")
    yield Case("no end of commas", lambda data: Flood(b"[", b",", 10 * MB))
    yield Case("no end of numbers", lambda data: Flood(b"[", b"1,", 300_000, b"1]"))
    for name, text in TEXTS.items():
        yield Case(f"{name} in every value", lambda data, text=text: _values(data, text))


def _member(data: bytes, key: bytes, value: bytes) -> bytes:
    """Return an object with one member replaced, or added."""
    held = json.loads(data)
    held.pop(key.decode(), None)
    return json.dumps(held).encode()[:-1] + b',"' + key + b'":' + value + b"}"


def _twice(data: bytes) -> bytes:
    inner = json.dumps(json.loads(data))[1:-1]
    return f"{{{inner},{inner}}}".encode()


def _values(data: bytes, text: str) -> bytes:
    def changed(value: object) -> object:
        if isinstance(value, dict):
            return {key: changed(held) for key, held in value.items()}
        return [changed(held) for held in value] if isinstance(value, list) else text

    return json.dumps(changed(json.loads(data))).encode()
