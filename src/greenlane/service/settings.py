"""Settings of the service: a file, then the environment, then flags; each later one wins."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from greenlane.packs import CODES
from greenlane.values.errors import UsageError

ENVIRONMENT = "GREENLANE_"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that an operator of the service may set."""

    home: str = "~/.local/share/greenlane"
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8750
    workers: int = 1
    sandbox: bool = False
    reference: str = ""
    known_at: str = ""
    jurisdictions: tuple[str, ...] = ()
    request_bytes: int = 256 * 1024 * 1024
    inline_bytes: int = 4 * 1024 * 1024
    document_bytes: int = 16 * 1024 * 1024
    request_seconds: int = 120
    rate_per_minute: int = 6_000
    anonymous_per_minute: int = 60
    connections: int = 12
    allow_private_webhooks: bool = False
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_keys: str = ""
    objection_days: int = 30
    person_years: int = 3
    limits_years: int = 1
    log_level: str = "info"

    @property
    def folder(self) -> Path:
        """The home folder."""
        return Path(self.home).expanduser()

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("port", "workers", "request_bytes", "inline_bytes", "document_bytes", "request_seconds",
                     "rate_per_minute", "anonymous_per_minute", "connections", "objection_days", "person_years",
                     "limits_years"):  # fmt: skip
            if getattr(self, name) < (0 if name == "port" else 1):
                raise ValueError(f"{name} is a number above zero")
        if self.port > _LAST_PORT:
            raise ValueError(f"port is a number up to {_LAST_PORT}")
        if self.database and not self.database.startswith(("postgresql://", "postgres://")):
            raise ValueError("database is an address that begins with postgresql://")
        if self.known_at:
            try:
                date.fromisoformat(self.known_at)
            except ValueError:
                raise ValueError("known_at is a day, YYYY-MM-DD") from None
        strange = sorted(set(self.jurisdictions) - set(CODES))
        if strange:
            raise ValueError(f"jurisdictions are law packs ({', '.join(CODES)}), which {strange[0]!r} is not")
        if self.log_level not in LEVELS:
            raise ValueError(f"log_level is one of {', '.join(LEVELS)}")
        if bool(self.oidc_issuer) != bool(self.oidc_audience) or bool(self.oidc_issuer) != bool(
            self.oidc_keys
        ):
            raise ValueError("oidc_issuer, oidc_audience and oidc_keys go together")


_LAST_PORT = 65_535
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the reference page shows it."""

    name: str
    about: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT + self.name.upper()


SETTINGS = (
    Setting("home", "Folder of the embedded database, the keys and the reference store."),
    Setting("database", "Address of a PostgreSQL server, postgresql://…; empty: the embedded one under home."),
    Setting("host", "Address on which the API listens."),
    Setting("port", "Port on which the API listens; 0 takes a free one."),
    Setting("workers", "Service processes on this machine, each with the whole API."),
    Setting("sandbox", "Test codes in descriptions force outcomes, the clock can be moved, an outage switched on."),
    Setting("reference", "Reference store; empty: the one under home where there is one."),
    Setting("known_at", "Law and reference data as known on this day; empty: all that is held."),
    Setting("jurisdictions", "Law packs cleared here: a list, in the environment parted by commas; empty: all."),
    Setting("request_bytes", "Largest request body; a larger one is answered 413."),
    Setting("inline_bytes", "Filings up to this size are decided before the answer; larger ones after a receipt."),
    Setting("document_bytes", "Largest document or image."),
    Setting("request_seconds", "A request that takes longer is answered 503."),
    Setting("rate_per_minute", "Requests a minute of one key or token, beyond which 429 tells when to come back."),
    Setting("anonymous_per_minute", "Requests a minute of one address without a key."),
    Setting("connections", "Connections of one process to the database."),
    Setting("allow_private_webhooks", "Let webhooks reach private addresses and plain HTTP: for tests alone."),
    Setting("oidc_issuer", "Issuer whose bearer tokens are taken; empty: none are."),
    Setting("oidc_audience", "Audience that a token must name."),
    Setting("oidc_keys", "Keys of the issuer: a JWKS file, or an https address of one."),
    Setting("objection_days", "Days in which a decision can be objected to."),
    Setting("person_years", "Years for which names, addresses and numbers are kept after the end of the procedure."),
    Setting("limits_years", "Years for which uses of limits are kept after the end of the year of filing."),
    Setting("log_level", "debug, info, warning or error."),
)  # fmt: skip


def read_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings of file, environment and flags, each later one winning.

    Args:
        file: TOML; None: none.
        environment: Default: the process's.
        flags: Those given; None values are left out.
    Raises:
        UsageError: A setting is unknown or has a value that it cannot have; the message says where.
    Example:
        >>> read_settings(environment={"GREENLANE_PORT": "9000"}, flags={"host": "::1"}).port
        9000
    """
    given: dict[str, Any] = {}
    if file is not None:
        try:
            given |= tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: no TOML ({error})") from None
    names = os.environ if environment is None else environment
    for setting in SETTINGS:
        text = names.get(setting.variable)
        if text is not None:
            given[setting.name] = (
                text.split(",") if setting.name == "jurisdictions" and text else text or None
            )
    given |= {
        name: str(value) if isinstance(value, Path) else value
        for name, value in (flags or {}).items()
        if value is not None
    }
    given = {name: value for name, value in given.items() if value is not None}
    try:
        found = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"settings: {error}") from None
    return found
