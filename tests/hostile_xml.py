"""Hostile XML: what reaches outside, what swells, what floods, what lies about its encoding."""

import re
from collections.abc import Callable, Iterator

from lxml import etree

from hostile import MB, TEXTS, Case, Flood, Made
from readers import MARK

_DOCTYPE = "messages.xml.doctype"
_ENCODING = "messages.xml.encoding"
_INCLUDE = "messages.xml.include"
_MALFORMED = "messages.xml.malformed"
_BOUNDS = "messages.xml.bounds"
_XI = b'xmlns:xi="http://www.w3.org/2001/XInclude"'
_LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
_SUBSETS = {
    "a DOCTYPE": b"<!DOCTYPE a>",
    "a DOCTYPE in small letters": b"<!doctype a>",
    "a DOCTYPE in all letters": b"<!DocType a>",
    "a DOCTYPE over lines": b"<!DOCTYPE\n\ta\r\n>",
    "a DOCTYPE after a comment": b"<!-- - -->\n<!-- --><!DOCTYPE a>",
    "a DOCTYPE after an instruction": b"<?a <!-- ?><!DOCTYPE a>",
    "an external subset": b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    "a public subset": b'<!DOCTYPE a PUBLIC "-//A//B//EN" "http://127.0.0.1:9/a.dtd">',
    "an external entity": b'<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/hostname">]>',
    "a parameter entity": b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/a"> %p;]>',
    "an entity bomb": b'<!DOCTYPE a [<!ENTITY l0 "lol">' + _LAUGHS + b'<!ENTITY l "&l9;">]>',
    "a quadratic bomb": b'<!DOCTYPE a [<!ENTITY l "' + b"l" * 60_000 + b'">]>',
    "default attributes": b'<!DOCTYPE a [<!ATTLIST a b CDATA "c">]>',
    "a DOCTYPE that does not end": b"<!DOCTYPE a [",
}


def cases() -> Iterator[Case]:
    """Give every hostile XML."""
    yield from _doctypes()
    yield from _includes()
    yield from _encodings()
    yield from _floods()
    yield from _shapes()
    for name, text in TEXTS.items():
        yield Case(f"{name} in every text", lambda data, text=text: _texts(data, text))
        if len(text) <= 100_000:
            yield Case(f"{name} in every attribute", lambda data, text=text: _attributes(data, text))


def _prolog(data: bytes, more: bytes) -> bytes:
    declared = re.match(rb"<\?xml[^>]*\?>", data)
    at = declared.end() if declared else 0
    return data[:at] + more + data[at:]


def _within(data: bytes, more: bytes) -> bytes:
    """Put *more* before the end of the root."""
    at = data.rindex(b"</")
    return data[:at] + more + data[at:]


def _into(make: Callable[[bytes], tuple[bytes, bytes]], piece: bytes, count: int) -> Callable[[bytes], Made]:
    """A flood within the root; *make* gives what stands before and after it."""

    def made(data: bytes) -> Made:
        before, after = make(piece)
        at = data.rindex(b"</")
        return Flood(data[:at] + before, piece, count, after + data[at:])

    return made


def _plain(before: bytes = b"", after: bytes = b"") -> Callable[[bytes], tuple[bytes, bytes]]:
    return lambda piece: (before, after)


def _recoded(data: bytes, encoding: str, declared: str | None = None, mark: bytes = b"") -> bytes:
    text = re.sub(r"^<\?xml[^>]*\?>", "", data.decode())
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return mark + (head + text).encode(encoding, "xmlcharrefreplace")


def _doctypes() -> Iterator[Case]:
    for name, subset in _SUBSETS.items():
        yield Case(
            name, lambda data, s=subset: _prolog(data, s).replace(MARK.encode(), b"&l;" * 1_000), _DOCTYPE
        )
    one = _SUBSETS["an external entity"]
    yield Case("a DOCTYPE after a mark", lambda data: b"\xef\xbb\xbf" + _prolog(data, one), _DOCTYPE)
    yield Case("a DOCTYPE in UTF-16", lambda data: _recoded(_prolog(data, one), "utf-16", "utf-16"), _DOCTYPE)
    yield Case(
        "a DOCTYPE in UTF-16 BE", lambda data: _recoded(one + data, "utf-16-be", None, b"\xfe\xff"), _DOCTYPE
    )
    yield Case(
        "a DOCTYPE in GB 18030", lambda data: _recoded(_prolog(data, one), "gb18030", "gb18030"), _DOCTYPE
    )
    yield Case("a DOCTYPE in UTF-7", lambda data: _recoded(_prolog(data, one), "utf-7", "utf-7"), _ENCODING)
    yield Case(
        "a DOCTYPE after 100 MB of comment",
        lambda data: Flood(
            b"<!--", b"x", 100 * MB, b"-->" + one + data[data.index(b"?>") + 2 :] if b"?>" in data else one
        ),
        _MALFORMED,
    )
    yield Case("a DOCTYPE after 70 KB of comments", lambda data: _prolog(data, b"<!--x-->" * 9_000 + one))
    yield Case("a DOCTYPE in the root", lambda data: _within(data, one), _MALFORMED)
    yield Case("a DOCTYPE after the root", lambda data: data + one, _MALFORMED)
    for entity in (
        b"&nothing;",
        b"&#0;",
        b"&#xD800;",
        b"&#x110000;",
        b"&",
        b"&amp",
        b"&#99999999999999999999;",
    ):
        yield Case(f"{entity.decode()} in a text", lambda data, e=entity: _within(data, e))


def _includes() -> Iterator[Case]:
    include = b"<xi:include " + _XI + b' href="file:///etc/passwd" parse="text"/>'
    yield Case("an XInclude", lambda data: _within(data, include), _INCLUDE)
    yield Case("a thousand XIncludes", lambda data: _within(data, include * 1_000), _INCLUDE)
    other = b'<include xmlns="http://www.w3.org/2001/XInclude" href="#a"><fallback/></include>'
    yield Case(
        "an XInclude without prefix", lambda data: _within(data, b"<a><b>" + other + b"</b></a>"), _INCLUDE
    )
    yield Case("an XInclude around it", lambda data: _recoded(_around(data, include), "utf-8"), _INCLUDE)
    yield Case("a style sheet", lambda data: _prolog(data, b'<?xml-stylesheet href="file:///etc/passwd"?>'))
    yield Case(
        "a schema somewhere else",
        lambda data: data.replace(
            b"xmlns",
            b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
            b'i:schemaLocation="urn:a http://127.0.0.1:9/a.xsd" xmlns',
            1,
        ),
    )


def _around(data: bytes, include: bytes) -> bytes:
    return include[:-2] + b">" + re.sub(rb"^<\?xml[^>]*\?>", b"", data) + b"</xi:include>"


def _encodings() -> Iterator[Case]:
    yield Case("UTF-16 that is UTF-8", lambda data: _recoded(data, "utf-8", "utf-16"), _ENCODING)
    yield Case("UTF-8 that is UTF-16", lambda data: _recoded(data, "utf-16", "utf-8"), _ENCODING)
    yield Case(
        "UTF-8 that is Latin 1",
        lambda data: _recoded(_within(data, b"\xc3\xa9"), "latin-1", "utf-8"),
        _ENCODING,
    )
    yield Case(
        "ASCII that is UTF-8",
        lambda data: _recoded(_within(data, b"\xc3\xa9"), "utf-8", "us-ascii"),
        _ENCODING,
    )
    yield Case("GBK that is cut", lambda data: _recoded(data, "utf-8", "gbk") + b"\x81", _ENCODING)
    yield Case("declared as UTF-32", lambda data: _recoded(data, "utf-32", "utf-32"))
    for declared in (
        "utf-7",
        "rot13",
        "base64",
        "idna",
        "unicode_escape",
        "punycode",
        "x" * 50_000,
        "cp037",
        "../a",
        "hex",
    ):
        yield Case(f"declared as {declared[:20]}", lambda data, d=declared: _recoded(data, "utf-8", d))
    yield Case("version 9.9", lambda data: b'<?xml version="9.9"?>' + re.sub(rb"^<\?xml[^>]*\?>", b"", data))


def _floods() -> Iterator[Case]:
    yield Case("depth 10,000", _into(_plain(after=b"</d>" * 10_000), b"<d>", 10_000), _BOUNDS)
    yield Case("depth 101 around it", lambda data: _deep(data, 101))
    yield Case(
        "depth without end", lambda data: Flood(data[: data.rindex(b"</")], b"<d>", 5_000_000), _BOUNDS
    )
    yield Case("a million elements", _into(_plain(), b"<d/>", 1_000_000))
    yield Case("a million texts", _into(_plain(), b"<d>x</d>", 1_000_000))
    yield Case("10 million signs between elements", _into(_plain(), b"x<d/>", 2_000_000))
    yield Case(
        "a million attributes", lambda data: _within(data, b"<d " + _each(b'a%d="" ', 1_000_000) + b"/>")
    )
    yield Case("one attribute, a million times", _into(_plain(b"<d ", b"/>"), b'a="" ', 1_000_000))
    yield Case("an attribute of 100 MB", _into(_plain(b'<d a="', b'"/>'), b"x", 100 * MB), _BOUNDS)
    yield Case("an attribute of 9 MB", _into(_plain(b'<d a="', b'"/>'), b"x", 9 * MB), _BOUNDS)
    yield Case("a text of 100 MB", _into(_plain(b"<d>", b"</d>"), b"x", 100 * MB), _BOUNDS)
    yield Case("a text of 9 MB", _into(_plain(b"<d>", b"</d>"), b"x", 9 * MB), _BOUNDS)
    yield Case("a text of 100 MB of references", _into(_plain(b"<d>", b"</d>"), b"&lt;", 25 * MB), _BOUNDS)
    yield Case("a name of 100 MB", _into(_plain(b"<d", b"/>"), b"x", 100 * MB), _BOUNDS)
    yield Case("a comment of 100 MB", _into(_plain(b"<!--", b"-->"), b"x", 100 * MB))
    yield Case(
        "a comment that does not end", lambda data: Flood(_prolog(b"", b"<!--"), b"x", 100 * MB), _MALFORMED
    )
    yield Case("an instruction of 100 MB", _into(_plain(b"<?a ", b"?>"), b"x", 100 * MB))
    yield Case("a million instructions", _into(_plain(), b"<?a b?>", 1_000_000))
    yield Case("a million comments", _into(_plain(), b"<!---->", 1_000_000))
    yield Case("CDATA of 100 MB", _into(_plain(b"<d><![CDATA[", b"]]></d>"), b"x", 100 * MB), _BOUNDS)
    yield Case("a million CDATA", _into(_plain(b"<d>", b"</d>"), b"<![CDATA[]]>", 1_000_000))
    yield Case("]]> in a text", lambda data: _within(data, b"<d>]]></d>"))
    yield Case("CDATA that does not end", lambda data: _within(data, b"<![CDATA[ ]]"), _MALFORMED)
    yield Case(
        "10,000 namespaces",
        lambda data: _within(data, b"<d " + _each(b'xmlns:n%d="urn:%d" ', 10_000, 2) + b"/>"),
    )
    yield Case("10,000 namespaces, each in the one before", lambda data: _within(data, _nested(90)))
    yield Case(
        "10,000 elements of 10,000 namespaces",
        lambda data: _within(data, _each(b'<d xmlns="urn:%d"/>', 10_000)),
    )
    yield Case("200,000 names", lambda data: _within(data, _each(b"<n%d/>", 200_000)))
    yield Case("300 names of 40 KB", lambda data: _within(data, _each(b"<n%d" + b"x" * 40_000 + b"/>", 300)))
    yield Case("a namespace of 200 KB", lambda data: _within(data, b'<d xmlns="' + b"u" * 200_000 + b'"/>'))
    yield Case("the root, then a million more", lambda data: Flood(data, b"<d/>", 1_000_000), _MALFORMED)


def _each(piece: bytes, count: int, times: int = 1) -> bytes:
    return b"".join(piece % ((number,) * times) for number in range(count))


def _nested(depth: int) -> bytes:
    opening = b"".join(b"<d " + _each(b'xmlns:n%d="urn:%d" ', 111, 2) + b">" for _ in range(depth))
    return opening + b"</d>" * depth


def _deep(data: bytes, depth: int) -> bytes:
    return b"<d>" * depth + re.sub(rb"^<\?xml[^>]*\?>", b"", data) + b"</d>" * depth


def _tree(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(huge_tree=True))


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _texts(data: bytes, text: str) -> bytes:
    root = _tree(data)
    for one in root.iter():
        if not len(one):
            one.text = text
    return _written(root)


def _attributes(data: bytes, text: str) -> bytes:
    root = _tree(data)
    for one in root.iter():
        for name in ("unitCode", "currencyID", "formatCode", "unit", "guid", "version", "other"):
            one.set(name, text)
    return _written(root)


def _shapes() -> Iterator[Case]:
    yield Case("every element twice", lambda data: _changed(data, lambda one: one.addnext(_copy(one))))
    yield Case("every element the other way round", _reversed)
    yield Case(
        "every group emptied", lambda data: _changed(data, lambda one: one.clear() if len(one) else None)
    )
    yield Case("text between elements", lambda data: _changed(data, lambda one: setattr(one, "tail", MARK)))
    yield Case("other namespaces", lambda data: re.sub(rb'(xmlns[:\w]*)="[^"]*"', rb'\1="urn:other"', data))
    yield Case("no namespaces", lambda data: re.sub(rb' xmlns="[^"]*"', b"", data))
    yield Case("elements in every text", lambda data: _changed(data, lambda one: etree.SubElement(one, "d")))
    yield Case("30,000 of the last group", _many_groups)
    yield Case("the root in the root", lambda data: _within(data, re.sub(rb"^<\?xml[^>]*\?>", b"", data)))


def _copy(one: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(one, with_tail=False))


def _changed(data: bytes, change: Callable[[etree._Element], object]) -> bytes:
    root = _tree(data)
    for one in list(root.iter())[1:]:
        change(one)
    return _written(root)


def _reversed(data: bytes) -> bytes:
    root = _tree(data)
    for one in list(root.iter()):
        one[:] = reversed(list(one))
    return _written(root)


def _many_groups(data: bytes) -> Made:
    """The last child of the root, if it is a group, tens of thousands of times."""
    root = _tree(data)
    last = etree.tostring(root[-1], with_tail=False)
    at = data.rindex(b"</")
    return Flood(data[:at], last, 30_000 if len(last) < 500 else 10_000, data[at:])
