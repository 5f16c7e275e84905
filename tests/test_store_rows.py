"""Who sees which rows in the database itself, whatever the code above it does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.adapt import PyFormat
from psycopg.pq import Format

from greenlane.store import copying
from greenlane.store.copying import Table, copy_rows
from greenlane.store.database import Viewer, see_as, take_lock
from greenlane.store.lookups import GroupSum, Held, Known, known
from greenlane.store.texts import Texts
from serving import World

PARTIES = ("post-cn", "market-x")
ROLES = ("greenlane_party", "greenlane_staff", "greenlane_agency")
NOBODYS = ("api_key", "person_key", "sealed", "audit", "idempotency", "setting", "limit_use", "legal_hold")
"""Tables that no reading role may read: secrets, people's data, the log of who read it."""
AGENCYS = ("agency_case", "agency_notice")
"""Tables of what agencies were asked about and told."""
SEEN = ("consignment", "event", "document", "message")
"""Tables of which an agency sees the rows of consignments that it was asked about."""
FOR_ALL = ("agency", "planned_window")
"""Tables without anybody's own rows, which each role may read."""


BY_TYPE: dict[str, object] = {
    "uuid": None, "text": "", "int8": 1, "int4": 1, "int2": 1, "bool": False, "bytea": b"x", "_text": [], "jsonb": "[]",
    "timestamptz": datetime(2026, 7, 2, 12, tzinfo=UTC), "date": date(2026, 7, 2),
}  # fmt: skip
"""A value of each type of column."""


TABLES = [one for one in vars(copying).values() if isinstance(one, Table)]
"""Tables that rows are copied into."""
EXTREMES: dict[str, list[Any]] = {
    "uuid": [UUID(int=0), UUID(int=2**128 - 1), None],
    "text": ["", "a\\b\t'\"ü 礼品\n", None, "\\N"],
    "int8": [2**63 - 1, -(2**63), 0, None],
    "int4": [2**31 - 1, -(2**31), None],
    "int2": [2**15 - 1, -(2**15), None],
    "bool": [True, False, None],
    "bytea": [bytes(range(256)), b"", b"\\x00", None],
    "packed": [b'{"a": 1}', b"x" * 100_000],
    "timestamptz": [
        datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 7, 2, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 7, 2, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=45))), None,
    ],
    "date": [date(1, 1, 1), date(9999, 12, 31), None],
    "text[]": [(), ("a", "", "{b}", "null", 'c"\\'), None],
}  # fmt: skip
"""Values of each type of column that are easily written wrongly, and null."""


def made_up(connection: psycopg.Connection[Any], table: str, known: dict[str, object]) -> dict[str, object]:
    """Return a row of a table in which every column that must be there has a value: a known one, or one of its type."""
    columns = connection.execute(
        "select column_name, udt_name from information_schema.columns where table_schema = 'public' "
        "and table_name = %s and is_nullable = 'NO' and column_default is null",
        (table,),
    ).fetchall()
    row: dict[str, object] = {}
    for name, kind in columns:
        value = uuid4() if kind == "uuid" else BY_TYPE[kind]
        row[name] = known.get(name, f"x-{known['party']}" if kind == "text" else value)
    return row


@pytest.fixture(scope="module")
def filled(service: World) -> World:
    """A service in which two parties each have a row in every table that has a party."""
    for who in ("operator", "other_operator"):
        food = service.consignment(description="wheat biscuits", hs_code="190531")
        owing = service.consignment(scheme=None, scheme_id=None, value="400.00")
        service.file(food, owing, who=who)
    with psycopg.connect(service.url) as connection:
        for party in PARTIES:
            key, seq = connection.execute(
                "select key, seq from event where party = %s order by seq limit 1", (party,)
            ).fetchone() or (0, 0)
            known = {"party": party, "key": key, "seq": seq, "kind": "order"}
            # What others refer to goes first.
            for table, party_of in sorted(owned(service.url), key=lambda pair: pair[1].startswith("(")):
                if count(connection, f"select count(*) from {table} t where {party_of} = '{party}'") == 0:
                    row = made_up(connection, table, known)
                    connection.execute(
                        sql.SQL("insert into {} ({}) values ({})").format(
                            sql.Identifier(table),
                            sql.SQL(", ").join(map(sql.Identifier, row)),
                            sql.SQL(", ").join(sql.Placeholder() * len(row)),
                        ),
                        list(row.values()),
                    )
    return service


def tables(url: str) -> dict[str, set[str]]:
    """Return the columns of each table of the schema."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return {name: columns for name, columns in found.items() if name != "alembic_version"}


def owned(url: str) -> Iterator[tuple[str, str]]:
    """Give each table with rows of a party, and the words that give the party of its row ``t``."""
    for table, columns in tables(url).items():
        if table in (*NOBODYS, *AGENCYS):
            continue
        if table == "party":
            yield table, "t.id"
        elif "party" in columns:
            yield table, "t.party"
        elif "filing" in columns:
            yield table, "(select f.party from filing f where f.id = t.filing)"
        elif "webhook" in columns:
            yield table, "(select w.party from webhook w where w.id = t.webhook)"


def count(connection: psycopg.Connection[Any], query: str) -> int:
    """Return the one number that a query gives."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_table_is_accounted_for(filled: World) -> None:
    """Each table is somebody's, everybody's or nobody's; a new one without a policy fails here."""
    known = {table for table, _ in owned(filled.url)} | set(NOBODYS) | set(FOR_ALL) | set(AGENCYS)
    assert set(tables(filled.url)) == known


def test_a_party_sees_its_own_rows(filled: World) -> None:
    """As `greenlane_party`: every own row and none of another's, in each table; without a setting, no row at all."""
    with psycopg.connect(filled.url) as all_rows, psycopg.connect(filled.url) as own_rows:
        for table, party_of in owned(filled.url):
            for party in PARTIES:
                held = count(all_rows, f"select count(*) from {table} t where {party_of} = '{party}'")
                assert held > 0, f"{table} has no row of {party}: the test shows nothing"
                with own_rows.transaction(force_rollback=True):
                    own_rows.execute("set local role greenlane_party")
                    own_rows.execute("select set_config('greenlane.party', %s, true)", (party,))
                    assert count(own_rows, f"select count(*) from {table}") == held, table
                    assert (
                        count(own_rows, f"select count(*) from {table} t where {party_of} <> '{party}'") == 0
                    )
            for setting in (None, "", "nobody"):
                with own_rows.transaction(force_rollback=True):
                    own_rows.execute("set local role greenlane_party")
                    if setting is not None:
                        own_rows.execute("select set_config('greenlane.party', %s, true)", (setting,))
                    assert count(own_rows, f"select count(*) from {table}") == 0, (table, setting)


def test_staff_see_every_row(filled: World) -> None:
    """As `greenlane_staff`: every row of every party."""
    with psycopg.connect(filled.url) as all_rows, psycopg.connect(filled.url) as staff:
        staff.execute("set role greenlane_staff")
        for table, _ in owned(filled.url):
            query = f"select count(*) from {table}"
            assert count(staff, query) == count(all_rows, query) > 0, table


def test_an_agency_sees_what_it_was_asked_about(filled: World) -> None:
    """As `greenlane_agency`: consignments, events, documents that it was asked about, its own cases; nothing else."""
    with psycopg.connect(filled.url) as all_rows, psycopg.connect(filled.url) as agency:
        asked = "(select key from agency_case where agency = 'food')"
        for name, where in (("food", f"key in {asked}"), ("plants", "false"), ("", "false"), (None, "false")):
            with agency.transaction(force_rollback=True):
                agency.execute("set local role greenlane_agency")
                if name is not None:
                    agency.execute("select set_config('greenlane.agency', %s, true)", (name,))
                for table in SEEN:
                    held = count(all_rows, f"select count(*) from {table} where {where}")
                    assert count(agency, f"select count(*) from {table}") == held
                    assert (held > 0) == (name == "food")
                cases = count(all_rows, f"select count(*) from agency_case where agency = '{name or ''}'")
                assert count(agency, "select count(*) from agency_case") == cases
    for table in {table for table, _ in owned(filled.url)} - {*SEEN}:
        assert refused(filled.url, "greenlane_agency", f"select count(*) from {table}"), table


def refused(url: str, role: str, statement: str) -> bool:
    """Say whether the database refuses a statement to a role."""
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        connection.execute("select set_config('greenlane.party', 'post-cn', false)")
        connection.execute("select set_config('greenlane.agency', 'food', false)")
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            connection.rollback()
            return True
        connection.rollback()
    return False


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_the_secrets(filled: World, role: str) -> None:
    """Keys, people's data, the audit log and remembered answers are read by none of the reading roles."""
    for table in NOBODYS:
        assert refused(filled.url, role, f"select count(*) from {table}"), table


@pytest.mark.parametrize("role", ROLES)
def test_reading_roles_write_nothing(filled: World, role: str) -> None:
    """No reading role adds, changes, removes or empties a row of any table, or takes a number of a sequence."""
    for table, columns in tables(filled.url).items():
        column = sorted(columns)[0]
        for statement in (
            f"insert into {table} default values",
            f"update {table} set {column} = {column}",
            f"delete from {table}",
            f"truncate {table} cascade",
        ):
            assert refused(filled.url, role, statement), statement
    assert refused(filled.url, role, "select nextval('event_seq')")
    assert refused(filled.url, role, "create table mine (a int)")


def test_readers_of_the_service_are_read_only(filled: World) -> None:
    """A transaction that the service opens for a reader can't write even where the owner could."""
    with psycopg.connect(filled.url) as connection, connection.cursor() as cursor:
        see_as(cursor, Viewer(party="post-cn"))
        cursor.execute("reset role")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            cursor.execute("update consignment set phase = 'released'")


@pytest.mark.parametrize("table", ["event", "transfer", "audit"])
def test_append_only(filled: World, table: str) -> None:
    """Events, transfers and the audit log are neither changed nor removed, not even by the tables' owner."""
    with psycopg.connect(filled.url) as connection:
        assert count(connection, f"select count(*) from {table}") > 0
        column = sorted(tables(filled.url)[table])[0]
        for statement in (
            f"update {table} set {column} = {column}",
            f"delete from {table}",
            f"truncate {table}",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
                connection.execute(statement)


def test_a_writer_holds_the_locks_of_its_parties(filled: World) -> None:
    """Each party's lock is held to the end; a filing's look-ups are planned once and by index, and no others' are."""
    database = filled.desk.database
    for planned_once, mode, whole in ((True, "force_generic_plan", "off"), (False, "auto", "on")):
        with database.writing(*PARTIES, planned_once=planned_once) as cursor:
            assert cursor.execute("show plan_cache_mode").fetchone() == (mode,)
            assert cursor.execute("show enable_seqscan").fetchone() == (whole,)
            with database.writing() as other:
                assert not any(take_lock(other, "party", party) for party in PARTIES)
        with database.writing() as other:
            assert all(take_lock(other, "party", party) for party in PARTIES)


@pytest.mark.parametrize(
    "texts", [[], [""], ["a"], ['a"b', "c,d", "{e}", "null", "NULL", "\\", "ü 礼品", " "]]
)
def test_texts_arrive_as_they_were(filled: World, texts: list[str]) -> None:
    """A list of texts is the same array in the database as the driver's own, whatever the texts hold."""
    with filled.desk.database.cursor() as cursor:
        row = cursor.execute(
            "select %s::text[] = %s::text[], %s", (Texts(texts), texts, Texts(texts))
        ).fetchone()
        assert row == (True, texts)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_few_rows_arrive_as_many_do(filled: World, table: Table) -> None:
    """Rows that are inserted, few at a time, are the same as those that go by COPY, nulls and extremes among them."""
    kinds = [kind for _, kind in table.columns]
    rows = [tuple(EXTREMES[kind][turn % len(EXTREMES[kind])] for kind in kinds) for turn in range(6)]
    with filled.desk.database.cursor() as cursor:
        columns = ", ".join(f"{name} {'bytea' if kind == 'packed' else kind}" for name, kind in table.columns)
        for name in ("few", "many"):
            cursor.execute(f"create temp table {name} ({columns})")
        for part in (rows[:1], rows[1:3], rows[3:], []):
            copy_rows(cursor, Table("few", table.columns), part)
        copy_rows(cursor, Table("many", table.columns), rows)
        told = [cursor.execute(f"select * from {name}").fetchall() for name in ("few", "many")]
        cursor.execute("drop table few, many")
        assert told[0] == told[1] and len(told[0]) == len(rows)


def test_what_is_known_before_a_filing(filled: World) -> None:
    """One statement says what the tables say: what is held, sums without what is filed anew, names, agencies, hooks."""
    with filled.desk.database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("begin")
        for changed in (
            "update consignment set group_key = 'g' || key % 2, person = 'p' || key % 2",
            "update consignment set goods_value = null where key = (select max(key) from consignment)",
            "update consignment set phase = 'cancelled' where key = (select min(key) from consignment)",
            f"update guarantee set at_filing = true where party = '{PARTIES[1]}'",
        ):
            cursor.execute(changed)
        rows = cursor.execute(
            "select key, consignment_id, version, content, phase, party, group_key, goods_value, person, named "
            "from consignment order by key"
        ).fetchall()
        assert {row[6] for row in rows} == {"g0", "g1"} and len(rows) == 4
        agencies = cursor.execute("select id, unnest(prefixes) from agency order by id").fetchall()
        for party in PARTIES:
            ids = [*[row[1] for row in rows if row[5] == party][1:], "unknown"]
            found = known(cursor, party, ids, ["g0", "g1", "g2"], ["p0", "p1", "p2"])
            others = [
                row for row in rows if row[4] != "cancelled" and not (row[5] == party and row[1] in ids)
            ]
            sums = {
                group: GroupSum(None if None in values else sum(values), len(values))
                for group in ("g0", "g1")
                if (values := [row[7] for row in others if row[6] == group])
            }
            assert found.held == {row[1]: Held(*row[:5]) for row in rows if row[5] == party and row[1] in ids}
            assert found.groups == sums and sums
            assert found.names == {
                person: {row[9] for row in rows if row[8] == person and row[9] is not None}
                for person in ("p0", "p1")
            }
            assert found.agencies == agencies and agencies
            assert found.hooks == [
                row[0] for row in cursor.execute("select id from webhook where party = %s", (party,))
            ]
            assert found.covers is (party == PARTIES[1])
        assert known(cursor, "nobody", [], [], []) == Known(agencies=agencies)
        connection.rollback()


def test_bytes_are_copied_by_the_driver_itself() -> None:
    """Rows that say their types write bytes as parameters do: in the driver's own language, not in Python."""
    adapters = psycopg.adapters
    bytea = adapters.types["bytea"].oid
    assert adapters.get_dumper_by_oid(bytea, Format.BINARY) is adapters.get_dumper(bytes, PyFormat.BINARY)
