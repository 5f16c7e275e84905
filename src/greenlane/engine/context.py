"""What a run decides under: law as known at a day, reference data, assumptions, risk profile, key."""

import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from greenlane.decide.outcome import Versions
from greenlane.decide.plan import DecisionPlan
from greenlane.decide.plan import plan as make_plan
from greenlane.law.amendments import Amendments
from greenlane.law.assumptions import Assumptions
from greenlane.law.leaves import Resolver
from greenlane.law.pack import Formula, Pack, law_version
from greenlane.packs import CODES, pack
from greenlane.privacy.keys import write_secret
from greenlane.reference import Reference, load
from greenlane.risk.indicators import Profile, starter_profile
from greenlane.tariff import ExchangeRates, TariffBook, TermLists
from greenlane.values.errors import LawError, UsageError
from greenlane.values.pseudonym import KEY_BYTES, blocks


@dataclass(frozen=True, slots=True)
class Sources:
    """What the packs' look-ups read."""

    tariff: TariffBook
    fx: ExchangeRates
    assumed: Assumptions


@dataclass(slots=True)
class Context:
    """Everything that an outcome depends on beside the consignment; made once a process."""

    reference: Reference
    known_at: date | None
    assumptions: Assumptions
    profile: Profile
    key: bytes
    _laws: dict[str, Pack] = field(default_factory=dict)
    _resolvers: dict[str, Resolver] = field(default_factory=dict)
    _plans: dict[tuple[str, str], DecisionPlan] = field(default_factory=dict)
    _versions: dict[str, Versions] = field(default_factory=dict)
    _lists: str = ""

    @property
    def terms(self) -> TermLists:
        """The dated lists of words."""
        return self.reference.terms

    @property
    def book(self) -> TariffBook:
        """Schedules and goods lists."""
        return self.reference.tariff

    def keyed(self, purpose: str) -> tuple[str, str]:
        """Return the secret blocks for pseudonyms of one purpose."""
        return blocks(self.key, purpose)

    def law(self, code: str) -> Pack:
        """Return a pack with the amendments of this run."""
        if code not in self._laws:
            held, amended = pack(code), self.assumptions.amended
            self._laws[code] = (
                replace(held, parameters=amended.parameters(held.parameters)) if amended else held
            )
        return self._laws[code]

    def resolver(self, code: str) -> Resolver:
        """Return the resolver of a pack, which remembers what it resolved."""
        if code not in self._resolvers:
            law = self.law(code)
            sources = Sources(self.reference.tariff, self.reference.fx, self.assumptions)
            assumed = {law.aliases.get(name, name): value for name, value in self.assumptions.values.items()}
            own = {name: value for name, value in assumed.items() if name in law.parameters.by_id}
            days = self.assumptions.amended.days()
            self._resolvers[code] = Resolver(law, sources, self.known_at, own, days)
        return self._resolvers[code]

    def plan(self, law: Pack, formula: Formula) -> DecisionPlan:
        """Return the decision plan of a formula under this run's profile."""
        mark = (law.code, formula.id)
        if mark not in self._plans:
            self._plans[mark] = make_plan(law, formula, self.profile)
        return self._plans[mark]

    def versions(self, code: str | None) -> Versions:
        """Return the versions that an outcome of this pack states; None: no pack covers the destination."""
        name = code or "none"
        if name not in self._versions:
            if not self._lists:
                self._lists = self.reference.digest()[:16]
            version = law_version(self.law(code), self.known_at) if code else "none"
            self._versions[name] = Versions(version, self._lists, self.profile.model_version)
        return self._versions[name]


def context(
    *,
    store: Path | None = None,
    known_at: date | None = None,
    assumptions: Assumptions | None = None,
    key: bytes | None = None,
) -> Context:
    """Load reference data and return the context of a run.

    Raises:
        UsageError: An assumption names no parameter of any pack.
    """
    given = assumptions or Assumptions()
    if given.values or given.amended:
        _check(given)
    return Context(load(store), known_at, given, starter_profile(), key or local_key())


_SHORT = {"vat_rate", "consumption_tax_rate", "min_collect", "gift_vat_limit", "air_freight_share"}
"""Names of assumptions that no parameter bears."""


def _check(assumptions: Assumptions) -> None:
    """Refuse names that no pack knows; only the packs that the names begin with are read, where they do."""
    named = {name.partition(".")[0] for name in assumptions.values if name not in _SHORT}
    codes = named if named <= set(CODES) else set(CODES)
    known = _SHORT.union(*({*pack(code).parameters.by_id, *pack(code).aliases} for code in codes))
    unknown = sorted(set(assumptions.values) - known)
    if unknown:
        raise UsageError(
            f"--assume: no pack has a parameter {', '.join(unknown)}; greenlane law show CODE names them"
        )
    for amendment in assumptions.amended.listed:
        code = amendment.parameter.partition(".")[0]
        if code not in CODES:
            raise UsageError(f"{amendment.parameter}: no law pack {code!r}; there are {', '.join(CODES)}")
        held = pack(code).parameters
        strange = Amendments((amendment,)).unknown(held)
        if strange:
            near = get_close_matches(amendment.parameter, list(held.by_id), 3, 0.4)
            hint = f"; did you mean {', '.join(near)}?" if near else f"; greenlane law show {code} names them"
            raise UsageError(f"no parameter {strange[0]}{hint}")
        try:
            Amendments((amendment,)).parameters(held)
        except LawError as error:
            raise UsageError(str(error)) from None


def home() -> Path:
    """Return greenlane's folder of this user: ``$GREENLANE_HOME``, else ``~/.local/share/greenlane``."""
    given = os.environ.get("GREENLANE_HOME")
    return Path(given) if given else Path.home() / ".local" / "share" / "greenlane"


def local_key() -> bytes:
    """Return the key of pseudonyms: ``$GREENLANE_KEY`` (64 hex digits), else a key file made on first use.

    The same key gives the same input digests; keep it to compare runs years later.

    Raises:
        UsageError: The key given is not 64 hexadecimal digits.
    """
    given = os.environ.get("GREENLANE_KEY")
    path = home() / "pseudonym.key"
    if given is None and path.exists():
        given = path.read_text(encoding="ascii").strip()
    if given is not None:
        try:
            key = bytes.fromhex(given)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise UsageError("the pseudonym key is 64 hexadecimal digits (GREENLANE_KEY or pseudonym.key)")
        return key
    write_secret(path, secrets.token_hex(KEY_BYTES) + "\n", replace=False)
    return local_key()
