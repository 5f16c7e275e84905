"""Which methods a path has: what OPTIONS answers, and the Allow of a method that isn't there."""

import re
from collections.abc import Iterable
from typing import Any


class Paths:
    """The declared paths of some handlers, each with its methods."""

    def __init__(self, prefix: str, handlers: Iterable[Any]) -> None:
        found: dict[str, set[str]] = {}
        for handler in handlers:
            for path in handler.paths:
                found.setdefault(prefix + path, set()).update(handler.http_methods)
        # What is written out goes before what stands for anything.
        ordered = sorted(found, key=lambda path: (path.count("{"), path))
        self._paths = [(_pattern(path), _listed(found[path])) for path in ordered]

    def methods(self, path: str) -> str:
        """Return the methods of a path as Allow lists them; empty: there is no such path.

        Example:
            >>> from litestar import get
            >>> @get("/queue/{name:str}", sync_to_thread=False)
            ... def read(name: str) -> None: ...
            >>> Paths("/api", [read]).methods("/api/queue/a"), Paths("/api", [read]).methods("/api/queue")
            ('GET, HEAD, OPTIONS', '')
        """
        return next((methods for pattern, methods in self._paths if pattern.fullmatch(path)), "")


def _pattern(path: str) -> re.Pattern[str]:
    parts = ("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/"))
    return re.compile("/".join(parts) + "/?")


def _listed(methods: set[str]) -> str:
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


__all__ = ["Paths"]
