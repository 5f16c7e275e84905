"""A dispatcher in a process of its own, on a database whose address is its argument; tests kill it."""

import asyncio
import signal
import sys
from functools import partial

from greenlane.desk.clock import Clock
from greenlane.desk.notices import keyring
from greenlane.desk.webhooks import shared_secret
from greenlane.exchange.dispatch import run
from greenlane.exchange.health import Limits
from greenlane.exchange.sender import Sender
from greenlane.privacy.keys import Masters, master
from greenlane.store.database import Database
from greenlane.store.dispatching import StoredDeliveries


async def main(url: str) -> None:
    """Deliver until told to end; claims are short, so that those of a killed process run out soon."""
    masters = Masters(master(bytes(range(32))))
    database = Database(url, connections=3)
    database.open()
    store = StoredDeliveries(database, partial(shared_secret, masters))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Sender(keyring(masters), allow_private=True, timeout_s=1.5) as sender:
        await run(store, Clock().now, sender, stop, limits=Limits(claim_s=3, poll_s=0.1))
    database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
