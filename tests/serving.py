"""A clearance service for tests: a real PostgreSQL, a real desk, the API over it, and a key for each role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import msgspec
import psycopg
from litestar.testing import TestClient

from greenlane.clearance import Role
from greenlane.desk.administration import add_party, put_agency
from greenlane.desk.caller import Caller
from greenlane.desk.desk import Desk
from greenlane.desk.keys import make_key
from greenlane.engine.context import Context
from greenlane.privacy.keys import Masters, master
from greenlane.service.app import create_app
from greenlane.service.settings import Settings
from greenlane.store.database import Database
from greenlane.store.server import migrate

PREFIX = "/api/v1"
ADMINISTRATOR = Caller("key:test", "administration", frozenset({Role.ADMINISTRATOR}))
KEYS: dict[str, tuple[str, tuple[Role, ...], str | None]] = {
    "operator": ("post-cn", (Role.OPERATOR,), None),
    "other_operator": ("market-x", (Role.OPERATOR,), None),
    "officer": ("administration", (Role.OFFICER,), None),
    "other_officer": ("administration", (Role.OFFICER,), None),
    "supervisor": ("administration", (Role.SUPERVISOR,), None),
    "agency": ("food-safety", (Role.AGENCY,), "food"),
    "other_agency": ("plant-health", (Role.AGENCY,), "plants"),
    "auditor": ("administration", (Role.AUDITOR,), None),
    "administrator": ("administration", (Role.ADMINISTRATOR,), None),
}
"""Name of each key of a world: its party, roles and agency."""


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Make a database of one test's own on a server, with the newest schema, and drop it afterwards.

    The first one of a server is migrated and kept as what all are copied from: a copy takes a tenth of the time.
    """
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        kept = connection.execute("select 1 from pg_database where datname = 'migrated'").fetchone()
        if kept is None:
            connection.execute("create database migrated")
            migrate(_address(server, "migrated"))
        connection.execute(f"create database {name} template migrated strategy file_copy")
    try:
        yield _address(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")


def _address(server: str, database: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


@dataclass(slots=True, repr=False)
class World:
    """A service with parties ``post-cn`` and ``market-x``, agencies ``food`` (chapters 02, 04, 19), ``plants`` (06)."""

    desk: Desk
    client: TestClient[Any]
    keys: dict[str, str]
    settings: Settings
    url: str
    _number: int = field(default=0)

    def call(
        self,
        who: str | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> Any:
        """Call the API as the holder of a key of `KEYS`; *body* is sent as it is if bytes, else as JSON."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.keys[who]}"
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else msgspec.json.encode(body)
            text = isinstance(body, bytes) and path == "/filings" and body.lstrip()[:1] not in (b"{", b"[")
            sent.setdefault("Content-Type", "application/octet-stream" if text else "application/json")
        return self.client.request(
            method, PREFIX + path, content=content, headers=sent, params=params or None
        )

    def file(
        self, *consignments: dict[str, Any], who: str = "operator", **params: Any
    ) -> list[dict[str, Any]]:
        """File consignments and return their results."""
        answer = self.call(who, "POST", "/filings", list(consignments), **params)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def consignment(self, **changes: Any) -> dict[str, Any]:
        """Return a consignment of a made-up person with a fresh id: five T-shirts from China to Germany, IOSS.

        ``description``, ``hs_code``, ``value`` change its only item.
        """
        self._number += 1
        item = {
            "item_id": "1", "description": "women's cotton T-shirt", "hs_code": "610910", "origin_country": "CN",
            "quantity": "5", "unit": "C62", "value": "40.00", "gross_mass_kg": "0.9", "net_mass_kg": "0.8",
        }  # fmt: skip
        item |= {
            name: changes.pop(name)
            for name in ("description", "hs_code", "value", "quantity")
            if name in changes
        }
        return {
            "consignment_id": f"C{self._number:06}", "transport_document": f"T{self._number:06}",
            "channel": "express", "transaction": "b2c", "declaration_date": "2026-03-02",
            "departure_country": "CN", "destination_country": "DE", "dataset": "H7", "transport_mode": "air",
            "currency": "EUR", "freight": "4.00", "insurance": "0", "other_charges": "0",
            "freight_in_price": False, "carrier_fees": "0", "scheme": "IOSS", "scheme_id": "IM2760000224",
            "seller_registered": True, "seller": {"id": "S1", "name": "Example Trading", "country": "CN"},
            "platform": {"id": "M1", "name": "Example Market"}, "carrier": {"id": "C1"},
            "consignor": {"name": "Example Trading", "address": "1 Road", "country": "CN"},
            "consignee": {
                "id": f"P{self._number}", "name": "A. Example", "address": "2 Street", "postcode": "10115",
                "country": "DE", "person": True,
            },
            "items": [item],
        } | changes  # fmt: skip


@contextmanager
def world(server: str, law: Context, **settings: Any) -> Iterator[World]:
    """Run a service on a database of its own, with a key for each role of `KEYS`.

    Args:
        server: Address of the tests' PostgreSQL.
        law: The context of decisions, made once for all tests.
        settings: What differs from the defaults of `Settings`.
    """
    chosen = Settings(**{"sandbox": True, **settings})
    with own_database(server) as url:
        database = Database(url, connections=chosen.connections)
        database.open()
        desk = Desk(
            database, law, Masters(master(bytes(range(32)))), sandbox=chosen.sandbox,
            jurisdictions=frozenset(chosen.jurisdictions),
        )  # fmt: skip
        for party in dict.fromkeys(party for party, _, _ in KEYS.values()):
            add_party(desk, ADMINISTRATOR, party, party)
        put_agency(desk, ADMINISTRATOR, "food", "Food safety", ["02", "04", "19"])
        put_agency(desk, ADMINISTRATOR, "plants", "Plant health", ["06"])
        keys = {}
        now = desk.clock.now()
        with database.writing() as cursor:
            for name, (party, roles, agency) in KEYS.items():
                made = make_key(
                    cursor, party=party, roles=roles, scopes=(), agency=agency, created_by="test", now=now,
                    expires_at=now + timedelta(days=400),
                )  # fmt: skip
                keys[name] = made.text
        try:
            with TestClient(create_app(desk, chosen)) as client:
                yield World(desk, client, keys, chosen, url)
        finally:
            database.close()
