"""Which law a replay decides under: as known at a day, as held, a named version, or amended by a file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from greenlane.law.pack import law_version
from greenlane.packs import CODES, pack
from greenlane.values.errors import UsageError

HELD = "held"
_VERSION = re.compile(r"(?P<code>[a-z]{2,4})-[0-9a-f]{16}(@(?P<day>\d{4}-\d{2}-\d{2}))?")
_SET = re.compile(r"(?P<name>[a-z0-9_.*]+)(\[(?P<key>[A-Z0-9-]+)\])?=(?P<value>[^@]+)(@(?P<day>.+))?")


@dataclass(frozen=True, slots=True)
class OtherLaw:
    """Another version of the law than a run's own.

    ``known_at`` counts where ``moved`` is true; else each part keeps the day that it was decided with.
    """

    name: str
    moved: bool
    known_at: date | None
    amendments: tuple[dict[str, Any], ...] = ()

    def settings(self, decided: dict[str, Any]) -> dict[str, Any]:
        """Return how to decide anew what was *decided* so: the manifest's known_at, assumed and store."""
        known = (str(self.known_at) if self.known_at else None) if self.moved else decided["known_at"]
        assumed = dict(decided["assumed"])
        if self.amendments:
            assumed["amendments"] = [*assumed.get("amendments", []), *self.amendments]
        return {**decided, "known_at": known, "assumed": assumed}


def read_other_law(given: Iterable[str]) -> OtherLaw:
    """Read what ``--law`` names; several go together, as a day and a file of amendments.

    ``held`` is everything that the packs hold; a day is the law as known then; ``us-0123456789abcdef`` (with
    ``@`` and a day, where it has one) is a version that this installation must hold; anything else is a file of
    amendments in YAML or JSON: {name, amendments: [...]}.

    Raises:
        UsageError: It is none of these, or the version isn't held.
    """
    names: list[str] = []
    moved, known_at = False, None
    amendments: list[dict[str, Any]] = []
    for text in given:
        version = _VERSION.fullmatch(text)
        day = _day(text)
        if text == HELD or day is not None or version:
            if moved:
                raise UsageError(
                    "--law: give one day, one version or held, and files of amendments beside it"
                )
            if version:
                day = _held_version(text, version)
            moved, known_at = True, day
            names.append(f"the law as known on {day}" if day else "the law as held")
            continue
        name, listed = _file(Path(text))
        names.append(name)
        amendments += listed
    if not names:
        raise UsageError(
            "--law names the law to decide under: held, a day, a version or a file of amendments"
        )
    return OtherLaw(", with ".join(names), moved, known_at, tuple(amendments))


def read_settings(given: Iterable[str]) -> list[dict[str, Any]]:
    """Read what ``--set`` changes: ``parameter=value``, ``parameter[KEY]=value``, with ``@DAY`` from a day on.

    A name that is no parameter's is that of the limit, or else of the only amount, whose name begins with it:
    ``gb.relief`` is ``gb.relief.limit``.

    Example:
        >>> read_settings(["eu.vat.standard[DE]=0.20@2026-07-01"])
        [{'parameter': 'eu.vat.standard', 'value': '0.20', 'key': 'DE', 'from': '2026-07-01'}]
    """
    found = []
    for text in given:
        match = _SET.fullmatch(text)
        if match is None:
            raise UsageError(
                f"--set {text}: write parameter=value, parameter[KEY]=value or parameter=value@YYYY-MM-DD"
            )
        value: Any = {"true": True, "false": False}.get(match["value"], match["value"])
        entry: dict[str, Any] = {"parameter": _whole_name(match["name"]), "value": value}
        if match["key"]:
            entry["key"] = match["key"]
        if match["day"]:
            entry["from"] = match["day"]
        found.append(entry)
    return found


def _whole_name(name: str) -> str:
    code = name.partition(".")[0]
    held = pack(code).parameters.by_id if code in CODES else {}
    below = [other for other, p in held.items() if other.startswith(f"{name}.") and p.unit == "amount"]
    below = [other for other in below if other == f"{name}.limit"] or below
    return below[0] if name not in held and len(below) == 1 else name


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def _held_version(text: str, version: re.Match[str]) -> date | None:
    code, day = version["code"], _day(version["day"] or "")
    if code not in CODES:
        raise UsageError(f"--law {text}: no law pack {code!r}; there are {', '.join(CODES)}")
    held = law_version(pack(code), day)
    if held != text:
        raise UsageError(f"--law {text}: this installation holds {held}; replay with the one that holds it")
    return day


def _file(path: Path) -> tuple[str, list[dict[str, Any]]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"--law {path}: no such file; and no day, version or 'held' is written so") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read as YAML ({type(error).__name__})") from None
    listed = document.get("amendments") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise UsageError(f"{path}: a file of amendments holds a name and a list under 'amendments'")
    return str(document.get("name") or path.name), [_plain(entry) for entry in listed]


def _plain(entry: dict[Any, Any]) -> dict[str, Any]:
    """Return an amendment that JSON can carry: YAML makes days of what looks like one."""
    return {str(k): v.isoformat() if isinstance(v, date) else v for k, v in entry.items()}
