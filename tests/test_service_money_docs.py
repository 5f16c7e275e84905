"""The programs of the page on collecting and refunding run against a real service and print what the page shows."""

import contextlib
import io
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from greenlane.engine.context import Context
from greenlane.service.app import create_app
from serving import World, world

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "collect-and-refund.md"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def listening(postgres: str, law: Context, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service that listens on a port of its own, with the keys of the page in the environment."""
    with world(postgres, law) as made:
        server = uvicorn.Server(
            uvicorn.Config(create_app(made.desk, made.settings), port=0, log_config=None, access_log=False)
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        monkeypatch.setitem(os.environ, "URL", f"http://127.0.0.1:{port}/api/v1")
        for who in ("operator", "officer", "supervisor", "auditor"):
            monkeypatch.setitem(os.environ, who.upper(), made.keys[who])
        yield made
        server.should_exit = True
        thread.join()


def test_the_programs_print_what_the_page_shows(listening: World) -> None:
    """Each block, run after the ones before it, prints the block that follows it."""
    assert len(BLOCKS) == 5
    names: dict[str, Any] = {}
    for program, shown in BLOCKS:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(program, str(PAGE), "exec"), names)
        printed = [line for line in out.getvalue().splitlines() if "[info" not in line]
        assert printed == shown.splitlines()
