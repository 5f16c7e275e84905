"""The OpenAPI document says what the API does: checked by hand, and by Schemathesis against a real server."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from calling import ENDPOINTS, Endpoint, Things, named, things_of
from greenlane.engine.context import Context
from greenlane.service.app import create_app, document
from greenlane.service.document import refs_of
from greenlane.service.serve import _listen
from serving import PREFIX, World, world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
BODILESS = ("/enable", "/test", "/revocation", "/anchor")
"""Commands that say everything by their address."""
METHODS = {"get", "put", "post", "delete"}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = json.loads(document())
    return found


def operations(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each operation with its method and path."""
    for path, item in told["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path.removeprefix(PREFIX)}", item[method]


def plain(endpoint: Endpoint) -> str:
    """Return method and path as the document writes them."""
    parts = [
        part.partition(":")[0] + "}" if part.startswith("{") else part for part in endpoint.path.split("/")
    ]
    return f"{endpoint.method} {'/'.join(parts)}"


def test_it_has_every_endpoint_and_nothing_else(told: dict[str, Any]) -> None:
    """Each endpoint is an operation of OpenAPI 3.1 with its own name, a tag, words; and it is served as it is here."""
    found = dict(operations(told))
    assert set(found) == {plain(endpoint) for endpoint in ENDPOINTS}
    assert told["openapi"].startswith("3.1")
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in told["tags"]}
    for operation in found.values():
        assert operation["summary"].endswith((".", "?", "…")) and set(operation["tags"]) <= tags


def test_it_is_whole(told: dict[str, Any]) -> None:
    """Each reference leads to a schema that is there, and each schema is one of JSON Schema 2020-12."""
    jsonschema = pytest.importorskip("jsonschema_rs")
    schemas = told["components"]["schemas"]
    assert set(refs_of(told)) <= set(schemas)
    assert set(schemas) == set(refs_of(told))
    for schema in schemas.values():
        jsonschema.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_who_may_call_stands_in_it(told: dict[str, Any]) -> None:
    """What needs a key says so and documents 401 and 403; what doesn't says that it needs none."""
    found = dict(operations(told))
    for endpoint in ENDPOINTS:
        operation = found[plain(endpoint)]
        if endpoint.right is None:
            assert operation["security"] == []
        else:
            assert "security" not in operation and told["security"] == [{"bearer": []}]
            assert {"401", "403"} <= set(operation["responses"])


def test_answers_and_bodies_are_typed(told: dict[str, Any]) -> None:
    """Each JSON answer and body has a schema that says what is in it; each error is a problem."""
    problem = {"$ref": "#/components/schemas/ProblemShape"}
    for name, operation in operations(told):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                shown = told["components"]["responses"][response["$ref"].rpartition("/")[2]]
                assert shown["content"] == {"application/problem+json": {"schema": problem}}
                assert ("Retry-After" in shown.get("headers", {})) == (status in ("429", "503"))
                continue
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json" and name != "GET /openapi.json":
                    assert content["schema"].keys() & {"$ref", "items", "anyOf"}, (name, content)
        if name.startswith(("POST", "PUT")) and not name.endswith(BODILESS):
            assert operation["requestBody"]["required"] and operation["requestBody"]["content"], name


def test_an_extract_fits_its_schema(told: dict[str, Any], service: World) -> None:
    """What a person is told is as the document says, with records, consignments, readings in it."""
    from greenlane.service.persons import Extract

    person = {"id": "P-EXTRACT", "name": "E. Example", "country": "DE", "person": True}
    one = service.consignment(consignee=person)
    service.file(one)
    reading = {
        "consignment_id": one["consignment_id"],
        "party": "post-cn",
        "purpose": "clearance",
        "case": "C-1",
    }
    assert service.call("officer", "POST", "/persons/reveal", reading).status_code == 200
    asked = {"person": {"id": "P-EXTRACT", "country": "DE", "name": "E. Example"}, "case": "S-1"}
    answer = service.call("supervisor", "POST", "/persons/extract", asked)
    assert answer.status_code == 200, answer.text
    extract = msgspec.json.decode(answer.content, type=Extract)
    assert extract.records and extract.consignments and extract.readings
    assert msgspec.to_builtins(extract).keys() == answer.json().keys()
    assert [msgspec.to_builtins(record) for record in extract.records] == answer.json()["records"]


def test_filings_take_what_they_say(told: dict[str, Any], service: World) -> None:
    """The formats of a filing, others' too, are described, and each example of the document is taken as it stands."""
    found = dict(operations(told))
    assert set(found["POST /filings"]["requestBody"]["content"]) > {
        "application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.parquet",
    }  # fmt: skip
    tried = 0
    for name in ("POST /filings", "POST /consignments", "POST /quotes"):
        for media_type, content in found[name]["requestBody"]["content"].items():
            for example in content.get("examples", {}).values():
                value = example["value"]
                body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
                answer = service.call(
                    "operator", "POST", name[5:], body, headers={"Content-Type": media_type}
                )
                assert answer.status_code in (200, 201), answer.text
                assert answer.json().get("rejected", 0) == 0 if name == "POST /filings" else True
                tried += 1
    assert tried >= 4


def test_a_consignment_that_fits_the_schema_is_read(told: dict[str, Any], service: World) -> None:
    """The schema of a consignment takes what intake takes, and refuses what it refuses."""
    jsonschema = pytest.importorskip("jsonschema_rs")
    schema = jsonschema.validator_for(told["components"]["schemas"]["Consignment"])
    for changes, fits in (
        ({}, True), ({"freight": None}, True), ({"channel": "pigeon"}, False), ({"value": 40}, False),
        ({"currency": None}, False), ({"value": "-1"}, False), ({"declaration_date": 7}, False),
        ({"seller_registered": "yes"}, False), ({"registrations": [{"country": "DE", "scheme": "IOSS"}]}, True),
        ({"elections": {"method": "x"}}, True), ({"items": []}, False), ({"consignment_id": "-a"}, False),
    ):  # fmt: skip
        one = service.consignment(**changes)
        assert schema.is_valid(one) == fits, changes
        assert (service.file(one)[0]["result"] == "accepted") == fits, changes


@contextmanager
def listening(service: World) -> Iterator[str]:
    """Serve the API of a world on a port of loopback, and give its address."""
    socket = _listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(create_app(service.desk, service.settings), log_config=None, server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def served(postgres: str, law: Context) -> Iterator[tuple[World, str, Things]]:
    """A service with something in it, on a real server."""
    free = {"rate_per_minute": 1_000_000, "anonymous_per_minute": 1_000_000}
    with world(postgres, law, allow_private_webhooks=True, **free) as service:
        things = things_of(service)
        with listening(service) as url:
            yield service, url, things


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.path != "/sandbox/outage"], ids=named)
def test_any_request(served: tuple[World, str, Things], told: dict[str, Any], endpoint: Endpoint) -> None:
    """Whatever is sent, sound or not, by operator, officer or administrator: no 5xx, and the answer fits the document."""
    service, url, things = served
    operation = _try(service, url, told, endpoint)
    if "{" in endpoint.path and not endpoint.example.spent:
        headers = {"Authorization": f"Bearer {service.keys['operator']}"}
        case = operation.Case(path_parameters=_parameters(endpoint.path, things.path(endpoint)))
        case.validate_response(case.call(base_url=url, headers=headers), checks=CHECKS)


def _try(service: World, url: str, told: dict[str, Any], endpoint: Endpoint) -> Any:
    schema = schemathesis.openapi.from_dict(told)
    method, _, path = plain(endpoint).partition(" ")
    operation = schema[PREFIX + path][method]

    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def tried(case: schemathesis.Case) -> None:
        for who in ("operator", "officer", "administrator"):
            headers = {"Authorization": f"Bearer {service.keys[who]}"}
            case.validate_response(case.call(base_url=url, headers=headers), checks=CHECKS)

    tried()
    return operation


def test_any_outage(postgres: str, law: Context, told: dict[str, Any]) -> None:
    """The switch of the outage on a service of its own, for it answers 503 to the rest: it fits the document too."""
    outage = next(endpoint for endpoint in ENDPOINTS if endpoint.path == "/sandbox/outage")
    with world(postgres, law, rate_per_minute=1_000_000) as service, listening(service) as url:
        _try(service, url, told, outage)


def _parameters(path: str, known: str) -> dict[str, str]:
    pairs = zip(path.split("/"), known.split("/"), strict=True)
    return {part[1:].partition(":")[0]: value for part, value in pairs if part.startswith("{")}
