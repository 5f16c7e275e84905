"""Problems: the one shape of every error of the API (RFC 9457)."""

import errno
import re
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET

from greenlane.clearance import Refused
from greenlane.clearance.refusals import ROLE
from greenlane.desk.answers import NoSuchAnswer
from greenlane.desk.caller import Forbidden
from greenlane.desk.documents import NotThisMedia, TooManyDocuments
from greenlane.desk.erasing import NotErased
from greenlane.desk.filing_parts import TooMany
from greenlane.desk.requests import OtherBody
from greenlane.desk.results import ItemResult
from greenlane.desk.seeing import NotFound
from greenlane.desk.webhooks import Registered
from greenlane.ledger import PostingRefused
from greenlane.messages.media import OtherMedia
from greenlane.privacy.errors import CASE_MISSING, ERASED, REFUSED, PrivacyError
from greenlane.reference.catalogues import fix_in, title_in, words_in
from greenlane.reference.wording import message_in
from greenlane.service.languages import headers_of, language_of, title_of
from greenlane.service.shapes import ErrorItem, ProblemShape
from greenlane.store.database import InFlight, StoreBusy, StoreError
from greenlane.values.errors import GreenlaneError
from greenlane.values.finding import Finding, kind_of

MEDIA = "application/problem+json"
_SHORT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class Problem(GreenlaneError):
    """An answer that is an error."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[ErrorItem] | None = None,
        retry_s: int | None = None,
        result: ItemResult | None = None,
    ) -> None:
        """Say what happened; ``retry_s`` is when to come back, ``result`` what became of a single filing."""
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = errors or []
        self.retry_s = retry_s
        self.result = result


def answer(problem: Problem, language: str = "en") -> Response[Any]:
    """Return the answer of a problem, its title, fixes and fixed words in a language."""
    shape = ProblemShape(
        type=f"urn:greenlane:problem:{problem.code}",
        title=title_of(problem.status, language),
        status=problem.status,
        detail=words_in(language)(problem.detail) if problem.detail else "",
        errors=[_in(one, language) for one in problem.errors],
    )
    if problem.result is not None:
        shape = msgspec.structs.replace(
            shape, result=problem.result.result, consignment_id=problem.result.consignment_id or UNSET
        )
    headers = headers_of(language)
    if problem.retry_s is not None:
        headers["Retry-After"] = str(problem.retry_s)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="greenlane"'
    return Response(msgspec.json.encode(shape), status_code=problem.status, media_type=MEDIA, headers=headers)


def _in(one: ErrorItem, language: str) -> ErrorItem:
    """Return an error with title and fix in a language, as far as its code is declared."""
    try:
        title = title_in(one.code, language)
    except KeyError:
        return one
    fix = fix_in(one.code, language) if one.fix else ""
    return msgspec.structs.replace(one, title=title, message=message_in(one.message, language), fix=fix)


def of_problem(request: Request[Any, Any, Any], error: Problem) -> Response[Any]:
    """Answer a problem."""
    return answer(error, language_of(request))


def of_domain(request: Request[Any, Any, Any], error: GreenlaneError) -> Response[Any]:
    """Answer what a use case raised."""
    return answer(_problem_of(error), language_of(request))


def _problem_of(error: GreenlaneError) -> Problem:
    match error:
        case Problem():
            return error
        case Forbidden():
            return Problem(403, "forbidden", str(error))
        case Refused():
            finding = ErrorItem(
                code=error.code, path=error.finding.path or "/", message=error.message, fix=error.fix
            )
            return Problem(403 if error.code == ROLE else 409, "refused", error.message, [finding])
        case PostingRefused(finding=found):
            return Problem(409, "refused", found.message, [_item(found)])
        case PrivacyError():
            return _of_privacy(error)
        case NotErased():
            return Problem(409, "kept", str(error), [_item(finding) for finding in error.findings])
        case NotFound():
            return Problem(404, "not-found", str(error))
        case Registered():
            return Problem(409, "registered", str(error))
        case OtherBody():
            return Problem(422, "other-body", str(error))
        case NoSuchAnswer():
            return Problem(406, "not-acceptable", str(error))
        case NotThisMedia() | OtherMedia():
            return Problem(415, "unsupported-media-type", str(error))
        case TooManyDocuments():
            return Problem(409, "too-many-documents", str(error))
        case TooMany():
            return Problem(413, "too-many-items", str(error))
        case InFlight():
            return Problem(409, "in-flight", str(error), retry_s=1)
        case StoreBusy() | StoreError():
            return Problem(503, "database", "the database doesn't answer now; try again", retry_s=5)
        case _:
            return Problem(422, "refused", str(error))


def _of_privacy(error: PrivacyError) -> Problem:
    """Return the problem of data that may not be read, or can't be."""
    statuses = {REFUSED: 403, CASE_MISSING: 403, ERASED: 410}
    words = {403: "refused", 410: "erased", 500: "incident"}
    status = statuses.get(error.finding.code, 500)
    return Problem(status, words[status], error.finding.message, [_item(error.finding)])


def _item(finding: Finding) -> ErrorItem:
    fix = kind_of(finding.code).fix
    return ErrorItem(code=finding.code, path=finding.path or "/", message=finding.message, fix=fix)


def of_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer what nobody foresaw: its kind and place are logged, its words are not, for they may hold data."""
    place = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    where = f"{Path(place.filename).name}:{place.lineno}" if place else "?"
    structlog.get_logger("greenlane.fault").error("fault", kind=type(error).__name__, where=where)
    if isinstance(error, OSError) and error.errno in _SHORT:
        problem = Problem(503, "short", "this machine is short of room; try again", retry_s=30)
        return answer(problem, language_of(request))
    return answer(
        Problem(500, "internal", "something went wrong here; the fault is logged"), language_of(request)
    )


def unsaid(words: str) -> str:
    """Return what a decoder says is wrong without the value that it repeats, which may be anybody's name.

    Example:
        >>> unsaid("Invalid enum value 'A. Example' - at `$.purpose`")
        'Invalid enum value - at `$.purpose`'
        >>> unsaid("Object contains unknown field `A. Example`")
        'Object contains unknown field'
    """
    for start in _REPEATS:
        if words.startswith(start):
            place = _PLACE.search(words)
            return start + (place.group() if place else "")
    return words


_REPEATS = ("Invalid enum value", "Invalid value", "Object contains unknown field")
_PLACE = re.compile(r" - at `[$.\w\[\]]*`$", re.ASCII)


def of_depth(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Answer a body that is nested more deeply than anything of the contract."""
    return answer(Problem(400, "bad-request", "the body is nested too deeply"), language_of(request))


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer what the framework raised: unknown paths, wrong methods, bodies that don't fit."""
    errors: list[ErrorItem] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        for one in error.extra:
            if isinstance(one, dict):
                path = "/" + str(one.get("key", "")).replace(".", "/")
                errors.append(
                    ErrorItem(
                        code="request.malformed", path=path, message=unsaid(str(one.get("message", "")))
                    )
                )
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer(
            Problem(status, "internal", "something went wrong here; the fault is logged"),
            language_of(request),
        )
    words = {
        400: "the request doesn't fit; see errors",
        404: "there is nothing here",
        405: "this method isn't allowed here",
        413: "the request is larger than this service takes",
        415: "this media type isn't taken here",
    }
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    problem = answer(
        Problem(status, code, words.get(status, HTTPStatus(status).phrase), errors), language_of(request)
    )
    allow = (error.headers or {}).get("Allow")
    if allow:
        problem.headers["Allow"] = allow
    return problem


__all__ = [
    "ErrorItem",
    "Problem",
    "ProblemShape",
    "answer",
    "of_depth",
    "of_domain",
    "of_fault",
    "of_http",
    "of_problem",
]
