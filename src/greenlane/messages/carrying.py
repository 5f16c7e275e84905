"""What a message carries, kept by sections and made one by one only when somebody looks at it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, overload

from greenlane.messages.foreign import Carried

_made: Final = partial(tuple.__new__, Carried)


class Span(NamedTuple):
    """The leaves of a section from ``begin`` to ``end``: paths below ``start``, texts, attributes, what holds them."""

    start: str
    paths: Sequence[str]
    texts: Sequence[str]
    attributes: Sequence[tuple[tuple[str, str], ...]]
    held: Sequence[str | None]
    begin: int
    end: int

    def __repr__(self) -> str:
        return f"Span({self.start!r})"


class Spans(Sequence[Carried]):
    """A sequence of what was carried, out of sections and of single ones.

    Example:
        >>> span = Span("/m[2]", ("/a", "/b"), ("1", "2"), ((), ()), (None, "items.value"), 0, 2)
        >>> list(Spans([span, (Carried("/m/c"),)])) == [
        ...     Carried("/m[2]/a", "1"), Carried("/m[2]/b", "", (), "items.value"), Carried("/m/c")
        ... ]
        True
    """

    __slots__ = ("_all", "_parts")

    def __init__(self, parts: Sequence["Span | Sequence[Carried]"]) -> None:
        self._parts = parts
        self._all: tuple[Carried, ...] | None = None

    @property
    def all(self) -> tuple[Carried, ...]:
        """Everything as one tuple."""
        if self._all is None:
            self._all = tuple(self._each())
        return self._all

    def _each(self) -> Iterator[Carried]:
        for part in self._parts:
            if not isinstance(part, Span):
                yield from part
                continue
            start, paths, texts, attributes, held, begin, end = part
            full = [start + path for path in paths]
            texts = ["" if name else text for name, text in zip(held, texts, strict=True)]
            yield from map(_made, list(zip(full, texts, attributes, held, strict=True))[begin:end])

    @overload
    def __getitem__(self, place: int) -> Carried: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Carried, ...]: ...
    def __getitem__(self, place: int | slice) -> Carried | tuple[Carried, ...]:
        return self.all[place]

    def __len__(self) -> int:
        return sum(part.end - part.begin if isinstance(part, Span) else len(part) for part in self._parts)

    def __iter__(self) -> Iterator[Carried]:
        return iter(self.all)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spans | tuple):
            return NotImplemented
        return self.all == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.all)


__all__ = ["Span", "Spans"]
