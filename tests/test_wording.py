"""The message of every finding about a message or a file is said in each language, with its codes and numbers."""

import ast
import random
import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import greenlane
from greenlane.decide.outcome import missing_element, outside_words
from greenlane.messages import tabled
from greenlane.messages.ceb import elements as ceb
from greenlane.messages.families import formats
from greenlane.messages.files_findings import shape_of
from greenlane.messages.placi import us86_elements as us86
from greenlane.messages.placi.tables import in_force
from greenlane.messages.postal.fields import ROWS
from greenlane.messages.postal.turning import expected as postal_form
from greenlane.messages.wco import elements as wco
from greenlane.model import ELEMENTS
from greenlane.reference.catalogues import LANGUAGES, catalogue
from greenlane.reference.wording import (
    Wording,
    isolated,
    left_in_english,
    message_in,
    read_back,
    wording_of,
    wordings_in,
)

OTHERS = [name for name in LANGUAGES if name != "en"]
ROOMS = Path(greenlane.__file__).parent
SPOKEN = (
    *sorted((ROOMS / "messages").rglob("*.py")),
    ROOMS / "engine" / "conversion.py",
    ROOMS / "engine" / "text_check.py",
    *(ROOMS / "clearance" / f"{name}.py" for name in ("after", "case", "control", "filing", "handle")),
    *(ROOMS / "desk" / f"{name}.py" for name in ("commanding", "lateness", "results", "trade_holds")),
    *(ROOMS / "tariff" / f"{name}.py" for name in ("book", "exchange", "schedule", "terms")),
    ROOMS / "decide" / "outcome.py",
)
SCRIPT = {"zh": "[\u4e00-\u9fff]", "ar": "[\u0600-\u06ff]", "fr": "[a-zà-ÿ]", "es": "[a-zà-ÿ]"}

NOT_SAID = {
    "messages/ceb/pages.py", "messages/ics2/pages.py", "messages/placi/pages.py", "messages/wco/pages.py",
    "messages/postal/drawing.py", "messages/ceb/mismatches.py", "messages/ics2/tables.py",
    "messages/ics2/lifecycle.py", "messages/ceb/replying.py", "messages/wco/replying.py", "messages/media.py",
}  # fmt: skip
"""Modules whose prose is for pages, forms, titles, replies: no message of a finding is made there."""
PARTS = {
    "one of ",
    "as the currency has",
    "at most",
    "items.value is 12",
    "not available",
    "not in the result",
    "lists part of the goods",
    "gives several rates",
    "that of 12",
    "other characters",
    "different rates: ",
    "the lowest rate is 12, the highest 12",
    "1,234 different rates, of which some cannot be computed",
    "an unknown amount",
    "the law isn't known here",
    "what is owed can't be worked out yet, see the findings",
    " up to 2026-07-31, not included",
    "12 is unsettled; 12 the 12 is ",
    "12 isn't given, and what is owed depends on it", "12 12 under code 12.",
}  # fmt: skip
"""Texts that are put together with others, or stand for nobody's name."""
TITLES = (
    "channel, departure_country,",
    "reply to ",
    "United States entry type 86,",
    "Air waybill before loading,",
    "CN22, ",
    "CN23, ",
    "update consignment set",
)
"""How titles of formats and messages begin, a list of names, and a query."""
RAISED = {"ValueError", "KeyError", "TypeError", "LookupError", "UsageError", "InputError", "GreenlaneError"}
DAY = date(2026, 7, 2)
PROSE = re.compile("[a-z]{2} [a-z]")
UNITS = {"letters", "digits", "characters", "decimals", "times", "bytes"}
SPOKEN_PLACES = {"wanted", "shape", "message", "encoding", "content", "parting", "document", "kinds"}
PLACED = {name: f"12 {name}" for name in UNITS} | {
    "n": "12", "m": "13", "line": "14", "column": "items.value", "columns": "items.value, currency", "codes": "A1, B2",
    "roots": "A1 or B2", "error": "MISSING_WEIGHT", "amount": "135.00", "currency": "GBP", "day": "2026-07-02",
    "kinds": "letters, digits", "types": "items.value is Float64", "wanted": "a whole number", "shape": "12 letters",
    "message": "expected a whole number, got 12 letters", "encoding": "UTF-16", "content": "a picture",
    "parting": "tabs", "document": "order", "title": "Tariff of the UK", "rate": "2 %", "other_rate": "12 %",
    "other_amount": "200.00", "other": "USD", "until": "2026-07-31", "code": "610910",
}  # fmt: skip
CONSIGNMENT = {
    "consignment_id": "P1", "transport_document": "RR473124829GB", "channel": "postal", "transaction": "c2c_gift",
    "declaration_date": "2026-07-02", "departure_country": "GB", "destination_country": "DE", "currency": "EUR",
    "consignor": {"name": "A. Example", "address": "1 Example Street", "country": "GB"},
    "consignee": {"name": "B. Example", "address": "2 Example Street", "country": "DE", "person": True},
    "items": [{"description": "cotton T-shirt", "quantity": "1", "value": "12.00", "gross_mass_kg": "0.3"}],
}  # fmt: skip
SAMPLES = {
    "shape_of": "7 letters", "_json_shape": "a list of 3", "expected": "1 to 70 characters", "join": "A1, B2",
    "len": "1,234", "since": "2025-09-01", "day": "2026-07-02", "field": "items.unit", "column": "items.value",
    "HOUSE": "consignmentHouseLevel", "words": "description", "_DELIMITERS": "tabs",
    "base": "GBP", "quote": "USD", "valid_until": "2026-07-31", "oldest": "2026-07-01",
    "whose": "the ECB's", "start": "2026-07-02", "end": "2026-07-31",
    "until": " up to 2026-07-31, not included",
    "why": "only digits",
}  # fmt: skip


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Give the English texts of a module that may be messages, with samples where values stand."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left.add(id(node.value))
        name = _called(node)
        if name in {"declare", "compile", "__repr__", *RAISED}:
            left |= {id(one) for one in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            left |= {id(one) for one in ast.walk(node) if one is not node}
    for node in ast.walk(tree):
        if id(node) in left:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(_sampled(part) for part in node.values)
        else:
            continue
        if re.search("[a-z]{2} [a-z]|[a-z], [a-z]", text):
            yield getattr(node, "lineno", 0), text


def _called(node: ast.AST | None) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _sampled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    if part.format_spec is not None:
        return "1,234"
    said = ast.unparse(part.value)
    return next((SAMPLES[name] for name in reversed(re.findall(r"\w+", said)) if name in SAMPLES), "12")


def composed() -> Iterator[str]:
    """Give what the tables of elements and the describing functions say while messages are made."""
    for text in ("", "Example", "7", "12.345", "-12.345", "-12", "1e3", "A. 1"):
        yield f"line 3: expected a value, got {shape_of(text)}"
    for decimals in (0, 1, 3):
        yield f"items.value: expected {decimals} decimals as the currency has, got 2 digits"
        yield f"items.quantity: expected {decimals} decimals at most, got 2 digits"
    for model in (wco.DECLARATION, wco.RESPONSE):
        yield from (
            wco.expected(known) for held in model.known.values() for known in held.values() if known.form
        )
    for kind in ceb.KINDS.values():
        yield from (one.expected for one in (*kind.head.values(), *kind.items.values()))
    for row in ROWS:
        yield postal_form(row)
        if row.needed:
            yield f"expected {row.words}, nothing came"
    yield from (form for one in us86.ELEMENTS if (form := tabled.expected(one.form)) != "elements")
    yield from (f"expected what the goods are, got {row['meaning']}" for row in in_force("rules.csv", DAY))
    yield from (f"expected the {name} that the inventory names" for name in ("order", "payment", "waybill"))
    yield from (f"the cells are parted by {name}, not by commas" for name in ("tabs", "semicolons", "bars"))
    yield from (
        f"channel: expected {' | '.join(one.choices)}, got 7 letters" for one in ELEMENTS if one.choices
    )
    yield "expected the columns bill, entry_number"
    yield "expected each column once"
    yield "row 3: expected 12 cells, 11 came"
    yield "row 3: expected cells up to 10,000 characters, without NUL"
    yield "expected a row at least"
    yield "transport_document: expected another check digit (S10)"
    for name in ("inspection", "hold", "referral", "return"):
        yield f"there is no {name} 3"
    yield "told first at pre_loading; due at pre_loading: currency; due at pre_arrival: items.value, freight"
    yield outside_words("gb", DAY, None)
    yield outside_words("gb", DAY, DAY)
    yield missing_element("items.gross_mass_mg", "/items/0").message
    for words in (
        "the lowest rate is 2 %, the highest 12 %",
        "different rates: 2 %; 3 EUR/KGM",
        "3 different rates, of which some cannot be computed",
    ):
        yield f"Tariff of the UK, 610910: {words}."
    yield from (
        f"List of goods {what} under code 610910."
        for what in ("lists part of the goods", "gives several rates")
    )
    yield "No ECB rate of GBP in USD for 2026-07-02 is held; the ECB's is used."
    yield "No ECB rate of GBP in USD for 2026-07-02 is held; that of HM Revenue and Customs is used."
    yield "expected a commodity code of 4 to 14 digits, got 3 digits and other characters"
    yield "expected a commodity code of 4 to 14 digits, got 3 other characters"
    yield from OF_LAW
    yield "not fields of the contract: 7 more"
    yield "not fields of the contract: mine, theirs and 7 more"
    yield "the element is not in the result (7 times)"
    yield "filled: type, typeOfPerson"


OF_LAW = (
    "the commodity code isn't given, and what is owed depends on it",
    "origin_country isn't given, and section 301 depends on it",
    "origin_country isn't given, and additional duties depend on it",
    "No ECB rate of GBP in USD is held; the peg to EUR is used.",
    "The exchange rate GBP/USD was assumed for this run",
    "The rate of duty of code 610910 was assumed for this run",
    "VAT, standard rate was assumed for this run",
    "gb.vat has no value on 2026-07-02",
    "gb.vat has no value",
    "VAT, standard rate: in force, but no source gives its value (gb.vat)",
    "VAT, standard rate depends on the region of destination; expected one of NI, GB",
    "excise is due on goods of code 220300; no rate of excise is held",
    "consumption tax may be due on goods of code 220300; no rate is held",
    "the rate 3 EUR/KGM counts in KGM; the quantity is given in C62",
    "the rate 3 EUR/KGM is fixed in EUR",
    "dataset H7 is for an intrinsic value up to 150.00 EUR; this one is 200.00: declare it in H1",
    "dataset H7 is not for excise goods: declare them in H1",
    "list us-s301 is used past the last day for which its publisher vouches",
    "list us-s301 isn't held for that day, or not for these goods",
)
"""What lookups of the law packs say; the texts of the packs' own rules are in the language of their authors."""


def every_text() -> Iterator[str]:
    """Give every text of the modules, those that are part of a message too."""
    for path in SPOKEN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(_sampled(part) for part in node.values)
    yield from composed()


def test_every_message_has_a_wording() -> None:
    """Each English text of the message rooms that a finding could say is known whole; this lists any that is not."""
    unknown = [
        f"{path.relative_to(ROOMS).as_posix()}:{line}: {text}"
        for path in SPOKEN
        if path.relative_to(ROOMS).as_posix() not in NOT_SAID and path.name != "format.py"
        for line, text in prose(path)
        if text not in PARTS and not text.startswith(TITLES) and left_in_english(text) is not None
    ]
    assert unknown == []


def test_what_tables_and_shapes_say_has_a_wording() -> None:
    """What a table of elements expects and how a value is described are known in every message that holds them."""
    assert [text for text in composed() if left_in_english(text) is not None] == []


def test_no_wording_stands_unused() -> None:
    """A wording that no text of the project is made by is no longer in the catalogue."""
    used: set[str] = set()

    def use(text: str) -> None:
        said = read_back(text)
        if said is not None:
            used.add(said.wording.text)
            for part in said.arguments.values():
                for one in (part, *part.split(", ")):
                    if one != text:
                        use(one)

    for text in every_text():
        use(text)
    assert [one.text for one in wordings_in(catalogue("fr", "messages")) if one.text not in used] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_wording_is_translated(language: str) -> None:
    """Each language has the same wordings with the same places, and as many forms as its numbers need."""
    english = {one.text: one for one in wordings_in(catalogue("fr", "messages"))}
    held = catalogue(language, "messages")
    assert {one.text for one in wordings_in(held)} == set(english)
    for message in held:
        if not message.id:
            continue
        source = str(message.id[0] if isinstance(message.id, tuple) else message.id)
        forms = (
            [str(form) for form in message.string]
            if isinstance(message.string, tuple)
            else [str(message.string)]
        )
        assert len(forms) == (held.num_plurals if isinstance(message.id, tuple) else 1), source
        for form in forms:
            assert not message.fuzzy, source
            assert form and (re.search(SCRIPT[language], form.casefold()) or not PROSE.search(source)), source
            places = english[source].places
            said = wording_of(form).places
            # Of one and of two, Arabic says the noun alone.
            assert sorted(said) == sorted(places) or (language == "ar" and places == ("n",) and said == ()), (
                source
            )


@pytest.mark.parametrize(
    "wording", list(wordings_in(catalogue("fr", "messages"))), ids=lambda one: one.text[:40]
)
def test_a_message_is_read_back(wording: Wording) -> None:
    """A message that a wording made is read back whole, and every code and number in it is said again."""
    held = {name: PLACED.get(name, "AB-12") for name in wording.places}
    message = (wording.many or wording.text).format(**held)
    said = read_back(message)
    assert said is not None and left_in_english(message) is None
    assert (
        said.wording.text.format(**said.arguments) == wording.text.format(**held) or wording.many is not None
    )
    for language in OTHERS:
        told = message_in(message, language)
        for name, text in held.items():
            if name not in UNITS and name not in SPOKEN_PLACES:
                assert text in told, (language, told)


@pytest.mark.parametrize("name", sorted(set(formats()) - {"cn22", "cn23"}))
def test_what_a_broken_message_says_is_told_in_each_language(name: str) -> None:
    """Messages of each format with bytes taken away, doubled and changed: every finding of each is translated."""
    whole = formats()[name].write([CONSIGNMENT]).data
    chance = random.Random(name)
    said: set[str] = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            size = chance.randint(1, 30)
            match chance.randrange(3):
                case 0:
                    del data[at : at + size]
                case 1:
                    data[at:at] = data[at : at + size]
                case _:
                    data[at : at + 1] = bytes([chance.choice(b"<>&'\"0Zx+:;,\0\xff")])
        said |= {found.message for found in formats()[name].read(bytes(data), DAY).findings}
    assert said
    assert [text for text in sorted(said) if left_in_english(text) is not None] == []
    assert all(message_in(text, "ar") != text for text in said)


@pytest.mark.parametrize(
    ("number", "arabic"),
    [("1", "حرف واحد"), ("2", "حرفان"), ("3", "3 أحرف"), ("11", "11 حرفًا"), ("100", "100 حرف")],
)
def test_a_number_decides_the_form(number: str, arabic: str) -> None:
    """The noun follows its number as the language asks: five ways in Arabic, two in French, one in Chinese."""
    message = f"expected a whole number, got {number} letters"
    assert message_in(message, "ar").endswith(arabic)
    assert message_in(message, "fr").endswith("lettre" if number == "1" else "lettres")
    assert message_in(message, "zh").endswith(f"{number} 个字母")


@pytest.mark.parametrize(
    "message",
    [
        "line 3: " * 400, "expected " * 440, "a: " * 1_300, "due at x: a, b; " * 240, "expected " + "x, " * 1_200,
        "No A rate of GBP in USD for 2026-07-02 is held; " * 80, "got , " * 660, "line 3: " * 2_000, "", "{n}", "{",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_message_is_too_much(message: str) -> None:
    """However long a stored message is, and however deep it seems to be nested, it is told within a second."""
    began = time.process_time()
    told = message_in(message, "ar")
    assert told or not message
    assert time.process_time() - began < 1


@given(st.text(alphabet="abex ,:;()123{}<\u0639\n", max_size=60) | st.text(max_size=40))
def test_any_text_is_told(text: str) -> None:
    """A message of another making comes out as it is but for the marks of direction, in every language."""
    for language in LANGUAGES:
        told = message_in(text, language)
        if read_back(text) is None:
            assert told.replace("\u2068", "").replace("\u2069", "") == text.replace("\u2068", "").replace(
                "\u2069", ""
            )


def test_codes_keep_their_direction_in_arabic() -> None:
    """Names and codes stand in isolates within Arabic, whatever stands beside them; French has no such signs."""
    message = "line 4: expected one of N10, N20, got 3 letters"
    told = message_in(message, "ar")
    assert "\u2068N10, N20\u2069" in told
    assert told.count("\u2068") == told.count("\u2069")
    assert "\u2068" not in message_in(message, "fr")
    assert isolated("بلا حروف 12") == "بلا حروف 12"
