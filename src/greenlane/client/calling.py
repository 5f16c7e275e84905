"""One call: the request, its repeats under one idempotency key, the answer as a type or as an error."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec

from greenlane.client.errors import ServiceProblem, Unexpected, Unreachable
from greenlane.service.shapes import ProblemShape

PREFIX = "/api/v1"
JSON = "application/json"

T = TypeVar("T")

_AGAIN = frozenset({429, 502, 503, 504})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Retry:
    """How long a call is made again that the service couldn't answer.

    Between two tries the wait doubles from ``first_s``, a little at random, or is what the service asks for. A wait
    that would go beyond ``patience_s`` in all isn't begun: the last answer is given instead.
    """

    attempts: int = 8
    patience_s: float = 120.0
    first_s: float = 0.2
    sleep: Callable[[float], None] = time.sleep

    def wait_s(self, tried: int, asked_s: int | None) -> float:
        """Return how long to wait after try number *tried*, from 1."""
        own = min(self.first_s * 2.0**tried / 2, 30.0) * random.uniform(0.75, 1.25)
        return max(own, float(asked_s or 0))


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one service with one key."""

    http: httpx.Client = field(repr=False)
    url: str
    key: str | None = field(default=None, repr=False)
    retry: Retry = field(default_factory=Retry)

    def call(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        values: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
        media: str = JSON,
        once: str | None = None,
        accept: str | None = None,
    ) -> T:
        """Make a call and return its answer.

        Args:
            method: HTTP method.
            path: Path under the API as it is declared, with names in braces.
            kind: Type of the answer; bytes: as it comes.
            values: What stands for the names in the path.
            query: Parameters; None values are left out.
            body: bytes are sent as they are, anything else as JSON.
            media: Media type of a body of bytes.
            once: Idempotency key. With one, and for GET and PUT, a call is made again when its answer is lost.
            accept: Media type that is wanted; by default JSON.
        Raises:
            ServiceProblem: The service answers with a problem.
            Unreachable: There is no answer.
            Unexpected: The answer isn't of the type.
        """
        sent = None if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        request = self.http.build_request(
            method,
            self.url.rstrip("/") + PREFIX + path.format(**_quoted(values or {})),
            params={name: _text(value) for name, value in (query or {}).items() if value is not None},
            content=sent,
            headers=self._headers(media if isinstance(body, bytes) else JSON, sent, once, accept),
        )
        answer = self._answer(request, once is not None or method in ("GET", "PUT"))
        if answer.is_success:
            return _read(answer, kind)
        raise _problem(answer)

    def pages(
        self,
        path: str,
        name: str,
        kind: type[T],
        *,
        limit: int,
        values: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Iterator[T]:
        """Yield what a list holds under *name*, page by page; the next page is asked for when it is needed."""
        cursor: str | None = None
        while True:
            asked = {**(query or {}), "limit": limit, "cursor": cursor}
            page = self.call("GET", path, dict[str, msgspec.Raw], values=values, query=asked)
            try:
                rows = msgspec.json.decode(page[name], type=list[kind])  # type: ignore[valid-type]
                cursor = msgspec.json.decode(page["next"], type=str | None)
            except (KeyError, msgspec.DecodeError) as error:
                raise Unexpected(f"{path}: this isn't a page of this version of the API ({error})") from None
            yield from rows
            if cursor is None:
                return

    def _headers(
        self, media: str, sent: bytes | None, once: str | None, accept: str | None
    ) -> dict[str, str]:
        headers = {"Accept": f"{accept or JSON}, {_PROBLEM}, */*"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if sent is not None:
            headers["Content-Type"] = media
        if once is not None:
            headers["Idempotency-Key"] = once
        return headers

    def _answer(self, request: httpx.Request, repeatable: bool) -> httpx.Response:
        waited = 0.0
        tried = 0
        while True:
            tried += 1
            answer, lost = self._try(request)
            if answer is not None and not _to_be_repeated(answer, repeatable):
                return answer
            if lost is not None and not (repeatable or isinstance(lost, _NOT_SENT)):
                raise _unreachable(lost)
            wait = self.retry.wait_s(tried, None if answer is None else _retry_after(answer))
            if tried >= self.retry.attempts or waited + wait > self.retry.patience_s:
                if answer is None:
                    assert lost is not None
                    raise _unreachable(lost)
                return answer
            self.retry.sleep(wait)
            waited += wait

    def _try(self, request: httpx.Request) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            return self.http.send(request), None
        except httpx.TransportError as error:
            return None, error


def new_key() -> str:
    """Make an idempotency key.

    Example:
        >>> new_key() != new_key()
        True
    """
    return uuid4().hex


def _to_be_repeated(answer: httpx.Response, repeatable: bool) -> bool:
    """Say whether to call again: 429 was refused before anything was done, the others only under one key."""
    if answer.status_code in _AGAIN:
        return repeatable or answer.status_code == 429
    return answer.status_code == 409 and _media(answer) == _PROBLEM and b":in-flight" in answer.content


def _read(answer: httpx.Response, kind: type[T]) -> T:
    if kind is bytes:
        return cast(T, answer.content)
    if kind is type(None):
        return None
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise Unexpected(f"the answer isn't one of this version of the API ({error})") from None


def _problem(answer: httpx.Response) -> ServiceProblem | Unexpected:
    if _media(answer) == _PROBLEM:
        try:
            shape = msgspec.json.decode(answer.content, type=ProblemShape)
        except msgspec.DecodeError:
            pass
        else:
            return ServiceProblem(shape, _retry_after(answer))
    return Unexpected(f"status {answer.status_code} without a problem: is this the address of a service?")


def _unreachable(error: httpx.TransportError) -> Unreachable:
    return Unreachable(f"the service doesn't answer ({type(error).__name__})")


def _media(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0].strip()


def _retry_after(answer: httpx.Response) -> int | None:
    text = answer.headers.get("retry-after", "")
    return int(text) if text.isdecimal() else None


def _quoted(values: Mapping[str, object]) -> dict[str, str]:
    return {name: quote(str(value), safe="") for name, value in values.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


__all__ = ["Caller", "Retry", "new_key"]
