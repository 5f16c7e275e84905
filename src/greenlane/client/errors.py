"""What a call to a service may end in.

``GreenlaneError``: ``ClientError``: ``ServiceProblem`` (the service answers that it can't or won't),
``Unreachable`` (no answer), ``Unexpected`` (an answer that this program doesn't understand),
``StillWaiting`` (a filing that isn't decided in the time given).
"""

from uuid import UUID

from greenlane.service.shapes import ErrorItem, ProblemShape
from greenlane.values.errors import GreenlaneError


class ClientError(GreenlaneError):
    """A call to a service didn't end well."""


class Unreachable(ClientError):
    """The service gave no answer, however often it was asked; whether it acted on the request isn't known."""


class Unexpected(ClientError):
    """The answer isn't one of this program's version of the API."""


class StillWaiting(ClientError):
    """A filing was received and isn't decided yet; it is safe with the service and can be asked about later."""

    def __init__(self, filing: UUID) -> None:
        """Name the filing."""
        super().__init__(f"the filing {filing} is received and not yet decided; ask for it later")
        self.filing = filing


class ServiceProblem(ClientError):
    """The service answered with a problem (RFC 9457).

    ``code`` is permanent, as ``forbidden`` or ``in-flight``; ``errors`` has every single fault with its fix;
    ``retry_after_s`` says when to come back, where the service says so; ``result`` what became of a single filing.
    """

    def __init__(self, shape: ProblemShape, retry_after_s: int | None = None) -> None:
        """Keep what was answered."""
        super().__init__(shape.detail)
        self.status = shape.status
        self.code = shape.type.rpartition(":")[2]
        self.detail = shape.detail
        self.errors: tuple[ErrorItem, ...] = tuple(shape.errors)
        self.retry_after_s = retry_after_s
        self.result = shape.result or None


__all__ = ["ClientError", "ServiceProblem", "StillWaiting", "Unexpected", "Unreachable"]
