"""What a batch of decisions is written with."""

import numpy as np
import pytest

from greenlane.decide.columns import amounts
from greenlane.law.vectors import Vector
from greenlane.values.money import format_scaled


@pytest.mark.parametrize("digits", [0, 2, 3])
@pytest.mark.parametrize("count", [3, 1_000])
def test_amounts_are_written_as_one_by_one(digits: int, count: int) -> None:
    """Small amounts come from a table, few large ones are written each, many as columns: all read the same."""
    values = np.arange(count) * 7_919 - 20_000
    known = np.arange(count) % 5 != 1
    written = amounts(Vector(values, known), digits).to_list()
    assert written == [
        format_scaled(value, digits) if given else None
        for value, given in zip(values.tolist(), known.tolist(), strict=True)
    ]
    assert amounts(Vector(values), digits).to_list() == [format_scaled(v, digits) for v in values.tolist()]
