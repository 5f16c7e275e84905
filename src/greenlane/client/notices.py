"""The feed of notices, and webhooks."""

from collections.abc import Iterator
from dataclasses import dataclass

from greenlane.client.calling import Caller
from greenlane.service.notice_shapes import (
    Failures,
    FailureTold,
    Feed,
    Keys,
    NoticeTold,
    ReplayTold,
    ReplayWanted,
    Tested,
    WebhookMade,
    Webhooks,
    WebhookTold,
    WebhookWanted,
)

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Notices:
    """What the caller's party is told."""

    caller: Caller

    def feed(self, cursor: int = 0, limit: int = 100, *, proof: bool = False) -> Feed:
        """Read one page of the feed behind a place; with *proof* each notice is signed."""
        query = {"cursor": cursor, "limit": limit, "proof": proof}
        return self.caller.call("GET", "/notices", Feed, query=query)

    def since(self, cursor: int = 0, *, proof: bool = False) -> Iterator[NoticeTold]:
        """Yield every notice behind a place, in order; ``notice.data.cursor`` is where to go on the next time."""
        more = True
        while more:
            page = self.feed(cursor, _PAGE, proof=proof)
            yield from page.notices
            cursor, more = page.next, page.more

    def keys(self) -> Keys:
        """Read the public keys that sign the caller's notices."""
        return self.caller.call("GET", "/notices/keys", Keys)


@dataclass(frozen=True, slots=True)
class Receivers:
    """Webhooks of the caller's party."""

    caller: Caller

    def add(self, url: str, *, hmac: bool = False, secret: str | None = None) -> WebhookMade:
        """Register a receiver of every notice from now on. Not done again where the answer is lost."""
        return self.caller.call("POST", "/webhooks", WebhookMade, body=WebhookWanted(url, hmac, secret))

    def listed(self) -> list[WebhookTold]:
        """List the webhooks, and how each fares."""
        return self.caller.call("GET", "/webhooks", Webhooks).webhooks

    def one(self, webhook: str) -> WebhookTold:
        """Read how one webhook fares."""
        return self.caller.call("GET", "/webhooks/{webhook}", WebhookTold, values={"webhook": webhook})

    def remove(self, webhook: str) -> None:
        """Delete a webhook; the feed keeps every notice."""
        return self.caller.call("DELETE", "/webhooks/{webhook}", type(None), values={"webhook": webhook})

    def enable(self, webhook: str) -> WebhookTold:
        """Let a disabled webhook get its notices again."""
        values = {"webhook": webhook}
        return self.caller.call("POST", "/webhooks/{webhook}/enable", WebhookTold, values=values)

    def replay(self, webhook: str, first: int, last: int) -> ReplayTold:
        """Send the notices of a range of the feed again, both ends included."""
        values = {"webhook": webhook}
        wanted = ReplayWanted(first, last)
        return self.caller.call("POST", "/webhooks/{webhook}/replay", ReplayTold, values=values, body=wanted)

    def failures(self, webhook: str) -> Iterator[FailureTold]:
        """Yield the notices whose last attempt failed, by place in the feed."""
        cursor: int | None = 0
        while cursor is not None:
            page = self.caller.call(
                "GET",
                "/webhooks/{webhook}/failures",
                Failures,
                values={"webhook": webhook},
                query={"cursor": cursor, "limit": _PAGE},
            )
            yield from page.failures
            cursor = page.next

    def test(self, webhook: str) -> Tested:
        """Send a signed test notice now and say what came of it."""
        return self.caller.call("POST", "/webhooks/{webhook}/test", Tested, values={"webhook": webhook})


__all__ = ["Notices", "Receivers"]
