"""Goods groups of the law: dated lists of code prefixes that a reduced rate, an excise or an exclusion follows.

Where a reduced or zero rate may apply and isn't cited with certainty, the standard rate is followed and the
reduced one stands beside it as the other reading, so that the outcome is contested and gives both amounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from greenlane.law.parameters import Dated, Parameter, Parameters, Source, read_parameters
from greenlane.values.errors import LawError


@dataclass(frozen=True, slots=True)
class GoodsGroup:
    """Goods named by code prefix. ``effect`` says what follows: vat_rate, excise, no_relief, not_admitted ...

    The dated values are a parameter of the pack: a rate, or a flag for groups that only name goods.
    """

    id: str
    name: str
    effect: str
    prefixes: tuple[str, ...]
    parameter: Parameter

    def covers(self, hs_code: str) -> int:
        """Return the length of the longest prefix that *hs_code* falls under; 0 where none.

        A code shorter than a prefix does not fall under it.
        """
        # Most codes fall under none of a group's prefixes, which one step tells.
        if not hs_code.startswith(self.prefixes):
            return 0
        return max((len(prefix) for prefix in self.prefixes if hs_code.startswith(prefix)), default=0)


@dataclass(frozen=True, slots=True)
class GoodsGroups:
    """Every goods group of a pack."""

    groups: tuple[GoodsGroup, ...]

    def boundaries(self) -> list[date]:
        """Every day on which a group's values change."""
        return sorted({day for group in self.groups for day in group.parameter.boundaries()})

    def find(
        self, effect: str, hs_code: str, key: str, day: date, known_at: date | None
    ) -> tuple[GoodsGroup, Dated] | None:
        """Return the group of *effect* with the longest prefix that holds the code on *day*, with its value."""
        best: tuple[int, GoodsGroup, Dated] | None = None
        for group in self.groups:
            length = group.covers(hs_code) if group.effect == effect else 0
            if not length or (best is not None and length <= best[0]):
                continue
            if "*" not in group.parameter.values and key not in group.parameter.values:
                continue
            dated = group.parameter.at(key, day, known_at)
            if dated is not None and dated.state == "in_force":
                best = (length, group, dated)
        return None if best is None else (best[1], best[2])


def read_groups(
    document: Mapping[str, Any], pack: str, sources: Mapping[str, Source]
) -> tuple[GoodsGroups, Parameters]:
    """Make goods groups from a pack's parsed YAML (its key ``goods``).

    Each entry is a parameter with ``effect`` and ``prefixes`` beside it; ids begin ``<pack>.goods.``.

    Raises:
        LawError: An entry without effect or prefixes, or a value that is not fit.
    """
    groups = []
    entries: Sequence[Mapping[str, Any]] = document.get("goods") or ()
    plain = [{k: v for k, v in entry.items() if k not in ("effect", "prefixes")} for entry in entries]
    named = {name: {"cite": s.cite, "url": s.url, "published": s.published} for name, s in sources.items()}
    parameters = read_parameters({"sources": named, "parameters": plain}, pack)
    for entry in entries:
        prefixes = tuple(entry.get("prefixes") or ())
        digits = all(isinstance(p, str) and p.isascii() and p.isdigit() for p in prefixes)
        if not entry.get("effect") or not prefixes or not digits:
            raise LawError(f"{entry.get('id')}: a goods group has an effect and prefixes of digits, quoted")
        parameter = parameters.by_id[entry["id"]]
        groups.append(GoodsGroup(parameter.id, parameter.name, str(entry["effect"]), prefixes, parameter))
    return GoodsGroups(tuple(groups)), parameters
