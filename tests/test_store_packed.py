"""Documents that are kept small are read as they were, by any version that has their dictionary."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zstandard import ZstdCompressor, get_frame_parameters

from greenlane.store.packed import DICTIONARIES, NEWEST, NotReadable, dictionary, pack, unpack
from serving import World

RELEASED = {100_001: "0c19b7137a6ecb37d7dfe80115fb595958128b89c2bb1877f22f798726282b6b"}


def test_a_dictionary_never_changes() -> None:
    """What was kept with a dictionary is unreadable without it: each is there, byte for byte."""
    held = {
        number: hashlib.sha256(files("greenlane.store").joinpath(name).read_bytes()).hexdigest()
        for number, name in DICTIONARIES.items()
    }
    assert held == RELEASED
    assert [dictionary(number).dict_id() for number in held] == list(held)


@given(st.lists(st.binary(min_size=1, max_size=3_000), max_size=8))
def test_any_document_comes_back(documents: list[bytes]) -> None:
    """Whatever the bytes are, and however many, in their order."""
    packed = pack(documents)
    assert [unpack(one) for one in packed] == documents
    assert {get_frame_parameters(one).dict_id for one in packed} <= {NEWEST}


def test_threads_pack_side_by_side() -> None:
    """Filings of several threads are packed at the same moment, each whole."""
    parts = [[json.dumps({"party": n, "item": m}).encode() * 9 for m in range(400)] for n in range(16)]
    with ThreadPoolExecutor(8) as threads:
        packed = list(threads.map(pack, parts))
        assert list(threads.map(lambda listed: [unpack(one) for one in listed], packed)) == parts


def test_an_unknown_dictionary_is_named() -> None:
    """A document of a later version says so, instead of being read wrong."""
    other = ZstdCompressor(level=1).compress(b"{}")
    with pytest.raises(NotReadable, match="dictionary 0, which this version doesn't have"):
        unpack(other)


def test_a_consignment_is_kept_in_a_fraction_of_its_room(service: World) -> None:
    """Facts and outcome of a filed consignment stand in the row, a quarter as long as they are or less."""

    def lengths() -> Iterator[tuple[int, int]]:
        with service.desk.database.cursor() as cursor:
            for row in cursor.execute("select facts, outcome from consignment").fetchall():
                for packed in row:
                    yield len(packed), len(unpack(packed))

    one: dict[str, Any] = service.consignment()
    assert service.file(one)[0]["result"] == "accepted"
    found = list(lengths())
    assert len(found) >= 2 and sum(small for small, _ in found) * 4 < sum(whole for _, whole in found)
