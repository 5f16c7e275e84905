"""The programs of the page on receiving notices run, and take real deliveries."""

import asyncio
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from greenlane.exchange.delivery import Endpoint
from greenlane.exchange.keys import Keyring, SigningKey
from greenlane.exchange.notice import Notice, body_of
from greenlane.exchange.sender import Sender
from greenlane.exchange.signing import sign

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "receive-notices.md"
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
RING = Keyring((SigningKey(bytes(32)), SigningKey(bytes(range(32)))))
AT = datetime(2026, 7, 2, 8, 30, tzinfo=UTC)


def test_the_receiver_of_the_page_takes_notices(tmp_path: Path) -> None:
    """It keeps each notice once, whatever comes twice, answers 400 to what is forged, and keeps nobody else's."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    path = str(Path(__file__).resolve().parents[1] / "src")
    setting = {
        "WHPK": " ".join(RING.public("post-cn")),
        "PARTY": "post-cn",
        "PORT": str(port),
        "PYTHONPATH": path,
    }
    process = subprocess.Popen([sys.executable, "-c", PROGRAMS[0]], cwd=tmp_path, env=setting)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.05)

        async def deliver() -> None:
            async with Sender(RING, allow_private=True) as sender:
                endpoint = Endpoint("one", "post-cn", url)
                for cursor in (1, 2, 1):
                    notice = Notice("consignment.held", "post-cn", "RR1", cursor, AT, "Held.")
                    answer = await sender.send(endpoint, notice, datetime.now(UTC))
                    assert (answer.failure, answer.status) == (None, 204)

        asyncio.run(deliver())
        notice = Notice("consignment.released", "post-cn", "RR1", 3, AT, "Released.")
        body, now = body_of(notice), int(time.time())
        keys = RING.of_party("post-cn")
        for headers, sent in (
            (sign(notice.id, now, body, keys), body.replace(b"Released", b"Refunded")),
            (sign(notice.id, now - 400, body, keys), body),
            (sign(notice.id, now, body, RING.of_party("post-de")), body),
            ({}, body),
        ):
            assert httpx.post(url, content=sent, headers=headers).status_code == 400
        other = body_of(Notice("consignment.released", "post-de", "RR1", 3, AT, "Released."))
        stranger = Notice("consignment.released", "post-de", "RR1", 3, AT, "Released.").id
        assert httpx.post(url, content=other, headers=sign(stranger, now, other, keys)).status_code == 204
        assert httpx.post(url, content=b"x" * 20_001).status_code == 413
    finally:
        process.terminate()
        process.wait(10)
    with sqlite3.connect(tmp_path / "notices.db") as kept:
        rows = kept.execute("SELECT type, consignment FROM notice").fetchall()
    assert rows == [("consignment.held", "RR1")] * 2


def test_the_check_without_greenlane_agrees() -> None:
    """The page's own check takes what greenlane signs with either key, and refuses changed bytes and old times."""
    assert "greenlane" not in PROGRAMS[1]
    names: dict[str, Any] = {}
    exec(compile(PROGRAMS[1], str(PAGE), "exec"), names)
    fits: Callable[[dict[str, str], bytes, str], bool] = names["fits"]
    now = int(time.time())
    body = body_of(Notice("consignment.held", "post-cn", "RR1", 1, AT, "Held."))
    headers = sign("ntc_1", now, body, RING.of_party("post-cn"))
    current, old = RING.public("post-cn")
    assert fits(headers, body, current) and fits(headers, body, old)
    assert not fits(headers, body + b" ", current)
    assert not fits(headers, body, RING.public("post-de")[0])
    assert not fits(sign("ntc_1", now - 400, body, RING.of_party("post-cn")), body, current)
