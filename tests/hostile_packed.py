"""Hostile archives, Parquet and PDF: what is small as it comes and large as it is opened."""

import bz2
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

import polars as pl

from hostile import MB, Case, Flood, Made


def archives() -> Iterator[Case]:
    """Give every hostile archive; what a good message is packed into, too."""
    yield Case("gzip of 1 GB of nothing", lambda data: _gzip_bomb(b"\0" * MB, 1024))
    yield Case("gzip of 1 GB of rows", lambda data: _gzip_bomb(data[-200:] * 5_000, 1_000))
    yield Case("gzip in gzip in gzip", lambda data: gzip.compress(gzip.compress(_gzip_bomb(b"\0" * MB, 256))))
    yield Case("gzip cut off", lambda data: gzip.compress(data)[:-20])
    yield Case("gzip with a wrong sum", lambda data: gzip.compress(data)[:-8] + b"\0" * 8)
    yield Case("gzip with something after it", lambda data: gzip.compress(data) + b"garbage")
    yield Case("gzip of 20,000 members", lambda data: gzip.compress(data) + gzip.compress(b"") * 20_000)
    yield Case(
        "gzip of a name that does not end",
        lambda data: Flood(b"\x1f\x8b\x08\x08" + b"\0" * 6, b"n", 20 * MB),
    )
    yield Case("two bytes of gzip", lambda data: b"\x1f\x8b")
    yield Case("a zip bomb", lambda data: _zip({"a.csv": b"\0" * (64 * MB)}))
    yield Case("a zip in a zip", lambda data: _zip({"a.zip": _zip({"b.zip": _zip({"c": b"\0" * MB})})}))
    yield Case(
        "a workbook that is a bomb",
        lambda data: _zip({"xl/workbook.xml": b"<" * (32 * MB), "[Content_Types].xml": b""}),
    )
    yield Case("a zip of paths outside", lambda data: _zip({"../../etc/passwd": data}))
    yield Case("bzip2", lambda data: bz2.compress(b"\0" * (64 * MB)))
    yield Case("xz", lambda data: lzma.compress(b"\0" * (16 * MB)))
    yield Case("zlib", lambda data: zlib.compress(b"\0" * (64 * MB)))


def _gzip_bomb(piece: bytes, count: int) -> bytes:
    """The piece so many times, as gzip."""
    total = 0
    for _ in range(count):
        total = zlib.crc32(piece, total)
    return (
        b"\x1f\x8b\x08"
        + b"\0" * 7
        + _blocks(piece, count)
        + struct.pack("<II", total, len(piece) * count & 0xFFFFFFFF)
    )


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def parquet() -> Iterator[Case]:
    """Give every hostile Parquet; a good one here is not compressed."""
    for length in (0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF):
        yield Case(
            f"a footer of {length:,}", lambda data, n=length: data[:-8] + struct.pack("<I", n) + b"PAR1"
        )
    yield Case("two marks alone", lambda data: b"PAR1PAR1")
    yield Case("a footer of zeros", lambda data: _footer(data, lambda foot: bytes(len(foot))))
    yield Case("a footer of ones", lambda data: _footer(data, lambda foot: b"\xff" * len(foot)))
    yield Case("a footer of lists in lists", lambda data: _footer(data, lambda foot: b"\x19\xfc" * 200_000))
    yield Case(
        "a footer that counts 2^35 rows", lambda data: _footer(data, lambda foot: _rows(foot, 1 << 35))
    )
    yield Case("a footer that counts fewer rows", lambda data: _footer(data, lambda foot: _rows(foot, 1)))
    for at in range(0, 100, 5):
        yield Case(
            f"byte {at} of the footer", lambda data, at=at: _footer(data, lambda foot: _flipped(foot, at))
        )
    yield Case("pages of other bytes", lambda data: data[:4] + b"\xff" * (len(data) - 1_000) + data[-1_000:])
    yield Case("2 million rows of nothing", lambda data: _of(data, 2_000_000))
    yield Case("a cell of 100 MB", lambda data: _of(data, 1, b"x" * (100 * MB)))
    yield Case("20 cells of 20 MB", lambda data: _of(data, 20, b"x" * (20 * MB)))
    yield Case("5,000 columns", _wide)
    yield Case("a Parquet in gzip", lambda data: gzip.compress(data))
    yield Case("lists in lists", lambda data: _nested(data))
    yield Case("encrypted", lambda data: data[:-4] + b"PARE")


def _footer(data: bytes, change: "object") -> bytes:
    length = struct.unpack("<I", data[-8:-4])[0]
    foot = change(data[-8 - length : -8])  # type: ignore[operator]
    return data[: -8 - length] + foot + struct.pack("<I", len(foot)) + b"PAR1"


def _rows(foot: bytes, count: int) -> bytes:
    """Change the number of rows of the file: the i64 after the schema, 2 rows (zigzag 4) or 4 (zigzag 8)."""
    zigzag = count * 2
    written = b""
    while zigzag > 0x7F:
        written += bytes([zigzag & 0x7F | 0x80])
        zigzag >>= 7
    return re.sub(
        rb"\x16[\x04\x08]\x19", lambda _: b"\x16" + written + bytes([zigzag]) + b"\x19", foot, count=1
    )


def _flipped(foot: bytes, share: int) -> bytes:
    at = len(foot) * share // 100
    return foot[:at] + bytes([foot[at] ^ 0xFF]) + foot[at + 1 :]


def _of(data: bytes, rows: int, cell: bytes | None = None) -> bytes:
    """A frame of the same columns with so many rows, all alike."""
    columns = pl.read_parquet_schema(io.BytesIO(data))
    value = None if cell is None else cell.decode()
    frame = pl.select(
        [pl.lit(value if name == "items.description" else "1", pl.String).alias(name) for name in columns]
    )
    whole = frame.select(pl.all().repeat_by(rows).explode()) if rows > 1 else frame
    out = io.BytesIO()
    whole.write_parquet(out, compression="zstd", statistics=False)
    return out.getvalue()


def _wide(data: bytes) -> Made:
    columns = pl.read_parquet(io.BytesIO(data)).with_columns(
        pl.lit("x").alias(f"column {n}") for n in range(5_000)
    )
    out = io.BytesIO()
    columns.write_parquet(out)
    return out.getvalue()


def _nested(data: bytes) -> bytes:
    kind: pl.DataType = pl.String()
    for _ in range(60):
        kind = pl.List(kind)
    frame = pl.read_parquet(io.BytesIO(data)).with_columns(pl.lit(None, kind).alias("items.description"))
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def pdf() -> Iterator[Case]:
    """Give every hostile PDF; a good one here has its objects one by one, and a table of them."""
    form = rb"/Fields \[[^\]]*\]"
    yield Case(
        "fields in a circle",
        lambda data: _pdf(b"/Fields [5 0 R]", b"5 0 obj <</T (a) /Kids [5 0 R 5 0 R]>> endobj"),
    )
    yield Case(
        "fields that branch without end",
        lambda data: _pdf(
            b"/Fields [5 0 R]",
            *(b"%d 0 obj <</Kids [%s]>> endobj" % (n, b"%d 0 R " % (n + 1) * 20) for n in range(5, 30)),
        ),
    )
    yield Case(
        "values in a circle",
        lambda data: _pdf(b"/Fields [5 0 R]", b"5 0 obj <</T (FORM) /V 6 0 R>> endobj 6 0 obj 5 0 R endobj"),
    )
    yield Case("a value that is itself", lambda data: _pdf(b"/Fields [5 0 R]", b"5 0 obj 5 0 R endobj"))
    yield Case(
        "a form in a circle",
        lambda data: _pdf(b"/Fields 5 0 R", b"5 0 obj 6 0 R endobj 6 0 obj 5 0 R endobj"),
    )
    yield Case(
        "a million fields",
        lambda data: re.sub(form, lambda _: b"/Fields [" + b"5 0 R " * 1_000_000 + b"]", data, count=1),
    )
    yield Case(
        "tables in a circle",
        lambda data: data.replace(
            b"trailer\n<<", b"trailer\n<< /Prev %d" % data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
        ),
    )
    yield Case(
        "a table elsewhere", lambda data: re.sub(rb"startxref\s+\d+", b"startxref\n999999999999", data)
    )
    yield Case("no table", lambda data: data[: data.rindex(b"xref\n", 0, data.rindex(b"startxref"))])
    yield Case(
        "a table of 10^12 entries", lambda data: re.sub(rb"xref\n0 \d+", b"xref\n0 999999999999", data)
    )
    yield Case(
        "lists 10,000 deep",
        lambda data: re.sub(form, lambda _: b"/Fields " + b"[" * 10_000 + b"]" * 10_000, data, count=1),
    )
    yield Case(
        "dictionaries 10,000 deep",
        lambda data: re.sub(form, lambda _: b"/Fields " + b"<</A " * 10_000, data, count=1),
    )
    yield Case("a text that does not end", lambda data: data + b"9 0 obj (" + b"(" * 100_000)
    yield Case("7 MB of objects", lambda data: b"%PDF-1.7\n" + b"1 0 obj " * (7 * MB // 8))
    yield Case("7 MB of line ends", lambda data: b"%PDF-1.7" + b"\n" * (7 * MB))
    yield Case("7 MB of %", lambda data: b"%PDF-1.7" + b"%" * (7 * MB))
    yield Case("9 MB", lambda data: data + b"\n" * (9 * MB), "messages.postal.bounds")
    yield Case(
        "encrypted",
        lambda data: data.replace(
            b"trailer\n<<", b"trailer\n<< /Encrypt <</Filter /Standard /V 1 /R 2 /O (x) /U (x) /P 0>>"
        ),
    )
    for name, filters in {
        "": b"/FlateDecode",
        " ten times": b"[" + b"/FlateDecode " * 10 + b"]",
        " in LZW": b"/LZWDecode",
        " in run lengths": b"/RunLengthDecode",
        " in hexadecimal": b"/ASCIIHexDecode",
        " in JBIG2": b"/JBIG2Decode",
    }.items():
        yield Case(
            f"a bomb as object stream{name}",
            lambda data, f=filters: _stream(b"/Type /ObjStm /N 1000000 /First 10", f),
        )
        yield Case(
            f"a bomb as table{name}",
            lambda data, f=filters: _stream(b"/Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R", f),
        )
    yield Case(
        "a table with wide columns",
        lambda data: _stream(b"/Type /XRef /Size 9999999 /W [99999999 9 9] /Root 1 0 R", b"/FlateDecode"),
    )
    yield Case(
        "a table with a predictor",
        lambda data: _stream(
            b"/Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R /DecodeParms <</Predictor 12 /Columns 999999999>>",
            b"/FlateDecode",
        ),
    )


def _pdf(fields: bytes, *others: bytes) -> bytes:
    """A PDF without a table, so that its objects are looked for."""
    objects = [
        b"1 0 obj <</Type /Catalog /Pages 2 0 R /AcroForm <<" + fields + b">> >> endobj",
        b"2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj",
        *others,
    ]
    body = b"%PDF-1.7\n"
    places = []
    for one in objects:
        places.append((int(one.split()[0]), len(body)))
        body += one + b"\n"
    table = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places)
    return body + b"xref\n" + table + b"trailer <</Root 1 0 R /Size 99>>\nstartxref\n%d\n%%%%EOF" % len(body)


def _stream(kind: bytes, filters: bytes) -> bytes:
    """A PDF whose table is a stream, or stands in one, that unpacks to 500 MB."""
    if b"LZW" in filters or b"RunLength" in filters:
        packed = b"\x81\0" * (3 * MB)
    else:
        packed = _deflated(b"\0" * MB, 500)
    if filters.startswith(b"["):
        for _ in range(9):
            packed = zlib.compress(packed)
    body = b"%PDF-1.7\n"
    at = len(body)
    body += (
        b"7 0 obj <<"
        + kind
        + b" /Filter "
        + filters
        + b" /Length %d>> stream\n" % len(packed)
        + packed
        + b"\nendstream endobj\n"
    )
    body += b"1 0 obj <</Type /Catalog /Pages 2 0 R /AcroForm 8 0 R>> endobj\n"
    if b"ObjStm" not in kind:
        return body + b"startxref\n%d\n%%%%EOF" % at
    entries = struct.pack(">BIH", 2, 7, 0) * 9
    there = len(body)
    table = (
        b"9 0 obj <</Type /XRef /Size 10 /W [1 4 2] /Root 1 0 R /Length %d>> stream\n" % len(entries)
        + entries
    )
    return body + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % there


def _deflated(piece: bytes, count: int) -> bytes:
    """The piece so many times, as zlib."""
    total = 1
    for _ in range(count):
        total = zlib.adler32(piece, total)
    return b"\x78\xda" + _blocks(piece, count) + struct.pack(">I", total)


def _blocks(piece: bytes, count: int) -> bytes:
    """The piece so many times; packed once, as blocks that know nothing of each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * count + b"\x03\0"
