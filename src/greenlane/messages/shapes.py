"""Sections of messages by their shape: what is the same for all that have the same tags is worked out once.

Messages of one sender look alike: the same elements in the same order around other texts. The shape of a section is its
tags. A section that was parsed, walked and found sound leaves its shape behind; the next one of that shape costs one
look-up and a check of its texts. Whatever isn't known or isn't sound is walked element by element, for its findings.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter, le
from typing import Final, Generic, NamedTuple, TypeVar

_TAG = re.compile(
    r"""(?P<end>/?)(?P<name>[^\s<>/"'=&]+)(?:\s+[^\s<>/"'=&]+\s*=\s*(?:"[^"<>&]*"|'[^'<>&]*'))*\s*(?P<whole>/?)""",
    re.ASCII,
)
_ITEMS: Final = "<"
"""Stands among the tags of a head where the items stood: no tag has it."""
_NUMBER = re.compile(r"\[\d+\]")
_ODD_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_LONGEST: Final = 8_192
_MOST: Final = 512
ANY: Final = 1 << 30
"""Bound of a text whose length doesn't matter."""


class Cut(NamedTuple):
    """A section parted into its tags and the texts after each; ``places`` tells which of them are its leaves'.

    An empty leaf stands at a text that is blank.
    """

    tags: str
    texts: list[str]

    def leaves(self) -> list[tuple[int, bool, str]] | None:
        """Return of each leaf the place of its text, whether it may have one, its path; null if a tag isn't plain.

        Example:
            >>> cut("<x:a>1</x:a><b/><c><d></d></c>").leaves()
            [(1, True, 'a'), (3, False, 'b'), (5, True, 'c/d')]
        """
        found: list[tuple[int, bool, str]] = []
        steps: list[str] = []
        opened = False
        for place, tag in enumerate(self.tags.split(">")):
            plain = _TAG.fullmatch(tag)
            if tag == _ITEMS:
                opened = False
                continue
            if plain is None or (plain["end"] and plain["whole"]):
                return None
            name = plain["name"].rpartition(":")[2]
            if plain["end"]:
                if not steps or steps[-1] != name:
                    return None
                if opened:
                    found.append((place, True, "/".join(steps)))
                steps.pop()
            elif plain["whole"]:
                found.append((place + 1, False, "/".join([*steps, name])))
            else:
                steps.append(name)
            opened = not plain["end"] and not plain["whole"]
        return None if steps else found


def cut(text: str) -> Cut:
    """Part the XML of a section.

    Example:
        >>> cut("<a><b>1</b> <c/></a>")
        Cut(tags='a>b>/b>c/>/a', texts=['', '', '1', ' ', '', ''])
    """
    pieces = text.replace("<", ">").split(">")
    return Cut(">".join(pieces[1::2]), pieces[::2])


class Parts(NamedTuple):
    """A record parted into its head and the insides of its items, with the name of these as it is written."""

    head: Cut
    items: list[str]
    name: str


def parted(text: str, item: str) -> Parts | None:
    """Part the XML of a record; null where its items don't stand one after the other.

    Where the items stood, the tags of the head have a sign that no tag has.

    Example:
        >>> parted("<m><a>1</a><i><b>2</b></i><i><b>3</b></i></m>", "i")
        Parts(head=Cut(tags='m>a>/a><>/m', texts=['', '', '1', '', '', '']), items=['<b>2</b>', '<b>3</b>'], name='i')
    """
    found = text.find(f"{item}>")
    if found < 0:
        return Parts(cut(text), [], item)
    name = text[text.rfind("<", 0, found) + 1 : found + len(item)]
    if name != item and not name.endswith(f":{item}"):
        return None
    before, *pieces = text.split(f"<{name}>")
    close = f"</{name}>"
    items = []
    after = ""
    for piece in pieces:
        if after and not after.isspace():
            return None
        inner, end, after = piece.partition(close)
        if not end or close in after:
            return None
        items.append(inner)
    head, tail = cut(before), cut(after)
    return Parts(Cut(f"{head.tags}>{_ITEMS}>{tail.tags}", [*head.texts, *tail.texts]), items, name)


def sectioned(text: str, item: str, most: int = 0) -> list[Cut] | None:
    """Cut a record into its head and its items, as `parted` parts it, with entities as the signs they stand for.

    Args:
        text: The XML.
        item: Name of the items; empty for a record without any.
        most: How many items may come, 0 for any number; null is returned for more.
    Example:
        >>> [one.tags for one in sectioned("<m><a>1</a><i><b>2</b></i><i><c>&lt;</c></i></m>", "i")]
        ['m>a>/a><>/m', 'b>/b', 'c>/c']
    """
    pieces = text.replace("<", ">").split(">")
    tags, texts = pieces[1::2], pieces[::2]
    found = text.find(f"{item}>") if item else -1
    if found < 0:
        parts = [Cut(">".join(tags), texts)]
    else:
        name = text[text.rfind("<", 0, found) + 1 : found + len(item)]
        if (name != item and not name.endswith(f":{item}")) or name not in tags:
            return None
        close = f"/{name}"
        first = start = tags.index(name)
        parts = []
        while start < len(tags) and tags[start] == name:
            try:
                end = tags.index(close, start)
            except ValueError:
                return None
            if parts and texts[start].strip():
                return None
            parts.append(Cut(">".join(tags[start + 1 : end]), texts[start + 1 : end + 1]))
            start = end + 1
        rest = tags[start:]
        if name in rest or close in rest or (most and len(parts) > most):
            return None
        head = Cut(">".join([*tags[:first], _ITEMS, *rest]), [*texts[: first + 1], *texts[start:]])
        parts.insert(0, head)
    if "&" not in text:
        return parts
    plain = [one for one in map(plain_cut, parts) if one is not None]
    return plain if len(plain) == len(parts) else None


class Shape:
    """What is the same for all sections of one shape, by the place of their leaves.

    ``paths`` are relative to the section. A text is sound when it is no longer than ``longest``, and ``fits`` where more
    is asked: a check, and a pattern that what the pattern takes is sound by, empty for none. ``empty`` counts the leaves
    without text.
    """

    __slots__ = (
        "_blank",
        "_checked",
        "_pattern",
        "_pick",
        "_unusual",
        "attributes",
        "empty",
        "fits",
        "longest",
        "paths",
    )

    def __init__(
        self,
        paths: Sequence[str],
        attributes: Sequence[tuple[tuple[str, str], ...]],
        longest: Sequence[int],
        fits: Sequence[tuple[int, Callable[[str], object], str]],
        empty: int,
    ) -> None:
        self.paths = tuple(paths)
        self.attributes = tuple(attributes)
        self.longest = tuple(longest)
        self.fits = tuple(fits)
        self.empty = empty
        self._pick: Callable[[Sequence[str]], tuple[str, ...]] = tuple
        self._blank: tuple[int, ...] = ()
        self._checked: Callable[[Sequence[str]], tuple[str, ...]] = tuple
        self._pattern: re.Pattern[str] | None = None
        self._unusual: tuple[tuple[int, Callable[[str], object]], ...] = ()

    def stands(self, leaves: Sequence[tuple[int, bool, str]]) -> None:
        """Learn where in the texts of a cut the leaves are."""
        places = [place for place, _, _ in leaves]
        self._blank = tuple(number for number, (_, filled, _) in enumerate(leaves) if not filled)
        self._pick = picking(places)
        usual = [(place, pattern) for place, _, pattern in self.fits if pattern]
        self._checked = picking([place for place, _ in usual])
        self._pattern = _together(tuple(pattern for _, pattern in usual))
        self._unusual = tuple((place, fits) for place, fits, pattern in self.fits if not pattern)

    def sound(self, texts: tuple[str, ...]) -> bool:
        """Say whether the texts of the leaves are as the shape wants them."""
        if texts.count("") != self.empty or not all(map(le, map(len, texts), self.longest)):
            return False
        for place, fits in self._unusual:
            if not fits(texts[place]):
                return False
        # All at once, by a sign that no text has; what isn't told so is asked one by one.
        if self._pattern is None or self._pattern.fullmatch("\0".join(self._checked(texts))):
            return True
        return all(fits(texts[place]) for place, fits, _ in self.fits)

    def of(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the texts of the leaves among those of a cut."""
        return self._pick(texts)

    def as_it_came(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the same of texts with blanks around them: an empty leaf has none."""
        picked = self._pick(texts)
        if self._blank:
            blank = set(self._blank)
            return tuple("" if place in blank else text for place, text in enumerate(picked))
        return picked


def picking(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what gives the texts at some places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda texts: tuple(texts[place] for place in places)


@lru_cache(maxsize=_MOST)
def _together(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("\0".join(patterns), re.ASCII) if patterns else None


S = TypeVar("S", bound=Shape)


class Section(NamedTuple, Generic[S]):
    """One section: its shape, its texts as they came and without blanks around them."""

    shape: S
    raw: tuple[str, ...]
    texts: tuple[str, ...]


class Shapes(Generic[S]):
    """The shapes that were found sound, as many as are held at most; beyond, all are forgotten."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, int], S] = {}

    def __len__(self) -> int:
        return len(self._held)

    def clear(self) -> None:
        """Forget all."""
        self._held.clear()

    def known(self, part: Cut, spaces: str) -> Section[S] | None:
        """Return a section that was cut if its shape is known and its texts are sound.

        Args:
            part: The section.
            spaces: What its tags mean only together with: namespaces around it, what it stands in.
        """
        texts = [*map(str.strip, part.texts)]
        shape = self._held.get((spaces, part.tags, texts.count("")))
        if shape is None:
            return None
        mine = shape.of(texts)
        if not shape.sound(mine):
            return None
        return Section(shape, mine if texts == part.texts else shape.as_it_came(part.texts), mine)

    def learn(self, part: Cut, spaces: str, section: Section[S]) -> None:
        """Keep the shape of a section that was walked and is sound, unless a cut doesn't show it as the walk did."""
        shape = section.shape
        blank = sum(not text.strip() for text in part.texts)
        if len(part.tags) > _LONGEST or (spaces, part.tags, blank) in self._held:
            return
        leaves = part.leaves()
        if leaves is None or len(leaves) != len(shape.paths):
            return
        if any(raw and not text for raw, text in zip(section.raw, section.texts, strict=True)):
            return
        plain = (_NUMBER.sub("", path) for path in shape.paths)
        if not all(f"/{seen}".endswith(path) for (_, _, seen), path in zip(leaves, plain, strict=True)):
            return
        shape.stands(leaves)
        between = len(part.texts) - len(leaves)
        if shape.as_it_came(part.texts) != section.raw or blank - shape.empty != between:
            return
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[spaces, part.tags, blank] = shape


def plain_text(text: str) -> str | None:
    """Return XML with its entities as the signs they stand for; null for one that every parser looks up elsewhere.

    Example:
        >>> plain_text("a &amp;lt; b"), plain_text("&#65;") is None
        ('a &lt; b', True)
    """
    if _ODD_ENTITY.search(text):
        return None
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text


def plain_cut(part: Cut) -> Cut | None:
    """Return a cut whose texts are without entities, null where they can't be told here.

    Example:
        >>> plain_cut(cut("<a>x &amp; y</a>"))
        Cut(tags='a>/a', texts=['', 'x & y', ''])
    """
    if not any("&" in text for text in part.texts):
        return part
    texts = [plain_text(text) if "&" in text else text for text in part.texts]
    return None if None in texts else Cut(part.tags, [text for text in texts if text is not None])


__all__ = [
    "ANY",
    "Cut",
    "Parts",
    "Section",
    "Shape",
    "Shapes",
    "cut",
    "parted",
    "picking",
    "plain_cut",
    "plain_text",
]
