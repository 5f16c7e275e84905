"""Settings of the service: a file, then the environment, then flags; what can't be is refused with its name."""

from pathlib import Path
from typing import Any

import pytest

from greenlane.service.serve import open_desk
from greenlane.service.settings import SETTINGS, Settings, read_settings
from greenlane.values.errors import UsageError

OTHER: dict[str, tuple[str, Any]] = {
    "home": ("/srv/greenlane", "/srv/greenlane"),
    "database": ("postgresql://db/clearance", "postgresql://db/clearance"),
    "host": ("::1", "::1"),
    "port": ("9000", 9000),
    "workers": ("3", 3),
    "sandbox": ("true", True),
    "reference": ("/srv/reference", "/srv/reference"),
    "known_at": ("2026-07-01", "2026-07-01"),
    "jurisdictions": ("eu,gb", ("eu", "gb")),
    "request_bytes": ("1000", 1000),
    "inline_bytes": ("1001", 1001),
    "document_bytes": ("1002", 1002),
    "request_seconds": ("10", 10),
    "rate_per_minute": ("11", 11),
    "anonymous_per_minute": ("12", 12),
    "connections": ("13", 13),
    "allow_private_webhooks": ("true", True),
    "objection_days": ("14", 14),
    "person_years": ("15", 15),
    "limits_years": ("16", 16),
    "log_level": ("debug", "debug"),
}
TOGETHER = {"oidc_issuer": "https://issuer", "oidc_audience": "greenlane", "oidc_keys": "https://issuer/keys"}


def test_every_setting_from_the_environment() -> None:
    """Each setting is read from its variable, and from nothing else."""
    assert set(OTHER) | set(TOGETHER) == {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        if setting.name in TOGETHER:
            continue
        text, value = OTHER[setting.name]
        assert getattr(read_settings(environment={setting.variable: text}), setting.name) == value
        assert value != getattr(Settings(), setting.name), setting.name
    names = {setting.variable: TOGETHER[setting.name] for setting in SETTINGS if setting.name in TOGETHER}
    found = read_settings(environment=names)
    assert {name: getattr(found, name) for name in TOGETHER} == TOGETHER
    assert read_settings(environment={"GREENLANE_URL": "http://x", "PORT": "1"}) == Settings()


def test_later_sources_win(tmp_path: Path) -> None:
    """Flags win over the environment, the environment over the file, the file over the defaults."""
    file = tmp_path / "greenlane.toml"
    file.write_text('port = 1001\nhost = "::1"\nworkers = 2\njurisdictions = ["eu"]\n')
    environment = {"GREENLANE_PORT": "1002", "GREENLANE_HOST": "::2"}
    found = read_settings(file, environment, {"port": 1003, "host": None})
    assert (found.port, found.host, found.workers, found.jurisdictions) == (1003, "::2", 2, ("eu",))
    assert read_settings(file, {"GREENLANE_PORT": "", "GREENLANE_JURISDICTIONS": ""}).port == Settings().port
    assert read_settings(environment={"GREENLANE_HOME": "/a"}, flags={"home": tmp_path}).folder == tmp_path


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("port", "-1", "port"),
        ("port", "65536", "port"),
        ("port", "http", "port"),
        ("workers", "0", "workers"),
        ("workers", "1.5", "workers"),
        ("request_bytes", "0", "request_bytes"),
        ("inline_bytes", "0", "inline_bytes"),
        ("document_bytes", "0", "document_bytes"),
        ("request_seconds", "0", "request_seconds"),
        ("rate_per_minute", "0", "rate_per_minute"),
        ("anonymous_per_minute", "0", "anonymous_per_minute"),
        ("connections", "0", "connections"),
        ("objection_days", "0", "objection_days"),
        ("person_years", "0", "person_years"),
        ("limits_years", "0", "limits_years"),
        ("sandbox", "perhaps", "sandbox"),
        ("allow_private_webhooks", "2", "allow_private_webhooks"),
        ("log_level", "loud", "log_level"),
        ("known_at", "July", "known_at"),
        ("database", "mysql://db", "postgresql://"),
        ("jurisdictions", "eu,atlantis", "atlantis"),
        ("oidc_issuer", "https://issuer", "oidc_audience"),
        ("oidc_audience", "greenlane", "oidc_issuer"),
        ("oidc_keys", "https://issuer/keys", "oidc_issuer"),
    ],
)
def test_refused(name: str, text: str, words: str) -> None:
    """A value that can't be is refused, and the message names the setting."""
    with pytest.raises(UsageError, match=words):
        read_settings(environment={f"GREENLANE_{name.upper()}": text})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ports = 1", "ports"),
        ("port = [1]", "port"),
        ("port =", "TOML"),
        ("[port]\nnumber = 1", "port"),
        ('jurisdictions = "eu"', "jurisdictions"),
        ("port = 1.5", "port"),
    ],
)
def test_files_refused(tmp_path: Path, text: str, words: str) -> None:
    """An unknown setting, a value of another kind and a file that is no TOML are refused in words."""
    file = tmp_path / "greenlane.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words):
        read_settings(file, {})
    with pytest.raises(UsageError, match=r"none\.toml"):
        read_settings(tmp_path / "none.toml", {})
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="TOML"):
        read_settings(file, {})


def test_what_must_be_there_is_looked_for(tmp_path: Path) -> None:
    """A reference store or a file of keys that isn't there is told at the start, not at the first request."""
    home = str(tmp_path)
    with pytest.raises(UsageError, match="no reference store"):
        open_desk(Settings(home=home, reference=str(tmp_path / "none")), "postgresql://")
    with pytest.raises(UsageError, match="oidc_keys"):
        open_desk(Settings(home=home, **(TOGETHER | {"oidc_keys": "none.json"})), "postgresql://")
