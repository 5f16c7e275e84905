"""The commands on a service as a user runs them: set-up on the database, filing, orders, exit codes, secrets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result

from greenlane.clearance import PostedCommand, name_of
from greenlane.cli import main
from greenlane.cli.procedure import command as orders
from listening import listening
from running import free_port
from serving import World, own_database


@pytest.fixture(scope="module")
def url(service: World) -> Iterator[str]:
    """The address of the module's service."""
    with listening(service) as address:
        yield address


class Typist:
    """Types commands at a service with one key in the environment."""

    def __init__(self, url: str, key: str) -> None:
        self.environment = {"GREENLANE_URL": url, "GREENLANE_API_KEY": key}

    def __call__(self, *words: object, data: bytes | None = None) -> Result:
        """Run a command; what goes wrong is said in words and holds no key."""
        result = CliRunner().invoke(main, [str(word) for word in words], input=data, env=self.environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        assert self.environment["GREENLANE_API_KEY"].split("_", 2)[2] not in result.output
        return result


@pytest.fixture
def operator(service: World, url: str) -> Typist:
    """An operator at the command line."""
    return Typist(url, service.keys["operator"])


@pytest.fixture
def officer(service: World, url: str) -> Typist:
    """An officer at the command line."""
    return Typist(url, service.keys["officer"])


def written(path: Path, *consignments: dict[str, Any]) -> Path:
    """Write consignments as NDJSON."""
    path.write_text("".join(json.dumps(one) + "\n" for one in consignments), encoding="utf-8")
    return path


def test_file_and_status(service: World, operator: Typist, tmp_path: Path) -> None:
    """Each consignment of each file has its line; what is filed can be read back with events and steps."""
    first, second = service.consignment(), service.consignment()
    done = operator("file", written(tmp_path / "a.ndjson", first), written(tmp_path / "b.ndjson", second))
    assert done.exit_code == 0, done.output
    assert f"{first['consignment_id']}  accepted" in done.output and "b.ndjson: 1 accepted" in done.output
    told = operator("status", first["consignment_id"], "--events", "--steps")
    assert told.exit_code == 0 and "filed" in told.output and "[" in told.output
    as_json = json.loads(operator("status", first["consignment_id"], "--json").stdout)
    assert as_json["consignment_id"] == first["consignment_id"] and as_json["outcome"]["status"]


def test_file_from_standard_input(service: World, operator: Typist) -> None:
    """A dash files standard input."""
    done = operator("file", "-", data=json.dumps([service.consignment()]).encode())
    assert done.exit_code == 0 and "1 accepted" in done.output


def test_rejected_records_are_told_with_their_fix(service: World, operator: Typist, tmp_path: Path) -> None:
    """A bad record is told with finding and fix, the good one is filed, and the command ends with 1."""
    good, bad = service.consignment(), service.consignment(value="4,00")
    path = written(tmp_path / "a.ndjson", good, bad)
    done = operator("file", path)
    assert done.exit_code == 1
    assert "fix:" in done.stderr and "1 accepted, 1 rejected" in done.stdout
    again = operator("file", path, "--json")
    assert again.exit_code == 1
    (told,) = json.loads(again.stdout)
    assert sorted(result["result"] for result in told["results"]) == ["rejected", "repeated"]
    assert told["receipt"]["records"] == 2


def test_orders(service: World, operator: Typist, officer: Typist, tmp_path: Path) -> None:
    """An officer sees the queue and holds; a role that may not ends with 2, an order that doesn't fit now with 1."""
    wanted = service.consignment()
    name = wanted["consignment_id"]
    operator("file", written(tmp_path / "a.ndjson", wanted))
    assert operator("queue").exit_code == 2
    held = officer("command", name, "hold", "--reason", "invoice_missing", "--party", "post-cn")
    assert held.exit_code == 0 and f"{name} of post-cn: held" in held.output
    listed = json.loads(officer("queue", "--phase", "held", "--limit", 1000, "--json").stdout)
    assert name in {row["consignment_id"] for row in listed}
    assert officer("queue", "--limit", 1).output.count("\n") == 1
    wrong = officer("command", name, "lift_hold", "--hold", 9, "--reason", "settled", "--party", "post-cn")
    assert wrong.exit_code == 1 and "fix:" in wrong.stderr
    told = officer("command", name, "lift_hold", "--hold", 9, "--reason", "x", "--party", "post-cn", "--json")
    assert told.exit_code == 1 and json.loads(told.stdout)["status"] == 409
    assert operator("command", name, "hold", "--reason", "why").exit_code == 2
    lifted = officer(
        "command", name, "lift_hold", "--hold", 1, "--reason", "settled", "--party", "post-cn", "--json"
    )
    assert json.loads(lifted.stdout)["events"][0]["type"] == "hold_lifted"
    again = officer("command", name, "redecide", "--reason", "law_corrected", "--party", "post-cn")
    assert again.exit_code == 0
    assert operator("status", "no-such-id").exit_code == 1


def test_every_order_can_be_typed() -> None:
    """Each command of the procedure that a caller may send has its options, one for each field."""
    for kind in get_args(PostedCommand):
        made = orders.commands[name_of(kind)]
        options = {parameter.name for parameter in made.params}
        assert set(kind.__struct_fields__) <= options, name_of(kind)


def test_orders_with_lists(service: World, operator: Typist, officer: Typist, tmp_path: Path) -> None:
    """Fields that hold lists are given by repeating the option; what the type forbids is wrong usage."""
    wanted = service.consignment()
    name = wanted["consignment_id"]
    operator("file", written(tmp_path / "a.ndjson", wanted))
    asked = officer(
        "command", name, "refer", "--kind", "request_screening", "--reason", "odd_image",
        "--methods", "XRY", "--methods", "VCK", "--party", "post-cn", "--json",
    )  # fmt: skip
    assert json.loads(asked.stdout)["events"][0]["data"]["methods"] == ["XRY", "VCK"]
    assert officer("command", name, "refer", "--kind", "nonsense", "--reason", "x").exit_code == 2
    assert officer("command", name, "hold", "--reason", "Not A Code").exit_code == 2
    assert officer("command", name, "declare_return", "--items", "1", "--reason", "x").exit_code == 2


def test_money_and_notices(service: World, url: str, operator: Typist, tmp_path: Path) -> None:
    """What is due is paid, the goods are released, the operator reads it in its notices and its statement."""
    wanted = service.consignment(scheme=None, scheme_id=None, declaration_date="2026-07-02")
    name = wanted["consignment_id"]
    filed = operator("file", written(tmp_path / "a.ndjson", wanted), "--stage", "arrival", "--json")
    due = json.loads(filed.stdout)[0]["results"][0]["payable_at_border"]
    supervisor = Typist(url, service.keys["supervisor"])
    paid = supervisor("pay", "post-cn", due, "EUR", f"bank-{name}", "--consignment", name)
    assert paid.exit_code == 0 and f"{name} is released" in paid.output
    assert (
        "registered before"
        in supervisor("pay", "post-cn", due, "EUR", f"bank-{name}", "--consignment", name).output
    )
    assert supervisor("pay", "post-cn", "a lot", "EUR", "bank-2").exit_code == 2
    assert operator("pay", "post-cn", due, "EUR", "bank-3").exit_code == 2
    told = json.loads(operator("notices", "--limit", 10_000, "--json").stdout)
    assert [n["type"] for n in told if n["data"]["consignment_id"] == name][-1].endswith("released")
    assert name in operator("notices", "--limit", 10_000).output
    span = ("--first", "2020-01-01", "--until", "2040-01-01", "--consignment", name)
    assert "at the end" in operator("statement", *span).output
    assert operator("statement", *span, "--csv").stdout.count("\n") > 1
    assert operator("statement", *span[:4]).exit_code == 2
    assert operator("returns", "show", "IOSS", "2026-03", "--holder", "seller/S1").exit_code == 0
    assert operator("returns", "list").exit_code == 0


def test_what_stands_for_money(service: World, url: str, operator: Typist, tmp_path: Path) -> None:
    """A guarantee is registered, raised, covers goods that are then released, is drawn on and revoked."""
    wanted = service.consignment(scheme=None, scheme_id=None, declaration_date="2026-07-02")
    name = wanted["consignment_id"]
    operator("file", written(tmp_path / "a.ndjson", wanted), "--stage", "arrival")
    supervisor = Typist(url, service.keys["supervisor"])
    span = ("--from", "2020-01-01", "--until", "2040-01-01")
    made = supervisor("guarantee", "add", "CLI-G1", "post-cn", "bank-1", "100.00", "EUR", *span)
    assert made.exit_code == 0 and "100.00 of 100.00 EUR free" in made.output
    assert supervisor("guarantee", "add", "CLI-G1", "post-cn", "bank-1", "1.00", "EUR", *span).exit_code == 1
    assert supervisor("guarantee", "add", "CLI-G2", "post-cn", "bank-1", "much", "EUR", *span).exit_code == 2
    assert operator("guarantee", "add", "CLI-G2", "post-cn", "bank-1", "1.00", "EUR", *span).exit_code == 2
    assert (
        json.loads(supervisor("guarantee", "raise", "CLI-G1", "50.00", "R1", "--json").stdout)["limit"]
        == "150.00"
    )
    assert operator("cover", name).exit_code == 2
    covered = operator("cover", name, "--guarantee", "CLI-G1")
    assert covered.exit_code == 0 and "released" in covered.output
    drawn = json.loads(supervisor("guarantee", "draw", "CLI-G1", name, "--json").stdout)
    assert float(drawn["drawn"]) > 0
    assert "CLI-G1" in operator("guarantee", "list").output
    assert "revoked" in supervisor("guarantee", "revoke", "CLI-G1").output
    account = supervisor("deferred", "add", "CLI-D1", "post-cn", "carrier/C1", "90.00", "EUR", *span)
    assert account.exit_code == 0 and "0.00 of 90.00 EUR used, due on day 16" in account.output
    assert "of 95.00 EUR" in supervisor("deferred", "raise", "CLI-D1", "95.00").output
    assert supervisor("deferred", "raise", "CLI-D1", "lots").exit_code == 2
    assert "CLI-D1" in operator("deferred", "list").output
    assert "to be paid by" in operator("deferred", "statement", "CLI-D1", "2026-07").output
    assert "revoked" in supervisor("deferred", "revoke", "CLI-D1").output


def test_money_goes_back(service: World, url: str, operator: Typist, tmp_path: Path) -> None:
    """What was paid too much is paid out once; a payment is read, and withdrawn when the bank calls it back."""
    wanted = service.consignment(scheme=None, scheme_id=None, declaration_date="2026-07-02")
    name = wanted["consignment_id"]
    operator("file", written(tmp_path / "a.ndjson", wanted), "--stage", "arrival")
    supervisor = Typist(url, service.keys["supervisor"])
    supervisor("pay", "post-cn", "100.00", "EUR", f"cli-{name}", "--consignment", name)
    shown = operator("payment", "show", f"cli-{name}")
    assert shown.exit_code == 0 and name in shown.output and "kept on deposit" in shown.output
    assert any(
        line.startswith("deposit:")
        for line in operator("accounts", "--family", "deposit").output.splitlines()
    )
    out = ("payout", "post-cn", "5.00", "EUR", f"out-{name}", "--consignment", name)
    assert "5.00 EUR" in supervisor(*out).output
    assert "registered before" in supervisor(*out).output
    assert supervisor("payout", "post-cn", "5000.00", "EUR", "out-2", "--consignment", name).exit_code == 1
    assert operator("payment", "show", "never-seen").exit_code == 1
    # Part of it has left already.
    assert supervisor("payment", "withdraw", f"cli-{name}", "post-cn").exit_code == 1
    supervisor("pay", "post-cn", "5.00", "EUR", f"again-{name}", "--consignment", name)
    gone = supervisor("payment", "withdraw", f"again-{name}", "post-cn")
    assert gone.exit_code == 0 and f"again-{name}: 5.00 EUR" in gone.output


def test_people(service: World, url: str, operator: Typist, officer: Typist, tmp_path: Path) -> None:
    """A person is told by a file: read for a purpose, extracted, kept for a case, erased with its proof."""
    wanted = service.consignment()
    wanted["consignee"] |= {"id": "CLI-77", "name": "A. Marked"}
    name = wanted["consignment_id"]
    operator("file", written(tmp_path / "a.ndjson", wanted))
    noted = officer("note", name, "-", "--party", "post-cn", data=b"A made-up note.")
    assert noted.exit_code == 0
    held = officer(
        "command", name, "hold", "--reason", "invoice_missing", "--note", noted.output.strip(), "--party", "post-cn"
    )  # fmt: skip
    assert held.exit_code == 0, held.output
    assert officer("note", name, "-", "--party", "post-cn", data=b"\xff").exit_code == 2
    of = ("--party", "post-cn", "--case", "C-1")
    read = officer("person", "reveal", name, "inspection", *of, "--role", "consignee")
    assert read.exit_code == 0 and "consignee.name: A. Marked" in read.output
    assert operator("person", "reveal", name, "inspection").exit_code == 2
    person = tmp_path / "person.json"
    person.write_text(json.dumps({"country": "DE", "id": "CLI-77"}), encoding="utf-8")
    supervisor = Typist(url, service.keys["supervisor"])
    assert name in supervisor("person", "extract", "X-1", person).output
    kept = json.loads(supervisor("person", "keep", name, "C-2", "--party", "post-cn", "--json").stdout)
    assert supervisor("person", "let-go", kept["hold"]).exit_code == 0
    administrator = Typist(url, service.keys["administrator"])
    assert administrator("person", "erase", person).exit_code == 1
    assert administrator("person", "erase", person, "--reason", "court_order").exit_code == 2
    erased = administrator("person", "erase", person, "--reason", "court_order", "--case", "O-1")
    assert erased.exit_code == 0 and "proven" in erased.output and "NOT" not in erased.output
    assert "proven" in administrator("person", "erasures").output
    assert "0 erased" in administrator("person", "erase-due").output
    wrong = administrator("person", "erase", "-", data=b'{"country": "Marked"}')
    assert wrong.exit_code == 2 and "country" in wrong.output and "Marked" not in wrong.output


def test_documents_and_webhooks(service: World, operator: Typist, tmp_path: Path) -> None:
    """A document is attached by its file; webhooks are listed, and one on a private address is refused."""
    wanted = service.consignment()
    operator("file", written(tmp_path / "a.ndjson", wanted))
    document = tmp_path / "invoice.pdf"
    document.write_bytes(b"%PDF-1.7\nan invoice of made-up goods\n%%EOF\n")
    told = operator("attach", wanted["consignment_id"], document, "--kind", "invoice")
    assert told.exit_code == 0 and "application/pdf" in told.output
    unnamed = tmp_path / "unnamed"
    unnamed.write_bytes(b"?")
    assert operator("attach", wanted["consignment_id"], unnamed).exit_code == 2
    assert operator("webhook", "list").output == "There is none.\n"
    assert operator("webhook", "add", "https://10.0.0.1/hook").exit_code in (1, 2)
    assert operator("webhook", "remove", "none").exit_code == 1


def test_sandbox_and_windows(service: World, url: str) -> None:
    """The sandbox's clock is moved and set right; a planned window is told by the status."""
    administrator = Typist(url, service.keys["administrator"])
    ahead = administrator("sandbox", "clock", "2d", "--json")
    assert (
        json.loads(ahead.stdout)["now"]
        > json.loads(administrator("sandbox", "clock", "0", "--json").stdout)["now"]
    )
    assert administrator("sandbox", "clock", "soon").exit_code == 2
    assert administrator("sandbox", "outage", "0").exit_code == 0
    planned = administrator("window", "plan", "2030-01-01T00:00:00Z", "2030-01-01T02:00:00Z", "new version")
    assert planned.exit_code == 0, planned.output
    assert "new version" in administrator("status").output
    assert administrator("window", "plan", "2030-01-01", "2030-01-02", "no offset").exit_code == 2


def test_keys_come_from_files(service: World, url: str, tmp_path: Path) -> None:
    """``--key`` names a file, never the key; one that others can read is warned of; none at all is wrong usage."""
    held = tmp_path / "operator.key"
    held.write_text(service.keys["operator"] + "\n")
    held.chmod(0o600)
    nobody = Typist(url, "")
    nobody.environment["GREENLANE_API_KEY"] = "gl_x_none-in-force"
    assert nobody("status", "C1").exit_code == 2
    assert (
        nobody("file", "-", "--key", held, data=json.dumps([service.consignment()]).encode()).exit_code == 0
    )
    held.chmod(0o644)
    assert "others can read" in nobody("status", "C1", "--key", held).stderr
    assert nobody("status", "C1", "--key", tmp_path / "none").exit_code == 2


def test_no_service(tmp_path: Path, service: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that isn't there is one line and exit code 2."""
    from greenlane import client

    monkeypatch.setattr(client, "Retry", lambda: client.calling.Retry(attempts=2, first_s=0.01))
    done = Typist(f"http://127.0.0.1:{free_port()}", service.keys["operator"])("status")
    assert done.exit_code == 2 and done.output.count("\n") == 1


def test_set_up_on_the_database(postgres: str, tmp_path: Path) -> None:
    """Parties, agencies and keys are made before the service has ever run; a key's text is in its file alone."""
    with own_database(postgres) as database:
        home = tmp_path / "home"
        run = Typist("", "gl_x_unused")
        run.environment |= {"GREENLANE_HOME": str(home), "GREENLANE_DATABASE": database}
        assert run("migrate", "--json").exit_code == 0
        assert run("party", "add", "post-cn", "Post of China").exit_code == 0
        assert run("party", "add", "Not An Id", "x").exit_code == 2
        assert run("agency", "set", "food", "Food safety", "--prefix", "02", "--prefix", "04").exit_code == 0
        assert run("agency", "set", "food", "Food safety", "--prefix", "x").exit_code == 2
        out = tmp_path / "operator.key"
        made = run("key", "make", "--party", "post-cn", "--role", "operator", "--out", out, "--json")
        told = json.loads(made.stdout)
        text = out.read_text().strip()
        assert out.stat().st_mode & 0o777 == 0o600 and text not in made.output
        assert text.split("_")[1] == told["id"]
        assert run("key", "make", "--party", "post-cn", "--role", "operator", "--out", out).exit_code == 2
        for words in (
            ("--party", "nobody", "--role", "operator"),
            ("--party", "post-cn", "--role", "agency"),
            ("--party", "post-cn", "--role", "operator", "--scope", "everything"),
            ("--party", "post-cn", "--role", "king"),
        ):
            assert run("key", "make", *words).exit_code == 2, words
        printed = run("key", "make", "--party", "administration", "--role", "officer")
        assert printed.output.startswith("gl_") and printed.output.count("\n") == 1
        assert run("key", "revoke", told["id"]).exit_code == 0
        assert run("key", "revoke", told["id"]).exit_code == 2
