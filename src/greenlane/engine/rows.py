"""Facts of few consignments on plain rows: group keys, screening, digests, as columns have them."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import polars as pl

from greenlane.engine.context import Context
from greenlane.engine.digests import CONSIGNMENT_FIELDS, FORM, ITEM_FIELDS, folded_names
from greenlane.engine.groups import COVERED, GOODS
from greenlane.law.integers import Integers
from greenlane.law.leaves import SingleFacts
from greenlane.messages.files_row import Accepted
from greenlane.risk.screening import DOUBTFUL, prohibited
from greenlane.risk.words import words
from greenlane.values.letters import folded
from greenlane.values.pseudonym import pseudonym

Row = dict[str, Any]


def goods_value(one: Accepted, context: Context) -> Row:
    """Return what group sums are made of, as one row of `greenlane.engine.groups.goods_values`.

    ``named`` is another number than the columns' for the same name: a filing has its numbers from one of both ways,
    and all that is asked is whether they are the same.
    """
    row = one.consignment
    country = row["destination_country"]
    code = COVERED.get(country)
    told, value = "none", None
    if code is not None:
        resolver = context.resolver(code)
        value = Integers(SingleFacts(row, list(one.items), resolver)).value(GOODS)
        own = resolver.pack.currencies
        told = f"{code}/{own[country]}" if own else code
    name = row["consignee.name"]
    known = None if name is None else _folded_name(name)
    person = _person(row, known, context)
    key = None
    if person is not None:
        key = hashlib.sha256(f"{person}|{row['declaration_date'].isoformat()}|{told}".encode()).hexdigest()[
            :32
        ]
    return {
        "consignment_id": row["consignment_id"],
        "group.key": key,
        "person": None if row["consignee.id"] is None else person,
        # Not by Polars, whose threads would be woken for it.
        "named": None if known is None else int.from_bytes(blake2b(known.encode(), digest_size=8).digest()),
        "value": value,
    }


def _folded_name(name: str) -> str:
    plain = folded(name)
    return str(folded_names(pl.Series([name]))[0]) if plain is None else plain


def _person(row: Mapping[str, Any], name: str | None, context: Context) -> str | None:
    """The pseudonym of `greenlane.engine.digests.person_keys`."""
    if row["consignee.id"] is not None:
        who = f"id:{row['consignee.id']}"
    elif name is not None:
        who = f"name:{name}|{row['consignee.postcode'] or ''}|{row['destination_country']}"
    else:
        return None
    return pseudonym(who, context.keyed("person"))


def prepare_rows(
    accepted: Sequence[Accepted], findings: Iterable[Row], context: Context, groups: Sequence[Row]
) -> list[Accepted]:
    """Add the facts of screening and of the group, and the input digest, as `greenlane.engine.decider.prepare` does.

    ``findings`` are those of intake, ``groups`` one row a consignment (`GROUP_SCHEMA`).
    """
    doubtful = {found["consignment_id"] for found in findings if found["code"] in DOUBTFUL} - {None}
    made = []
    for one, group in zip(accepted, groups, strict=True):
        day = one.consignment["declaration_date"]
        lists = words(context.terms, day)
        row = {
            **one.consignment,
            "screen.doubtful_id": one.consignment["consignment_id"] in doubtful,
            **group,
        }
        items = [
            {
                **item,
                **lists.flags(item["description"]),
                "screen.prohibited": prohibited(item["hs_code"], context.book, day),
            }
            for item in one.items
        ]
        row["input_digest"] = _digest(row, items)
        made.append(Accepted(row, items))
    return made


def _digest(row: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    """The SHA-256 of the canonical JSON of `greenlane.engine.digests.input_digests`."""
    bodies = ",".join(_object(item, ITEM_FIELDS) for item in items)
    whole = {**row, "items": bodies, "version": FORM}
    return hashlib.sha256(_object(whole, CONSIGNMENT_FIELDS).encode()).hexdigest()


def _object(row: Mapping[str, Any], fields: Sequence[tuple[str, str]]) -> str:
    parts = [f'"{name}":{_WRITE[form](row[name])}' for name, form in fields if row[name] is not None]
    return "{" + ",".join(parts) + "}"


def _text(value: Any) -> str:
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return unicodedata.normalize("NFC", json.dumps(value, ensure_ascii=False))


def _number(value: Any) -> str:
    return str(value) if value is not True and value is not False else "true" if value else "false"


_WRITE: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "number": _number,
    "json": str,
    "items": lambda bodies: f"[{bodies}]",
}
