"""The elements of the model: what stands in what, in which order, with which id and form.

`dec_elements.csv` and `res_elements.csv` hold facts read off the schemas that HMRC publishes
(github.com/hmrc/customs-declarations, public/api/conf/2.0/schemas, Apache-2.0): parent, name, WCO id, how often,
form. The order of the lines is the order of the elements. A form is ``an..35`` (up to 35 characters), ``d``, ``a``
(digits, letters), ``n..16,3`` (a number of 16 digits, 3 of them decimals) or ``dt``.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

SIGNS: Final = {"an": "characters", "d": "digits", "a": "letters"}
_NUMBER = re.compile(r"[-+]?(\d*)(?:\.(\d*))?", re.ASCII)
_MOMENT = re.compile(r"(20\d{6})(\d{6}(Z|[-+]\d\d))?", re.ASCII)
_FORM = re.compile(r"(an|a|d|n)(\.\.)?(\d+)(?:,(\d+))?(?:=(.*))?")


@dataclass(frozen=True, slots=True)
class Known:
    """One element where it may stand: its place among its siblings, WCO id, how often (0: any number), form."""

    order: int
    wco: str
    most: int
    form: str
    fits: Callable[[str], bool] | None


class Model:
    """One message of the model: its elements by parent and name, and the namespaces that it is written in.

    ``types`` is the namespace of the parts of a moment.
    """

    def __init__(self, name: str, namespace: str, types: str) -> None:
        self.namespace = namespace
        self.types = types
        text = files("greenlane.messages.wco").joinpath(name).read_text(encoding="utf-8")
        self.known: dict[str, dict[str, Known]] = {}
        self.by_wco: dict[tuple[str, str], str] = {}
        for order, row in enumerate(csv.DictReader(text.splitlines())):
            most, form = int(row["most"] or 0), row["form"]
            known = Known(order, row["wco"], most, form, None if form in ("", "dt") else _fits(form))
            self.known.setdefault(row["parent"], {})[row["name"]] = known
            self.by_wco[row["parent"], row["wco"]] = row["name"]
            if form == "dt":
                self.known[row["name"]] = {"DateTimeString": Known(order, "", 1, "dt", _is_moment)}

    def pointer(self, path: str) -> tuple[tuple[str, int | None], ...]:
        """Return the ids from the message down to the element of *path*, each with its number where it is repeated.

        A step that has no id of its own (the type of a classification) is left out.

        Example:
            >>> DECLARATION.pointer("/Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description")
            (('42A', None), ('67A', None), ('68A', 2), ('23A', None), ('137', None))
        """
        parent, found = "", []
        for step in path.strip("/").split("/"):
            name, number = parted(step)
            known = self.known.get(parent, {}).get(name)
            if known is None:
                break
            if known.wco:
                found.append((known.wco, None if known.most == 1 else number))
            parent = name
        return tuple(found)

    def wco(self, path: str) -> str | None:
        """Return section and tag of *path* as one text.

        Example:
            >>> DECLARATION.wco("/Declaration/AuthorisationHolder/ID")
            '42A/17C/R144'
        """
        return "/".join(name for name, _ in self.pointer(path)) or None


def parted(step: str) -> tuple[str, int]:
    """Part a step of a path into name and number.

    Example:
        >>> parted("Pointer[2]"), parted("Pointer")
        (('Pointer', 2), ('Pointer', 1))
    """
    if not step.endswith("]"):
        return step, 1
    name, _, number = step[:-1].partition("[")
    return name, int(number)


def _fits(form: str) -> Callable[[str], bool]:
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(f"form {form!r}")
    kind, up_to, longest, decimals, choices = found.groups()
    most = int(longest)
    if kind == "n":
        return _number(most, int(decimals or 0))
    if choices is not None:
        return frozenset(choices.split("|")).__contains__
    exact = not up_to
    if kind == "an":
        return lambda text: 0 < len(text) <= most and (not exact or len(text) == most)
    shape = re.compile(rf"[{'0-9' if kind == 'd' else 'A-Za-z'}]{{{most if exact else 0},{most}}}")
    return lambda text: shape.fullmatch(text) is not None


def usual(form: str) -> str:
    """Return a pattern such that what it takes is of a form; empty if there is none. Other texts may be of it too.

    Example:
        >>> usual("a2"), usual("n..16,3"), usual("d..2=9|13")
        ('[A-Za-z]{2,2}', '[0-9]{1,13}(?:[.][0-9]{1,3})?', '(?:9|13)')
    """
    if form == "dt":
        return _MOMENT.pattern
    found = _FORM.fullmatch(form)
    if found is None:
        return ""
    kind, up_to, longest, decimals, choices = found.groups()
    if choices is not None:
        return f"(?:{'|'.join(map(re.escape, choices.split('|')))})"
    if kind == "n":
        places = int(decimals or 0)
        part = f"(?:[.][0-9]{{1,{places}}})?" if places else ""
        return f"[0-9]{{1,{int(longest) - places}}}{part}"
    signs = {"a": "A-Za-z", "d": "0-9", "an": r"^\0"}[kind]
    return f"[{signs}]{{{1 if up_to else longest},{longest}}}"


def _number(most: int, decimals: int) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        whole, point, part = text.partition(".")
        if text.isascii() and whole.isdecimal() and len(whole) + len(part) <= most and len(part) <= decimals:
            return not point or part.isdecimal()
        found = _NUMBER.fullmatch(text)
        if found is None or not (found[1] or found[2]):
            return False
        whole, part = (found[1] or "").lstrip("0"), (found[2] or "").rstrip("0")
        return len(part) <= decimals and len(whole) + len(part) <= most

    return fits


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


def expected(known: Known) -> str:
    """Say in words what a value has to be.

    Example:
        >>> expected(DECLARATION.known["Exporter"]["Name"]), expected(DECLARATION.known["Declaration"]["FunctionCode"])
        ('1 to 70 characters', 'one of 9, 13, 14')
    """
    found = _FORM.fullmatch(known.form)
    if found is None:
        return "a moment such as 20260702120000Z with its format code, or a day"
    kind, up_to, longest, decimals, choices = found.groups()
    if choices:
        return "one of " + choices.replace("|", ", ")
    if kind == "n":
        return f"a number of up to {longest} digits, {decimals} of them decimals"
    return f"{'1 to ' if up_to else ''}{longest} {SIGNS[kind]}"


DECLARATION: Final = Model(
    "dec_elements.csv", "urn:wco:datamodel:WCO:DEC-DMS:2", "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"
)
RESPONSE: Final = Model(
    "res_elements.csv", "urn:wco:datamodel:WCO:RES-DMS:2", "urn:wco:datamodel:WCO:Response_DS:DMS:2"
)
