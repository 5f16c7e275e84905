"""The OpenAPI document: made from the handlers, then told what the framework can't know."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from litestar import Litestar, Response, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from greenlane.messages.families import formats
from greenlane.model import template_csv
from greenlane.service.access import ANONYMOUS, TABLES, TAKES
from greenlane.service.access import MEDIA as MEDIA_OF
from greenlane.service.contract import consignment_example, consignment_schema
from greenlane.service.problems import MEDIA, ProblemShape

PREFIX = "/api/v1"
VERSION = "1"
"""Version of the API, not of the software that serves it."""

_SCHEMAS = "#/components/schemas/"

GIVEN = ("desk", "caller", "settings", "batcher", "gatherer", "sender", "openapi")
"""What the service gives its handlers by name."""

_BODY, _JSON, _OCTETS = "body", "application/json", "application/octet-stream"
_ONE = {"$ref": "#/components/schemas/Consignment"}
_MANY = {"type": "array", "items": _ONE, "minItems": 1}
_BYTES: dict[str, Any] = {}
_ONE_EXAMPLE = {"one": {"value": consignment_example()}}

BODIES: dict[str, dict[str, Any]] = {
    "filing": {
        "description": "Consignments of the contract, or a foreign message by its media type. A general type "
        "(application/xml, text/plain, application/octet-stream) leaves it to the "
        "content; one that the content contradicts is refused.",
        "content": {
            "application/json": {
                "schema": {"oneOf": [_MANY, _ONE]},
                "examples": {"several": {"value": [consignment_example()]}},
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "One consignment a line."}},
            "text/csv": {
                "schema": {"type": "string", "description": "One row an item; dotted column names."},
                "examples": {"template": {"value": template_csv()}},
            },
            "application/vnd.apache.parquet": {"schema": _BYTES},
            **{
                media: {"schema": {"type": "string", "description": form.title}}
                for form in formats().values()
                for media in form.media_types[:1]
            },
        },
    },
    "consignment": {
        "description": "One consignment.",
        "content": {"application/json": {"schema": _ONE, "examples": _ONE_EXAMPLE}},
    },
    "quote": {
        "description": "One consignment, or several, to be quoted.",
        "content": {"application/json": {"schema": {"oneOf": [_MANY, _ONE]}, "examples": _ONE_EXAMPLE}},
    },
    "document": {
        "description": "The document itself.",
        "content": {
            name: {"schema": _BYTES}
            for name in ("application/pdf", "image/jpeg", "image/png", "image/tiff", "text/plain")
        },
    },
}
"""What handlers take that read their body themselves."""

_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to say who you are."}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until the next try."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until the next try."}},
}
_WHY = {
    400: "The request can't be read, or a parameter doesn't fit.",
    401: "No key or token, or one that isn't in force.",
    403: "The caller's role or scopes don't allow this.",
    404: "There is no such thing, or it isn't the caller's to see.",
    406: "There is no answer of the media types in Accept.",
    409: "The procedure doesn't allow this now, or the same Idempotency-Key is being worked on.",
    413: "The body is larger than this takes.",
    415: "The media type isn't taken here.",
    422: "The content is refused, or the Idempotency-Key was used with another request.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "The database doesn't answer, the answer took too long, or the sandbox is out; try again.",
}


def make_document(handlers: Sequence[Any], tags: Iterable[Tag]) -> dict[str, Any]:
    """Return the document of some handlers, in OpenAPI 3.1."""
    config = OpenAPIConfig(
        title="greenlane",
        version=VERSION,
        description="Clears cross-border e-commerce. Amounts are decimal strings in currency units; moments are UTC.",
        license=License("Apache-2.0", identifier="Apache-2.0"),
        tags=list(tags),
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, method, path: handler.handler_name,
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"bearer": []}],
    )
    app = Litestar(
        [Router(PREFIX, route_handlers=list(handlers))],
        openapi_config=config,
        logging_config=None,
        dependencies={name: Provide(_nothing(), sync_to_thread=False) for name in GIVEN},
    )
    told: dict[str, Any] = msgspec.to_builtins(app.openapi_schema.to_schema(), enc_hook=str)
    shapes = _Shapes(handlers)
    made = told["components"]["schemas"]
    own = {**shapes.components, "Consignment": consignment_schema()}
    told["components"]["schemas"] = own
    told["components"]["responses"] = {f"Problem{status}": _problem(status) for status in _WHY}
    for handler in handlers:
        for path in handler.paths:
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                operation = told["paths"][PREFIX + _plain(path)][method.lower()]
                shapes.put(operation, handler)
                _conform(operation, handler, path)
    for name in sorted((set(refs_of(told["paths"])) - own.keys()) & made.keys()):
        own[name] = made[name]
    return told


def refs_of(told: Any) -> Iterator[str]:
    """Give the names of the schemas that a part of a document refers to.

    Example:
        >>> list(refs_of({"schema": {"$ref": "#/components/schemas/Hold"}}))
        ['Hold']
    """
    if isinstance(told, dict):
        reference = told.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            yield reference.removeprefix(_SCHEMAS)
        for part in told.values():
            yield from refs_of(part)
    elif isinstance(told, list):
        for part in told:
            yield from refs_of(part)


class _Shapes:
    """The schemas of what handlers take and give, as msgspec itself reads and writes them."""

    def __init__(self, handlers: Sequence[HTTPRouteHandler]) -> None:
        self._places: dict[tuple[int, str], int] = {}
        types: list[Any] = [ProblemShape]
        for handler in handlers:
            for where, kind in _types(handler):
                self._places[id(handler), where] = len(types)
                types.append(kind)
        self._schemas, self.components = msgspec.json.schema_components(
            types, ref_template=_SCHEMAS + "{name}"
        )

    def put(self, operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
        """Put the schemas of a handler in the place of the framework's."""
        for where, _ in _types(handler):
            schema = self._schemas[self._places[id(handler), where]]
            if where == _BODY:
                operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
            else:
                operation["responses"][where]["content"][_JSON]["schema"] = schema


def _types(handler: HTTPRouteHandler) -> Iterator[tuple[str, Any]]:
    """Give the types of body and answers of a handler, where they are JSON."""
    hints = get_type_hints(handler.fn)
    if "data" in hints:
        yield _BODY, hints["data"]
    told = {handler.status_code: hints["return"]}
    if get_origin(hints["return"]) is Response:
        told = {handler.status_code: get_args(hints["return"])[0]}
    told |= {status: spec.data_container for status, spec in (handler.responses or {}).items()}
    for status, kind in told.items():
        if kind not in (bytes, str, type(None)):
            yield str(status), kind


def _nothing() -> Callable[[], None]:
    """Return what stands for a thing that the running service gives its handlers."""

    def give() -> None:
        return None

    return give


def _conform(operation: dict[str, Any], handler: HTTPRouteHandler, path: str) -> None:
    summary, _, rest = (operation.get("description") or "").partition("\n")
    operation["summary"] = summary.strip()
    operation["description"] = rest.strip() or summary.strip()
    if handler.opt.get(ANONYMOUS):
        operation["security"] = []
    takes = handler.opt.get(TAKES)
    if takes is not None:
        operation["requestBody"] = {"required": True, **BODIES[takes]}
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    for parameter in operation.get("parameters", ()):
        _not_null(parameter["schema"])
    responses = {
        status: told
        for status, told in operation["responses"].items()
        if int(status) < HTTPStatus.BAD_REQUEST
    }
    for told in responses.values():
        if _OCTETS in told.get("content", {}):
            told["content"][_OCTETS] = {"schema": _BYTES}
        told.setdefault("headers", {})["X-Request-Id"] = {
            "schema": {"type": "string"},
            "description": "Names this request in the service's log.",
        }
    if handler.opt.get(TABLES):
        responses[str(handler.status_code)]["content"]["text/csv"] = {"schema": {"type": "string"}}
    if media := handler.opt.get(MEDIA_OF):
        responses[str(handler.status_code)]["content"] |= {name: {"schema": _BYTES} for name in media}
    body = "requestBody" in operation
    for status in _WHY:
        if status in (403,) and handler.opt.get(ANONYMOUS):
            continue
        if status in (413, 415, 422) and not body:
            continue
        if status == HTTPStatus.NOT_ACCEPTABLE and not handler.opt.get(MEDIA_OF):
            continue
        if status == HTTPStatus.NOT_FOUND and "{" not in path and not body:
            continue
        if status == HTTPStatus.CONFLICT and "Idempotency-Key" not in names:
            continue
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))


def _problem(status: int) -> dict[str, Any]:
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    schema = {"$ref": "#/components/schemas/ProblemShape"}
    return {"description": _WHY[status], **headers, "content": {MEDIA: {"schema": schema}}}


def _not_null(schema: dict[str, Any]) -> None:
    """A parameter is given or left out; it can't be null."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["oneOf"]
        schema |= kinds[0]


def _plain(path: str) -> str:
    """Return a path without the types of its parameters.

    Example:
        >>> _plain("/filings/{filing:uuid}/results")
        '/filings/{filing}/results'
    """
    return "/".join(
        part.partition(":")[0] + "}" if part.startswith("{") else part for part in path.split("/")
    )


__all__ = ["BODIES", "GIVEN", "PREFIX", "make_document", "refs_of"]
