"""Answers in the language that was asked for: what findings say, and titles and fixed words of problems."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request

from greenlane.desk.results import ItemFinding, ItemResult
from greenlane.desk.shown import Shown
from greenlane.reference.catalogues import best_language, fix_in, title_in, words_in
from greenlane.reference.wording import message_in

TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""The title of a problem by its status."""
DETAILS: Final = (
    "intake refuses this consignment; see errors",
    "something went wrong here; the fault is logged",
    "the procedure refuses this",
    "the database doesn't answer now; try again",
    "the request doesn't fit; see errors",
    "the request has no body; send consignments",
    "the request is larger than this service takes",
    "there is no such consignment, or it isn't yours to see",
    "there is no such filing, or it isn't yours to see",
    "there is nothing here",
    "this key or token isn't in force",
    "this media type isn't taken here",
    "this method isn't allowed here",
    "this needs an API key or a bearer token",
)
"""Details of problems that are always the same and are said in each language; the others are English."""


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return the language of an answer: the best for its Accept-Language, English where none is."""
    return best_language(request.headers.get("accept-language", ""))


def headers_of(language: str) -> dict[str, str]:
    """Return what an answer says of its language, and that it depends on what was asked for."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def results_in(results: Sequence[ItemResult], language: str) -> list[ItemResult]:
    """Return results with title, message and fix of each finding in a language."""
    if language == "en":
        return list(results)
    return [
        msgspec.structs.replace(one, findings=tuple(_finding(found, language) for found in one.findings))
        if one.findings
        else one
        for one in results
    ]


def _finding(found: ItemFinding, language: str) -> ItemFinding:
    return msgspec.structs.replace(
        found,
        title=title_in(found.code, language),
        message=message_in(found.message, language),
        fix=fix_in(found.code, language),
    )


def shown_in(shown: Shown, language: str) -> Shown:
    """Return a consignment with the messages of its outcome's findings in a language."""
    if language == "en":
        return shown
    findings = [
        msgspec.structs.replace(one, message=message_in(one.message, language))
        for one in shown.outcome.findings
    ]
    return msgspec.structs.replace(shown, outcome=msgspec.structs.replace(shown.outcome, findings=findings))


def result_in(body: bytes, language: str) -> bytes:
    """Return the result of one consignment, as it was made, in a language."""
    if language == "en":
        return body
    (told,) = results_in([msgspec.json.decode(body, type=ItemResult)], language)
    return msgspec.json.encode(told)


def receipt_in(body: bytes, language: str) -> bytes:
    """Return a receipt, as it was made, with its results in a language."""
    if language == "en":
        return body
    told: Mapping[str, msgspec.Raw] = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    if "results" not in told:
        return body
    results = msgspec.json.decode(told["results"], type=list[ItemResult])
    return msgspec.json.encode({**told, "results": results_in(results, language)})


def title_of(status: int, language: str) -> str:
    """Return the title of a problem.

    Example:
        >>> title_of(404, "fr")
        'Introuvable'
    """
    return words_in(language)(TITLES.get(status, "Internal Server Error"))


__all__ = [
    "DETAILS",
    "TITLES",
    "headers_of",
    "language_of",
    "receipt_in",
    "result_in",
    "results_in",
    "shown_in",
    "title_of",
]
