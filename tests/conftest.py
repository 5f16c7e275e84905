"""What every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GREENLANE_SHARED", ROOT.parent / "shared"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the official files where they are missing; in CI their absence is a failure."""
    if SHARED.is_dir() or os.environ.get("CI"):
        return
    reason = pytest.mark.skip(reason="the shared official files are not beside this checkout (GREENLANE_SHARED)")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official files and oracles."""
    return SHARED
