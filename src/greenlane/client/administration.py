"""What an administrator sets; the sandbox; whether the service is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenlane.clearance import Role
from greenlane.client.calling import Caller
from greenlane.desk.caller import Right
from greenlane.service.shapes import (
    Agency,
    ClockMove,
    ClockTold,
    Health,
    KeyMade,
    KeyWanted,
    Outage,
    Party,
    Status,
    WindowWanted,
)


@dataclass(frozen=True, slots=True)
class Administration:
    """Parties, agencies, keys, planned windows."""

    caller: Caller

    def add_party(self, party: str, name: str) -> Party:
        """Register an organisation, or give it another name."""
        return self.caller.call("POST", "/parties", Party, body=Party(party, name))

    def parties(self) -> list[Party]:
        """List the organisations."""
        return self.caller.call("GET", "/parties", list[Party])

    def put_agency(self, agency: str, name: str, prefixes: Sequence[str]) -> Agency:
        """Register an agency and the commodity codes that it wants to see, or change them."""
        return self.caller.call("PUT", "/agencies", Agency, body=Agency(agency, name, list(prefixes)))

    def add_key(
        self,
        party: str,
        roles: Sequence[Role],
        expires_at: datetime,
        *,
        scopes: Sequence[Right] = (),
        agency: str | None = None,
    ) -> KeyMade:
        """Make an API key; its text is told this once. Not made again where the answer is lost."""
        wanted = KeyWanted(party, list(roles), expires_at, list(scopes), agency)
        return self.caller.call("POST", "/keys", KeyMade, body=wanted)

    def end_key(self, key: str) -> None:
        """End an API key at once."""
        return self.caller.call("DELETE", "/keys/{key}", type(None), values={"key": key})

    def plan_window(self, starts_at: datetime, ends_at: datetime, words: str) -> WindowWanted:
        """Announce a window in which the service may not answer."""
        wanted = WindowWanted(starts_at, ends_at, words)
        return self.caller.call("POST", "/windows", WindowWanted, body=wanted)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a sandbox lets one try."""

    caller: Caller

    def move_clock(self, offset_s: int) -> ClockTold:
        """Set how far the clock is from the machine's, in seconds."""
        return self.caller.call("PUT", "/sandbox/clock", ClockTold, body=ClockMove(offset_s))

    def switch_outage(self, seconds: int) -> Outage:
        """Let the service answer 503 for some seconds; 0 ends it."""
        return self.caller.call("PUT", "/sandbox/outage", Outage, body=Outage(seconds))


@dataclass(frozen=True, slots=True)
class Wellness:
    """Whether the service is well; needs no key, but for the metrics."""

    caller: Caller

    def health(self) -> Health:
        """Say that the service can work now.

        Raises:
            ServiceProblem: It can't, for as long as the client is patient.
        """
        return self.caller.call("GET", "/health", Health)

    def status(self) -> Status:
        """Say how the service is, what waits, and which windows are planned."""
        return self.caller.call("GET", "/status", Status)

    def metrics(self) -> str:
        """Read the metrics in Prometheus's text format."""
        return self.caller.call("GET", "/metrics", bytes).decode()

    def openapi(self) -> dict[str, Any]:
        """Read the OpenAPI document of the API."""
        return self.caller.call("GET", "/openapi.json", dict[str, Any])


__all__ = ["Administration", "Sandbox", "Wellness"]
