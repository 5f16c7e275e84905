"""Kill the service and its database under load, again and again, and check that nothing is lost or done twice.

python tests/soak.py --seconds 600 --seed 7
"""

import argparse
import json
import signal
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import psutil
import psycopg

from running import Running, home_folder
from soak_checks import check
from soak_load import LARGE_PARTY, OTHER_KEYS, Load
from soak_receiver import Receiver

SETTINGS = {
    "GREENLANE_RATE_PER_MINUTE": "10000000",
    "GREENLANE_ANONYMOUS_PER_MINUTE": "10000000",
    "GREENLANE_INLINE_BYTES": "131072",
    "GREENLANE_ALLOW_PRIVATE_WEBHOOKS": "true",
}
"""Filings from 128 KiB on are answered with a receipt, so that parts are interrupted as well."""
DECIDED_S = 240


@dataclass(slots=True)
class Report:
    """What a soak was: what was killed, what was filed, how long nothing was answered, and what is wrong."""

    seconds: int
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    consignments: int = 0
    events: int = 0
    transfers: int = 0
    audit_entries: int = 0
    filings_received: int = 0
    notices_followed: int = 0
    notices_delivered: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    unavailable_s: float = 0.0
    longest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """Return the report as text."""
        kills = ", ".join(f"{count} x {name}" for name, count in sorted(self.kills.items()))
        return "\n".join(
            [
                f"{self.kills.total()} kills survived in {self.seconds} s (seed {self.seed}): {kills}",
                f"{self.consignments:,} consignments, {self.events:,} events, {self.transfers:,} transfers, "
                f"{self.audit_entries:,} audit entries, {self.filings_received:,} filings by receipt, "
                f"{self.notices_followed:,} notices followed, {self.notices_delivered:,} delivered",
                f"answers: {_counts(self.answers)}; repeated after: {_counts(self.retries)}",
                f"not available for {self.unavailable_s:.1f} s in all, {self.longest_s:.1f} s at most at once",
                *(["nothing lost, nothing twice"] if not self.wrong else self.wrong[:50]),
            ]
        )


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{count:,} x {name}" for name, count in sorted(counted.items())) or "nothing"


@dataclass(slots=True)
class Outages:
    """Asks every tenth of a second whether the service is well, and adds up how long it isn't."""

    service: Running
    total_s: float = 0.0
    longest_s: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Watch until `ended` is set."""
        since: float | None = None
        while not self.ended.wait(0.1):
            began = time.monotonic()
            if self.service.well():
                if since is not None:
                    self.total_s += began - since
                    self.longest_s = max(self.longest_s, began - since)
                since = None
            elif since is None:
                since = began


def soak(seconds: int, seed: int) -> Report:
    """Run the service under load for some seconds while it is killed, then check everything."""
    random, report = Random(seed), Report(seconds, seed)
    with home_folder() as home:
        service = Running(home, environment=dict(SETTINGS))
        service.start()
        load, receiver = Load(service, service.keys()), Receiver(seed)
        webhook = _register(service, load, receiver)
        outages = Outages(service)
        watcher = threading.Thread(target=outages.watch, daemon=True)
        watcher.start()
        load.begin(seed)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(random.uniform(0.3, 8.0))
            report.kills[_strike(service, random, report)] += 1
            service.wait()
        load.end()
        _all_decided(service, load, report)
        load.end_following()
        _all_delivered(service, load, webhook, report)
        outages.ended.set()
        watcher.join()
        found = check(service.database, load.journal, receiver)
        if (code := service.stop()) != 0:
            report.wrong.append(f"the service ended with {code} when it was asked to stop")
        if service.postmaster() is not None:
            report.wrong.append("PostgreSQL still runs after the service has ended")
    journal = load.journal
    report.consignments, report.events, report.transfers = found.consignments, found.events, found.transfers
    report.audit_entries, report.filings_received = found.audited, len(journal.receipts)
    report.notices_followed = sum(map(len, journal.seen.values()))
    report.notices_delivered = found.delivered
    report.answers, report.retries = dict(journal.answers), dict(journal.retries)
    report.unavailable_s, report.longest_s = outages.total_s, outages.longest_s
    report.wrong += [*journal.faults, *found.wrong]
    return report


def _register(service: Running, load: Load, receiver: Receiver) -> str:
    """Let the notices of the party that files no large filings go to a webhook, and return its path."""
    answer = service.call(_webhook_key(load), "POST", "/webhooks", {"url": receiver.start()})
    assert answer.status_code == 201, answer.text
    receiver.keys = answer.json()["keys"]
    return f"/webhooks/{answer.json()['id']}"


def _webhook_key(load: Load) -> str:
    party = next(party for party in OTHER_KEYS if party != LARGE_PARTY)
    return load.keys[OTHER_KEYS[party]]


def _all_delivered(service: Running, load: Load, webhook: str, report: Report) -> None:
    """Wait until every notice came; what is put off for minutes is asked for again, as a receiver that is back does.

    An attempt that a kill broke off counts: a notice that fails once more after it waits for five minutes.
    """
    until = time.monotonic() + DECIDED_S
    while time.monotonic() < until:
        with psycopg.connect(service.database) as connection:
            row = connection.execute(
                "select count(*) from delivery where delivered_at is null and given_up_at is null"
            ).fetchone()
        if row == (0,):
            return
        failures = service.call(_webhook_key(load), "GET", f"{webhook}/failures").json()["failures"]
        for one in failures:
            if one["attempt"] > 1:
                wanted = {"from": one["cursor"], "to": one["cursor"]}
                service.call(_webhook_key(load), "POST", f"{webhook}/replay", wanted)
        time.sleep(0.5)
    report.wrong.append(f"{row} notices wait still for their webhook after {DECIDED_S} s")


def _strike(service: Running, random: Random, report: Report) -> str:
    """Kill something and start again what doesn't start by itself."""
    what = random.choice(("service", "service", "database", "database", "both", "backend", "stopped"))
    postmaster, backends = service.postmaster(), service.backends()
    if what == "service":
        service.kill()
        service.start(wait=False)
    elif what == "database" and postmaster is not None:
        postmaster.kill()
    elif what == "both" and postmaster is not None:
        service.kill()
        for process in [postmaster, *backends]:
            _kill(process)
        service.start(wait=False)
    elif what == "backend" and backends:
        _kill(random.choice(backends))
    else:
        what = "stopped"
        if (code := service.stop()) != 0:
            report.wrong.append(f"the service ended with {code} when it was asked to stop")
        service.start(wait=False)
    return what


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.Error:
        return


def _all_decided(service: Running, load: Load, report: Report) -> None:
    until = time.monotonic() + DECIDED_S
    while time.monotonic() < until:
        status: dict[str, Any] = service.call(load.keys["operator"], "GET", "/status").json()
        if status["filings_waiting"] == 0:
            return
        time.sleep(0.5)
    report.wrong.append(f"received filings wait still after {DECIDED_S} s")


def main() -> int:
    """Run a soak from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    report = soak(asked.seconds, asked.seed)
    print(json.dumps(asdict(report)) if asked.json else report.in_words())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
