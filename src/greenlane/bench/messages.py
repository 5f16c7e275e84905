"""Foreign messages: read and validated, beside bare lxml on the same bytes in the same run."""

import io
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from greenlane.bench.message_schema import schema_of
from greenlane.messages.wco import WCO_DM36
from greenlane.messages.wco.elements import DECLARATION


def time_messages(documents: str, rounds: int) -> dict[str, Any]:
    """Tell the seconds of each format, best of *rounds*, of the processor.

    ``read`` takes bytes to checked consignments; ``bare`` parses the same bytes with lxml and validates them against
    a schema of the same elements and forms; ``parse`` only parses.

    Args:
        documents: NDJSON of consignments, from which the messages are written.
        rounds: How often each is measured.
    """
    consignments = [json.loads(line) for line in Path(documents).read_bytes().splitlines()]
    messages = [WCO_DM36.write([one]).data for one in consignments]
    bulk = WCO_DM36.write(consignments).data
    compiled = schema_of(DECLARATION)
    items = sum(len(one["items"]) for one in consignments)
    return {
        "wco-dm36": {
            "items": items,
            "messages": len(messages),
            "bytes": sum(map(len, messages)),
            "cpu_s": {
                "read": _best(WCO_DM36.read, messages, rounds),
                "bare": _best(partial(_bare, compiled), messages, rounds),
                "parse": _best(etree.fromstring, messages, rounds),
                "stream": _best(_streamed, [bulk], rounds),
            },
        }
    }


def _bare(compiled: etree.XMLSchema, data: bytes) -> None:
    declaration = etree.fromstring(data).find("{*}Declaration")
    if declaration is None or not compiled.validate(etree.ElementTree(declaration)):
        raise ValueError(f"a message of the measurement is not valid: {compiled.error_log}")


def _streamed(data: bytes) -> None:
    for message in WCO_DM36.stream(io.BytesIO(data)):
        if message.refused:
            raise ValueError("a message of the measurement is refused")


def _best(work: Callable[[bytes], object], messages: Sequence[bytes], rounds: int) -> float:
    """Return the least processor time that *work* takes for all messages; nothing of a message is kept."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        for one in messages:
            work(one)
        found.append(time.process_time() - begun)
    return min(found)
