"""Every finding code and every word of a report is said in each language, with the same placeholders and codes."""

import importlib
import pkgutil
import re

import pytest

import greenlane
from greenlane.engine.quality_report import WORDS
from greenlane.reference.catalogues import (
    LANGUAGES,
    best_language,
    catalogue,
    fix_in,
    right_to_left,
    title_in,
    words_in,
)
from greenlane.service.languages import DETAILS, TITLES
from greenlane.values.finding import declared

OTHERS = [name for name in LANGUAGES if name != "en"]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
LITERAL = re.compile(r"`[^`]+`|\b[a-z]+(?:_[a-z]+)+\b|--[a-z]+\b|\b(?:CEB)?\d{3,4}\b|https?://\S+[a-z]")
SCRIPT = {"zh": "[\u4e00-\u9fff]", "ar": "[\u0600-\u06ff]", "fr": "[a-z]", "es": "[a-z]"}


def sources() -> list[str]:
    """Return every text that is to be translated."""
    for module in pkgutil.walk_packages(greenlane.__path__, "greenlane."):
        importlib.import_module(module.name)
    texts = dict.fromkeys((*WORDS, *TITLES.values(), *DETAILS))
    for kind in declared():
        texts |= dict.fromkeys((kind.title, kind.fix))
    return list(texts)


@pytest.mark.parametrize("language", OTHERS)
def test_every_declared_code_is_translated(language: str) -> None:
    """No title, fix or word of a report is missing, empty, fuzzy or left in English."""
    held = catalogue(language)
    missing = []
    for text in sources():
        message = held.get(text)
        said = "" if message is None or message.fuzzy else str(message.string)
        if not re.search(SCRIPT[language], said.casefold()):
            missing.append(text)
    assert not missing


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_and_names_are_kept(language: str) -> None:
    """A translation has the placeholders, commands, field names and message numbers of its source, and no other."""
    translate = words_in(language)
    for text in sources():
        said = translate(text)
        assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(text)), text
        assert set(LITERAL.findall(text)) <= set(LITERAL.findall(said)), (text, said)


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_holds_what_nobody_says(language: str) -> None:
    """A text that is no longer in the project is no longer in the catalogue."""
    known = set(sources())
    assert [str(m.id) for m in catalogue(language) if m.id and m.id not in known] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA", "fr"),
        ("zh-Hans-CN, en;q=0.4", "zh"),
        ("ar;q=0.2, es;q=0.9", "es"),
        ("", "en"),
        ("xx;q=z", "en"),
    ],
)
def test_the_language_asked_for_is_found(header: str, language: str) -> None:
    """An Accept-Language header gives the language with the highest weight that there is, else English."""
    assert best_language(header) == language


def test_a_code_is_told_in_a_language() -> None:
    """Title and fix come in the language asked for; Arabic is written from right to left."""
    assert fix_in("required.missing", "es") == "Complételo."
    assert title_in("required.missing", "en") == "A required field is missing."
    assert right_to_left("ar") and not right_to_left("zh")
