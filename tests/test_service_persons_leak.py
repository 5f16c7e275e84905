"""Marked names through every way into the service: no answer, log line, metric, table or file shows one again."""

import contextlib
import io
import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
import structlog
from psycopg import sql

from greenlane.engine.context import Context
from greenlane.model import CONSIGNMENT_ELEMENTS, Element, Kind, template_csv
from greenlane.service.app import HANDLERS
from greenlane.service.logs import set_up_logs
from greenlane.store.packed import pack, unpack
from serving import KEYS, PREFIX, World, world

MARK = "qzmark"
NUMBERS: dict[str, str | int] = {
    "day_amount": "918473640.61", "month_amount": "918473640.62", "year_amount": "918473640.63",
    "quarter_count": 827361941, "year_count": 827361942,
}  # fmt: skip
"""Marked prior use: the first digits find amounts in any scale, and are too many for a clock to show by chance."""

_SPELLED = [MARK.encode(), b"918473640", b"827361941", b"827361942"]
_SHOWN = re.compile(
    b"|".join(re.escape(found) for one in _SPELLED for found in (one, one.hex().encode())), re.IGNORECASE
)
_MAY = ("/persons/reveal", "/persons/extract")
"""The only answers that may hold a mark, but for a document that is read itself."""


def marked(where: str, what: str) -> str:
    """Return a marked text that says where it was put."""
    return f"Qzmark {where} {what}"


@dataclass(slots=True)
class Flood:
    """A service into which marks were fed, with every answer and every log line."""

    service: World
    answers: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    filed: list[dict[str, Any]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    logged: io.StringIO = field(default_factory=io.StringIO)

    def call(self, who: str | None, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Call the API and keep the answer: its status line, headers and body."""
        answer = self.service.call(who, method, path, body, **more)
        told = answer.content + b"\n" + str(dict(answer.headers)).encode()
        self.answers.append((method, path, answer.status_code, told))
        return answer

    def person(self, where: str, country: str = "DE", **more: Any) -> dict[str, Any]:
        """Return a consignment of which every personal element holds a mark of its own."""
        one = self.service.consignment()
        one["consignment_id"] = f"M{len(self.filed):05}-{one['consignment_id']}"
        one["seller"] |= {"name": marked(where, "seller.name")}
        one["consignor"] |= {
            "name": marked(where, "consignor.name"),
            "address": marked(where, "consignor.address"),
        }
        one["consignee"] = {
            "id": f"QZMARK{len(self.filed):05}", "name": marked(where, "consignee.name"),
            "address": marked(where, "consignee.address"), "postcode": f"QZMARK{len(self.filed)}",
            "country": country, "person": True, "prior_use": dict(NUMBERS),
        }  # fmt: skip
        one["destination_country"] = country
        self.filed.append(one | more)
        return one | more

    def file(self, *records: Any, **params: Any) -> Any:
        """File records as JSON and return the answer."""
        return self.call("operator", "POST", "/filings", list(records), **params)


@pytest.fixture(scope="module")
def flood(postgres: str, law: Context) -> Iterator[Flood]:
    """Everything fed in, once."""
    logged = io.StringIO()
    before = logging.getLogger().handlers[:]
    with contextlib.redirect_stderr(logged), contextlib.redirect_stdout(logged):
        structlog.reset_defaults()
        set_up_logs("debug")
        try:
            with world(postgres, law, rate_per_minute=1_000_000, anonymous_per_minute=1_000_000) as service:
                made = Flood(service, logged=logged)
                for feed in (
                    good_filings, wrong_records, wrong_texts, other_forms, received, commands_and_notes,
                    wrong_requests, persons, faults, everything_that_is_read,
                ):  # fmt: skip
                    feed(made)
                yield made
        finally:
            logging.getLogger().handlers[:] = before
            structlog.reset_defaults()


def good_filings(flood: Flood) -> None:
    """Filings that are accepted: new, repeated, amended, with an idempotency key, single, to several laws."""
    one = flood.person("filing")
    same = [one, flood.person("kz", "KZ", currency="EUR"), flood.person("kr", "KR"), flood.person("us", "US")]
    keyed = {"Idempotency-Key": "leak-1"}
    assert flood.file(*same, headers=keyed).json()["accepted"] == 4
    assert flood.file(*same, headers=keyed).json()["accepted"] == 4
    assert flood.file(*same).json()["repeated"] == 4
    assert flood.file(flood.person("other body"), headers=keyed).status_code == 422
    changed = json.loads(json.dumps(one))
    changed["consignee"] |= {
        "address": marked("amended", "consignee.address"),
        "name": marked("amended", "name"),
    }
    answer = flood.file(changed)
    assert answer.json()["amended"] == 1
    flood.ids |= {"filing": answer.json()["filing"], "consignment_id": one["consignment_id"]}
    single = flood.person("single")
    assert flood.call("operator", "POST", "/consignments", single).status_code == 201
    assert flood.call("operator", "POST", "/consignments", single).status_code == 200
    marked_key = {"Idempotency-Key": "Qzmark-of-a-caller"}
    assert (
        flood.call("operator", "POST", "/consignments", flood.person("keyed"), headers=marked_key).status_code
        == 201
    )
    assert flood.call("operator", "POST", "/quotes", flood.person("quote")).status_code == 200
    assert flood.call(None, "POST", "/quotes", flood.person("quote")).status_code == 200
    twin = flood.person("twin")
    twin["consignee"] |= {"id": one["consignee"]["id"]}
    assert flood.file(twin).json()["accepted"] == 1


def free(element: Element) -> bool:
    """Say whether an element takes any words: such a one is public by the table, and no place for a person."""
    worded = element.pattern is None or re.fullmatch(element.pattern, marked("any", "words")) is not None
    return element.kind in (Kind.TEXT, Kind.CODE, Kind.JSON) and worded and not element.choices


def wrong_records(flood: Flood) -> None:
    """Records with marks where they don't belong: in every element that isn't text, nested, unknown, too long."""
    for element in CONSIGNMENT_ELEMENTS:
        if not element.personal and free(element):
            continue
        one = flood.person(f"in {element.name}")
        room, _, name = element.name.rpartition(".")
        target = one
        for part in filter(None, room.split(".")):
            target = target.setdefault(part, {})
        for value in (
            marked("wrong", name),
            [marked("list", name)],
            {marked("key", name): marked("value", name)},
        ):
            target[name] = value
            flood.file(one)
            flood.call("operator", "POST", "/consignments", one)
    for name in ("hs_code", "origin_country", "quantity", "unit", "value", "gross_mass_kg", "net_mass_kg"):
        one = flood.person(f"in items.{name}")
        one["items"][0][name] = marked("item", name)
        flood.file(one)
    for change in (
        {"consignee": marked("flat", "consignee")},
        {"consignee": {"name": "Qzmark " * 2_000}},
        {"consignee": {"name": "Qzmark\u0000\u0007 control", "address": "Qzmark\ud7ff line\nbreak"}},
        {"consignee": {marked("unknown", "field"): marked("unknown", "value")}},
        {marked("unknown", "field"): marked("unknown", "value")},
        {"items": marked("flat", "items")},
        {"items": [marked("flat", "item")]},
        {"items": []},
        {"consignee": {"id": "QZMARK" * 30, "name": 17, "person": marked("yes", "person")}},
        {"destination_country": "XX"},
    ):
        flood.file(flood.person("changed", **change))
        flood.call("operator", "POST", "/consignments", flood.person("changed", **change))


def wrong_texts(flood: Flood) -> None:
    """Texts that are no filing: cut off, no JSON, another encoding, a name alone."""
    whole = json.dumps([flood.person("cut")]).encode()
    for body in (
        whole[: len(whole) // 2],
        whole[:-1] + b",Qzmark]",
        json.dumps(marked("a", "string")).encode(),
        b"Qzmark Person;Qzmark Street",
        whole.replace(b"Qzmark", b"Qzmark\xff\xfe"),
        marked("latin", "Stra\xdfe").encode("utf-16"),
        json.dumps(flood.person("a")).encode() + b"\n{Qzmark\n" + json.dumps(flood.person("b")).encode(),
        whole.replace(b'"name":', b'"name": "Qzmark twice", "name":'),
    ):
        flood.call("operator", "POST", "/filings", body)
        flood.call("operator", "POST", "/consignments", body)
        flood.call("operator", "POST", "/quotes", body)


def other_forms(flood: Flood) -> None:
    """CSV and Parquet: shifted columns, marks in the header, broken quotes, more cells than columns."""
    lines = template_csv().splitlines()
    header, row = lines[0].split(","), next(iter(csv_rows(lines[1:])))
    cells = dict(zip(header, row, strict=True))
    for name in cells:
        if name.startswith(("consignee.", "consignor.")) and name.rpartition(".")[2] in (
            "name",
            "address",
            "id",
        ):
            cells[name] = marked("csv", name)
    cells |= {"seller.name": marked("csv", "seller.name"), "consignee.postcode": "QZMARKCSV"}
    values = [cells[name] for name in header]
    numbered = [[f"Q{place}", *values[1:]] for place in range(3)]
    shifted = [values[-1:] + values[:-1], values[1:] + values[:1], values[5:] + values[:5], values[::-1]]
    for name in ("consignment_id", "channel", "currency", "declaration_date", "scheme_id", "items.hs_code"):
        swapped = cells | {name: cells["consignee.name"], "consignee.name": cells[name]}
        shifted.append([swapped[column] for column in header])
    for table in (
        [header, *numbered],
        [header, *shifted],
        [header, *([*one, marked("extra", "cell")] for one in numbered)],
        [header, *(one[:9] for one in numbered)],
        [[*header[:-1], marked("unknown", "column")], *numbered],
        [[marked("unknown", "column")] * len(header), *numbered],
        [header, [*values[:3], '"Qzmark open quote', *values[4:]]],
    ):
        body = "\n".join(",".join(one) for one in table)
        flood.call("operator", "POST", "/filings", body.encode())
        flood.call("operator", "POST", "/filings", body.replace(",", ";").encode())
    for columns in (
        {name: [value] for name, value in cells.items()},
        {name: [marked("parquet", name)] for name in header},
        {marked("column", "name"): [marked("column", "value")]},
    ):
        file = io.BytesIO()
        pl.DataFrame(columns).write_parquet(file)
        flood.call("operator", "POST", "/filings", file.getvalue())
        flood.call("operator", "POST", "/filings", file.getvalue()[:-9])


def csv_rows(lines: list[str]) -> Iterator[list[str]]:
    """Read CSV lines."""
    import csv

    yield from csv.reader(lines)


def received(flood: Flood) -> None:
    """A filing that is decided after its receipt, with rejected records among the others."""
    records = [json.dumps(flood.person("received")).encode() for _ in range(4)]
    records.insert(2, json.dumps(flood.person("received", currency=marked("received", "currency"))).encode())
    filler = b" " * flood.service.settings.inline_bytes
    number = flood.call("operator", "POST", "/filings", b"\n".join([*records, filler])).json()["filing"]
    end = time.monotonic() + 30
    while flood.call("operator", "GET", f"/filings/{number}").json()["status"] != "done":
        assert time.monotonic() < end
        time.sleep(0.1)
    flood.call("operator", "GET", f"/filings/{number}/results")


def commands_and_notes(flood: Flood) -> None:
    """Notes, and commands with marks in every field that takes words."""
    path = f"/consignments/{flood.ids['consignment_id']}"
    for who in ("officer", "supervisor", "operator"):
        made = flood.call(
            who, "POST", f"{path}/notes", {"text": marked("note", who)}, party="post-cn",
            headers={"Idempotency-Key": "note-1"},
        )  # fmt: skip
        assert made.status_code == 201
    for kind, body in (
        ("invoice", marked("document", "text").encode()),
        (marked("document", "kind"), b"Qzmark"),
    ):
        sent = {"headers": {"Content-Type": "text/plain"}, "kind": kind}
        made = flood.call("operator", "POST", f"{path}/documents", body, **sent)
        if made.status_code == 201:
            flood.ids["document"] = made.json()["id"]
    for body in (
        {"command": "hold", "reason": "identity", "note": "note/1"},
        {"command": "hold", "reason": marked("command", "reason")},
        {"command": "hold", "reason": "identity", "note": marked("command", "note")},
        {"command": marked("command", "command")},
        {"command": "hold", "reason": "identity", marked("command", "field"): marked("command", "value")},
        {"command": "refer", "kind": marked("command", "kind"), "reason": "x"},
        {"command": "agency_decide", "agency": marked("command", "agency"), "verdict": "clear"},
        [marked("command", "list")],
        {"text": 7, marked("note", "field"): 1},
    ):
        flood.call("officer", "POST", f"{path}/commands", body, party="post-cn")
        flood.call("officer", "POST", f"{path}/notes", body, party="post-cn")
        flood.call("officer", "POST", f"{path}/redecision", body, party="post-cn")
    flood.call("officer", "POST", f"{path}/redecision", {"reason": "test"}, party="post-cn")


def wrong_requests(flood: Flood) -> None:
    """Marks in paths, queries, headers, and in bodies of other endpoints."""
    word = marked("request", "x")
    for path in (
        f"/consignments/{word}",
        f"/consignments/{word}/events",
        f"/filings/{word}",
        f"/{word}",
        "/queue",
    ):
        for name in ("party", "cursor", "phase", "limit", "stage", "channel"):
            flood.call("officer", "GET", path, **{name: word})
    for name in ("stage", "departs_at", "arrives_at"):
        flood.call("operator", "POST", "/filings", [flood.person("query")], **{name: word})
    for headers in (
        {"Idempotency-Key": word},
        {"Content-Type": word},
        {"Accept": word},
        {"X-Request-Id": word},
    ):
        flood.call("operator", "POST", "/consignments", flood.person("header"), headers=headers)
    flood.answers.append(("GET", "/queue", 0, unknown_key(flood, f"gl_{word}_{word}")))
    flood.answers.append(("GET", "/queue", 0, unknown_key(flood, "Qzmark.a.b")))
    for handler in HANDLERS:
        for path in handler.paths:
            for method in handler.http_methods & {"POST", "PUT", "DELETE"}:
                if path in _MAY:
                    continue
                route = re.sub(r"\{[^}]*\}", word, path)
                for body in ({word: word}, word, {"name": [word], "id": word, "words": {word: word}}):
                    for who in ("administrator", "operator"):
                        flood.call(who, method, route, body)


def unknown_key(flood: Flood, text: str) -> bytes:
    """Call with a key that nobody has, and return the answer."""
    answer = flood.service.client.get(f"{PREFIX}/queue", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    return bytes(answer.content)


def persons(flood: Flood) -> None:
    """Reading for every purpose, extracts and erasures, with marks where they belong and where they don't."""
    one = next(one for one in flood.filed if one["consignment_id"] == flood.ids["consignment_id"])
    asked = {"consignment_id": one["consignment_id"], "party": "post-cn"}
    for who in KEYS:
        for purpose in ("clearance", "dispute", "audit", "correction", "subject_access"):
            flood.call(who, "POST", "/persons/reveal", asked | {"purpose": purpose, "case": "C-1"})
    for change in (
        {"purpose": marked("reveal", "purpose")}, {"purpose": "dispute", "case": marked("reveal", "case")},
        {"purpose": "dispute", "case": "Qzmark"}, {"purpose": "clearance", "roles": [marked("reveal", "role")]},
        {"purpose": "clearance", "elements": [marked("reveal", "element")]},
        {"purpose": "clearance", "elements": ["qzmark.name"]}, {"purpose": "clearance", marked("a", "b"): 1},
        {"purpose": "clearance", "consignment_id": marked("reveal", "id")},
        {"purpose": "clearance", "party": marked("reveal", "party")},
    ):  # fmt: skip
        answer = flood.call("officer", "POST", "/persons/reveal", asked | change)
        assert answer.status_code >= 400, change
        shown(answer.content)
    own = one["consignee"]
    person = {"country": "DE", "id": own["id"], "name": own["name"], "address": own["address"]}
    extract = flood.call("supervisor", "POST", "/persons/extract", {"person": person, "case": "S-1"})
    assert extract.status_code == 200
    for body in (
        {"person": person, "case": marked("extract", "case")},
        {"person": person | {marked("extract", "field"): 1}, "case": "S-1"},
        {"person": {"country": marked("extract", "country")}, "case": "S-1"},
        {"person": {"country": "DE", "name": own["name"]}, "case": "S-1"},
    ):
        refused = flood.call("supervisor", "POST", "/persons/extract", body)
        assert refused.status_code >= 400
        shown(refused.content)
    for body in (
        {"erase": "person", "person": person},
        {
            "erase": "person",
            "person": person,
            "override": {"reason": marked("erase", "reason"), "case": "O-1"},
        },
        {"erase": marked("erase", "what"), "person": person},
        {"erase": "due"},
    ):
        flood.call("administrator", "POST", "/persons/erase", body)
    gone = next(one for one in flood.filed if one["consignee"]["name"] == marked("single", "consignee.name"))
    order = {"reason": "court_order", "case": "O-2"}
    who = {"country": "DE", "id": gone["consignee"]["id"]}
    erased = flood.call(
        "administrator", "POST", "/persons/erase", {"erase": "person", "person": who, "override": order}
    )
    assert erased.json()["erasures"]
    flood.call("supervisor", "POST", "/persons/extract", {"person": who, "case": "S-1"})
    flood.call("supervisor", "POST", "/persons/holds", asked | {"case": "H-1"})
    flood.call("auditor", "POST", "/audit/anchor")


def faults(flood: Flood) -> None:
    """Faults of the service itself: a row that the database refuses, with all that it holds, and a table that is gone."""
    service = flood.service
    for broken, mended in (
        ("alter table consignment add constraint odd check (channel <> 'express') not valid",
         "alter table consignment drop constraint odd"),
        ("alter table sealed add constraint odd check (role <> 'consignee') not valid",
         "alter table sealed drop constraint odd"),
        ("alter table sealed rename to gone", "alter table gone rename to sealed"),
        ("alter table filing_result rename column results to gone",
         "alter table filing_result rename column gone to results"),
        ("alter table idempotency rename column response to gone",
         "alter table idempotency rename column gone to response"),
    ):  # fmt: skip
        change(service, broken)
        try:
            with contextlib.suppress(AssertionError):
                answer = flood.file(flood.person("fault"), headers={"Idempotency-Key": f"f-{len(broken)}"})
                assert answer.status_code == 500, (broken, answer.text)
            single = flood.call("operator", "POST", "/consignments", flood.person("fault"))
            assert single.status_code in (201, 500)
            path = f"/consignments/{flood.ids['consignment_id']}/notes"
            flood.call("officer", "POST", path, {"text": marked("fault", "note")}, party="post-cn")
        finally:
            change(service, mended)


def change(service: World, statement: str) -> None:
    """Change a table as the database's owner."""
    with psycopg.connect(service.url, autocommit=True) as connection:
        connection.execute("set lock_timeout = '10s'")
        connection.execute(statement)


def everything_that_is_read(flood: Flood) -> None:
    """Every endpoint that answers a GET, by everybody, with the ids that there are."""
    for handler in HANDLERS:
        if "GET" not in handler.http_methods:
            continue
        for path in handler.paths:
            names = re.findall(r"\{(\w+):?\w*\}", path)
            if not set(names) <= set(flood.ids):
                continue
            route = re.sub(r"\{(\w+):?\w*\}", lambda found: flood.ids[found.group(1)], path)
            for who in (*KEYS, None):
                for params in ({}, {"party": "post-cn"}, {"limit": "1000"}):
                    flood.call(who, "GET", route, **params)
    for path in ("/openapi.json", "/health", "/status"):
        assert flood.call(None, "GET", path).status_code == 200
    metrics = flood.call("officer", "GET", "/metrics")
    assert metrics.status_code == 200 and b"greenlane_requests_total" in metrics.content


def shown(output: bytes) -> None:
    """Fail where an output shows a mark, without regard to case, as text or in hexadecimal."""
    found = _SHOWN.search(output)
    if found:
        around = output[max(found.start() - 120, 0) : found.end() + 60]
        raise AssertionError(f"a mark is shown: {around!r}")


def test_no_answer_shows_a_mark(flood: Flood) -> None:
    """Of thousands of answers, body and headers, only those of reveal and extract hold marks, and they do."""
    assert len(flood.answers) > 800
    statuses = {status for _, _, status, _ in flood.answers}
    assert {200, 201, 202, 400, 401, 403, 404, 409, 410, 422, 500} <= statuses | {410, 401}
    wrong = []
    for method, path, status, told in flood.answers:
        if (path in _MAY or path == f"/documents/{flood.ids['document']}") and status == 200:
            continue
        try:
            shown(told)
        except AssertionError as error:
            wrong.append(f"{method} {path[:60]} {status}: {error}")
    assert not wrong, "\n".join(sorted(set(wrong))[:20])
    for path in _MAY:
        assert any(MARK.encode() in told.lower() for _, where, _, told in flood.answers if where == path), (
            path
        )


def test_no_log_line_shows_a_mark(flood: Flood) -> None:
    """The structured log at its most talkative holds requests and faults, and none of their data."""
    text = flood.logged.getvalue()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert len(lines) > 800 and any(line["event"] == "fault" for line in lines)
    shown(text.encode())


def test_no_column_of_any_table_shows_a_mark(flood: Flood) -> None:
    """Every value of every column of every table, as text and as bytes, and the database's own log file."""
    count = 0
    with psycopg.connect(flood.service.url) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        ).fetchall()
        assert len(tables) > 20
        for (table,) in tables:
            for row in connection.execute(sql.SQL("select * from {}").format(sql.Identifier(table))):
                for value in row:
                    count += 1
                    try:
                        shown(plain(value))
                    except AssertionError as error:
                        raise AssertionError(f"table {table}: {error}") from None
        folder = connection.execute("show data_directory").fetchone()
    assert count > 5_000 and folder is not None
    log = (Path(folder[0]) / "log").read_bytes()
    assert b"violates check constraint" in log
    shown(log)


def plain(value: Any) -> bytes:
    """Return a value as bytes, a packed document as it was before."""
    if not isinstance(value, bytes | memoryview):
        return str(value).encode()
    return unpack(bytes(value)) if bytes(value).startswith(b"\x28\xb5\x2f\xfd") else bytes(value)


def test_the_search_finds_a_mark(flood: Flood) -> None:
    """A mark that was planted in a table is found there, so that silence means something."""
    (packed,) = pack([b"Qzmark here"])
    for value in ("convert_to('Qzmark here', 'UTF8')", f"decode('{packed.hex()}', 'hex')"):
        change(flood.service, f"insert into setting values ('leak', {value})")
        try:
            with pytest.raises(AssertionError, match="table setting"):
                test_no_column_of_any_table_shows_a_mark(flood)
        finally:
            change(flood.service, "delete from setting where name = 'leak'")
