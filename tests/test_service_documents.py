"""Documents and images of a consignment: kept as they came, sealed, for those who see the consignment."""

import base64
import hashlib

import psycopg
import pytest

from greenlane.privacy.errors import REFUSED
from serving import World

PDF = b"%PDF-1.7 an invoice of Jane Example"
NOWHERE = "00000000-0000-4000-8000-000000000000"


def attach(
    service: World, name: str, body: bytes = PDF, kind: str = "application/pdf", **more: str
) -> dict[str, str]:
    """Attach a document and return what is told of it."""
    answer = service.call(
        "operator", "POST", f"/consignments/{name}/documents", body, headers={"Content-Type": kind}, **more
    )
    assert answer.status_code in (200, 201), answer.text
    told: dict[str, str] = answer.json()
    return told


@pytest.fixture
def name(service: World) -> str:
    """The id of a consignment of the operator, held for information."""
    one = service.consignment(description="TEST RFI wheat biscuits", hs_code="190531")
    assert service.file(one)[0]["phase"] == "referred"
    return str(one["consignment_id"])


def test_a_document_comes_back_as_it_was(service: World, name: str) -> None:
    """The bytes come back as an attachment that no browser shows, with their digest, also after an officer's eyes."""
    told = attach(service, name)
    assert told["sha256"] == hashlib.sha256(PDF).hexdigest() and told["size"] == len(PDF)
    for who in ("operator", "officer", "supervisor", "agency"):
        read = service.call(who, "GET", f"/documents/{told['id']}", purpose="clearance")
        assert read.status_code == 200 and read.content == PDF
        assert read.headers["content-type"] == "application/octet-stream"
        assert read.headers["content-disposition"].startswith("attachment;")
        assert read.headers["x-content-type-options"] == "nosniff"
        digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
        assert read.headers["repr-digest"] == f"sha-256=:{digest}:"
        listed = service.call(who, "GET", f"/consignments/{name}/documents", party="post-cn").json()
        assert listed["documents"] == [told]


def test_what_is_stored_is_sealed(service: World, name: str) -> None:
    """The database holds no word of a document in plain, and a body moved to another row doesn't open."""
    one, two = attach(service, name), attach(service, name, PDF + b" 2")
    with psycopg.connect(service.url) as connection:
        row = connection.execute("select body from document where id = %s", (one["id"],)).fetchone()
        assert row is not None and b"Example" not in row[0] and b"PDF" not in row[0]
        connection.execute("update document set body = %s where id = %s", (row[0], two["id"]))
    assert service.call("operator", "GET", f"/documents/{two['id']}").status_code == 404


def test_others_do_not_see_it(service: World, name: str) -> None:
    """Another party, an agency that wasn't asked and an auditor read neither the list nor the document."""
    told = attach(service, name)
    for who, status in (
        ("other_operator", 404),
        ("other_agency", 404),
        ("auditor", 403),
        ("administrator", 403),
    ):
        read = service.call(who, "GET", f"/documents/{told['id']}", purpose="clearance")
        assert read.status_code == status
        path = f"/consignments/{name}/documents"
        assert service.call(who, "GET", path, party="post-cn").status_code == status
        answer = service.call(
            who, "POST", path, PDF, headers={"Content-Type": "application/pdf"}, party="post-cn"
        )
        assert answer.status_code == status


def test_reading_by_staff_is_in_the_audit_log(service: World, name: str) -> None:
    """A document may name persons: who isn't of its party stands in the log for reading it, its own party doesn't."""
    told = attach(service, name)

    def entries() -> int:
        with psycopg.connect(service.url) as connection:
            rows = connection.execute("select body from audit").fetchall()
        return sum(1 for row in rows if told["id"].encode() in bytes(row[0]))

    service.call("operator", "GET", f"/documents/{told['id']}")
    assert entries() == 0
    service.call("officer", "GET", f"/documents/{told['id']}", purpose="clearance")
    service.call("agency", "GET", f"/documents/{told['id']}", purpose="inspection")
    assert entries() == 2


def test_reading_by_staff_needs_a_purpose(service: World, name: str) -> None:
    """Without a purpose, or with one that the role doesn't have, nothing is read, and the attempt is in the log."""
    told = attach(service, name)
    for who, purpose in (("officer", None), ("officer", "law_enforcement"), ("agency", "dispute")):
        params = {} if purpose is None else {"purpose": purpose}
        assert service.call(who, "GET", f"/documents/{told['id']}", **params).status_code == 403
    with psycopg.connect(service.url) as connection:
        rows = connection.execute("select body from audit where action = %s", (REFUSED,)).fetchall()
    assert sum(1 for row in rows if told["id"].encode() in bytes(row[0])) == 3


def test_the_same_again_is_the_same(service: World, name: str) -> None:
    """The same content is attached once for each kind; with an Idempotency-Key the same answer comes back."""
    one = attach(service, name, kind="application/pdf")
    assert attach(service, name) == one
    other = service.call(
        "operator", "POST", f"/consignments/{name}/documents", PDF,
        headers={"Content-Type": "application/pdf", "Idempotency-Key": f"d-{name}"},
    )  # fmt: skip
    again = service.call(
        "operator", "POST", f"/consignments/{name}/documents", PDF,
        headers={"Content-Type": "application/pdf", "Idempotency-Key": f"d-{name}"},
    )  # fmt: skip
    assert other.content == again.content and other.json()["id"] == one["id"]
    moved = service.call(
        "operator", "POST", f"/consignments/{name}/documents", b"%PDF-other",
        headers={"Content-Type": "application/pdf", "Idempotency-Key": f"d-{name}"},
    )  # fmt: skip
    assert moved.status_code == 422


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/html", b"<script>alert(1)</script>"), ("image/svg+xml", b"<svg/>"), ("application/zip", b"PK\x03\x04"),
        ("image/png", b"GIF89a"), ("application/pdf", b"<html>"), ("text/plain", b"\xff\xfe"), ("", PDF),
        ("application/pdf", b""), ("image/jpeg; x=y", b"\x89PNG\r\n\x1a\n"),
    ],
)  # fmt: skip
def test_what_is_not_taken(service: World, name: str, media_type: str, body: bytes) -> None:
    """A media type that a browser might run, and content of another type than it says, are 415."""
    answer = service.call(
        "operator", "POST", f"/consignments/{name}/documents", body, headers={"Content-Type": media_type}
    )
    assert answer.status_code == 415 and answer.json()["title"] == "Unsupported Media Type"
    assert service.call("operator", "GET", f"/consignments/{name}/documents").json()["documents"] == []


def test_commands_name_documents_by_id(service: World, name: str) -> None:
    """An answer with a document of the consignment is taken; one of another consignment, or none, is not there."""
    path = f"/consignments/{name}/commands"
    elsewhere = service.consignment()
    service.file(elsewhere)
    others = attach(service, str(elsewhere["consignment_id"]))
    for unknown in (NOWHERE, others["id"]):
        answer = {"command": "answer", "referral": 1, "documents": [unknown]}
        assert service.call("operator", "POST", path, answer).status_code == 404
    answer = {"command": "answer", "referral": 1, "documents": [attach(service, name)["id"]]}
    moved = service.call("operator", "POST", path, answer)
    assert moved.status_code == 200, moved.text


def test_a_consignment_has_so_many_documents(
    service: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the most documents of a consignment, another one is 409."""
    from greenlane.desk import documents

    monkeypatch.setattr(documents, "MOST", 1)
    attach(service, name)
    headers = {"Content-Type": "text/plain"}
    answer = service.call("operator", "POST", f"/consignments/{name}/documents", b"another", headers=headers)
    assert answer.status_code == 409
