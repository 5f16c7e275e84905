"""What stands in deploy/ fits the program: commands, settings, variables."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import click
import yaml

from greenlane.cli import main
from greenlane.service.settings import SETTINGS, read_settings

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
KEYS = {"GREENLANE_MASTER_KEY", "GREENLANE_KEY"}


def variables(text: str) -> set[str]:
    """Return the variables that a text sets."""
    return set(re.findall(r"^(?:ENV )?(GREENLANE_\w+)=", text, re.MULTILINE)) | set(
        re.findall(r"\s(GREENLANE_\w+)=", text)
    )


def unit() -> dict[str, Any]:
    """Return the settings of the systemd unit's service."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "greenlane.service")
    return dict(parser["Service"])


def test_the_settings_file_is_read() -> None:
    """Each setting of the example file is one of the service and has a value that it may have."""
    assert read_settings(DEPLOY / "greenlane.toml", {}).workers == 2


def test_variables_are_ones_that_are_read() -> None:
    """Variables of the environment files, the image and compose are settings or keys."""
    known = {setting.variable for setting in SETTINGS} | KEYS
    for name in ("greenlane.env.example", "Containerfile"):
        found = variables((DEPLOY / name).read_text())
        assert found and found <= known, name
    assert not variables((DEPLOY / "compose.yaml").read_text())


def test_the_unit_starts_the_service_with_few_rights() -> None:
    """The unit runs a command that there is, as a user of its own that can write to its own folder alone."""
    service = unit()
    words = shlex.split(service["ExecStart"])
    command = main.commands[words[1]]
    context = command.make_context("serve", words[2:], resilient_parsing=True)
    assert isinstance(command, click.Command) and context.params["file"] == Path(
        "/etc/greenlane/greenlane.toml"
    )
    assert int(service["LimitNOFILE"]) >= 16_384 and service["User"] == "greenlane"
    home = read_settings(DEPLOY / "greenlane.toml", {}).home
    assert home == f"/var/lib/{service['StateDirectory']}"
    for name, value in {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
        "PrivateDevices": "yes", "CapabilityBoundingSet": "", "UMask": "0077", "RestrictNamespaces": "yes",
        "RestrictSUIDSGID": "yes", "StateDirectoryMode": "0700",
    }.items():  # fmt: skip
        assert service[name] == value, name


def test_compose_runs_two_processes_on_one_database() -> None:
    """Two service processes wait for one PostgreSQL; nothing is reached from outside but through the proxy."""
    made = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = made["services"]
    assert set(services) == {"database", "first", "second"}
    assert re.fullmatch(r"postgres:1[78]", services["database"]["image"])
    assert "ports" not in services["database"]
    for name in ("first", "second"):
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])
        assert services[name]["healthcheck"]["test"][1:] == ["greenlane", "status"]
    used = {volume.partition(":")[0] for one in services.values() for volume in one["volumes"]}
    assert used == set(made["volumes"])


def test_no_secret_stands_there() -> None:
    """Passwords and keys are left empty or are named as what is to be put in."""
    text = (DEPLOY / "greenlane.env.example").read_text()
    assert re.search(r"^GREENLANE_MASTER_KEY=$", text, re.MULTILINE) and ":PASSWORD@" in text
    for path in DEPLOY.iterdir():
        assert not re.search(r"[0-9a-f]{32}|gl_[0-9a-f]{12}_", path.read_text()), path.name
