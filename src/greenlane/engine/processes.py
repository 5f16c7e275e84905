"""Worker processes of a run, and who is told how far it is."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

Progress = Callable[[str, int, int], None]
"""Told (what, done, of how many)."""


def silent(what: str, done: int, of: int) -> None:
    """Tell nobody."""


@contextmanager
def processes(workers: int, start: Callable[..., None], *given: Any) -> Iterator[ProcessPoolExecutor]:
    """Start worker processes, each with its share of the cores; each begins with ``start(*given)``."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    try:
        with ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=start, initargs=given
        ) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def end_with_parent() -> None:
    """End this process when the one that started it is gone."""
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
