"""The load of a soak: callers that never give up, and a journal of what they were promised."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from parcels import any_parcel, as_csv
from running import Running, token

OTHER_KEYS = {"post-cn": "operator", "market-x": "other_operator"}
LARGE_PARTY = "post-cn"
"""Who files large filings; the notices of the other one go to a webhook."""
LARGE = 6_000
"""Consignments of a large filing: more than are decided in one transaction."""


@dataclass(slots=True)
class Journal:
    """What was promised: each answered request once, whatever it took to get the answer."""

    results: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    receipts: list[tuple[str, str, set[str]]] = field(default_factory=list)
    moved: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    audited: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    paid: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, words: str) -> None:
        """Note what must not happen."""
        with self.lock:
            self.faults.append(words)

    def known(self, random: Random) -> tuple[str, str] | None:
        """Return party and id of a consignment that was accepted lately."""
        with self.lock:
            lately = self.results[-400:]
        if not lately:
            return None
        party, result = random.choice(lately)
        return party, result["consignment_id"]


@dataclass(slots=True)
class Load:
    """Callers of one service, until they are told to stop; each request is repeated until it is answered."""

    service: Running
    keys: dict[str, str]
    journal: Journal = field(default_factory=Journal)
    ended: threading.Event = field(default_factory=threading.Event)
    followed: threading.Event = field(default_factory=threading.Event)
    read_out: set[str] = field(default_factory=set)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, seed: int) -> None:
        """Start every caller."""
        callers: list[Callable[[Random], None]] = [
            self.file_bulk, self.file_single, self.file_single, self.file_large, self.amend, self.move,
            self.move, self.pay, self.set_parties,
        ]  # fmt: skip
        for place, caller in enumerate(callers):
            self._start(caller, Random(seed * 100 + place), self.ended)
        for party in OTHER_KEYS:
            self.journal.seen[party] = []
            self._start(self.follow, party, self.followed)

    def end(self) -> None:
        """Let each caller finish what it is at; those who follow a feed go on."""
        self.ended.set()
        self._join("follow", False)

    def end_following(self) -> None:
        """Let those who follow a feed read to its end."""
        self.followed.set()
        self._join("follow", True)

    def _join(self, name: str, named: bool) -> None:
        for thread in self.threads:
            if (thread.name == name) == named:
                thread.join(180)
                if thread.is_alive():
                    self.journal.fault(f"{thread.name} was never answered")

    def _start(self, work: Callable[[Any], None], given: Any, ended: threading.Event) -> None:
        def run() -> None:
            while not ended.is_set() or (given in self.journal.seen and given not in self.read_out):
                try:
                    work(given)
                except Exception as error:
                    self.journal.fault(f"{work.__name__}: {type(error).__name__} {error}")
                    raise

        thread = threading.Thread(target=run, name=work.__name__, daemon=True)
        self.threads.append(thread)
        thread.start()

    def send(self, who: str, path: str, body: Any, **params: str) -> httpx.Response:
        """Send a request under one idempotency key until it is answered, then now and then once more."""
        key, again = token(), False
        headers = {"Idempotency-Key": key}
        while True:
            try:
                answer = self.service.call(self.keys[who], "POST", path, body, headers=headers, params=params)
            except httpx.HTTPError as error:
                self._retry(type(error).__name__)
                continue
            if answer.status_code in (429, 503) or answer.json().get("type", "").endswith(":in-flight"):
                if "Retry-After" not in answer.headers:
                    self.journal.fault(f"{path}: {answer.status_code} without Retry-After")
                self._retry(str(answer.status_code))
                continue
            if answer.status_code >= 500:
                self.journal.fault(f"{path}: {answer.status_code} {answer.text}")
                self._retry(str(answer.status_code))
                continue
            if again:
                return answer
            with self.journal.lock:
                self.journal.answers[f"{path.split('/')[-1]} {answer.status_code}"] += 1
            if answer.status_code < 300 and hash(key) % 4 == 0:
                self._same_again(who, path, body, headers, params, answer)
            return answer

    def _same_again(
        self, who: str, path: str, body: Any, headers: dict[str, str], params: Any, first: httpx.Response
    ) -> None:
        try:
            answer = self.service.call(self.keys[who], "POST", path, body, headers=headers, params=params)
        except httpx.HTTPError:
            return
        if answer.status_code < 500 and (answer.status_code, answer.content) != (
            first.status_code,
            first.content,
        ):
            self.journal.fault(f"{path}: the same key gave {answer.status_code}, before {first.status_code}")

    def _retry(self, why: str) -> None:
        with self.journal.lock:
            self.journal.retries[why] += 1
        time.sleep(0.1)

    def _took(self, party: str, results: list[dict[str, Any]]) -> None:
        with self.journal.lock:
            self.journal.results += [
                (party, one) for one in results if one["result"] in ("accepted", "amended", "repeated")
            ]
        for one in results:
            if one["result"] == "rejected":
                self.journal.fault(f"a good consignment was rejected: {one['findings']}")

    def file_bulk(self, random: Random) -> None:
        """File some dozens, decided before the answer."""
        party = random.choice(list(OTHER_KEYS))
        sent = [any_parcel(f"B{token()}", random) for _ in range(random.randint(5, 30))]
        answer = self.send(OTHER_KEYS[party], "/filings", sent)
        if answer.status_code != 200:
            self.journal.fault(f"bulk: {answer.status_code} {answer.text[:200]}")
            return
        self._took(party, answer.json()["results"])

    def file_single(self, random: Random) -> None:
        """File one; now and then another caller sends the same request at the same moment."""
        party = random.choice(list(OTHER_KEYS))
        answer = self.send(OTHER_KEYS[party], "/consignments", any_parcel(f"S{token()}", random))
        if answer.status_code != 201:
            self.journal.fault(f"single: {answer.status_code} {answer.text[:200]}")
            return
        self._took(party, [answer.json()])
        time.sleep(0.02)

    def file_large(self, random: Random) -> None:
        """File some thousands, answered with a receipt and decided afterwards."""
        party = LARGE_PARTY
        names = [f"L{token()}" for _ in range(LARGE)]
        answer = self.send(OTHER_KEYS[party], "/filings", as_csv(any_parcel(name, random) for name in names))
        if answer.status_code != 202:
            self.journal.fault(f"large: {answer.status_code} {answer.text[:200]}")
            return
        with self.journal.lock:
            self.journal.receipts.append((party, answer.json()["filing"], set(names)))
        self.ended.wait(15)

    def amend(self, random: Random) -> None:
        """File again with other content."""
        found = self.journal.known(random)
        if found is not None:
            party, name = found
            answer = self.send(OTHER_KEYS[party], "/filings", [any_parcel(name, random)])
            results = answer.json()["results"]
            self._took(party, [one for one in results if one["result"] != "refused"])
        time.sleep(0.05)

    def move(self, random: Random) -> None:
        """Give a command, by the operator or by an officer."""
        found = self.journal.known(random)
        if found is None:
            time.sleep(0.1)
            return
        party, name = found
        command, body = random.choice(
            (
                ("arrive", {}), ("arrive", {}), ("hold", {"reason": "soak"}),
                ("lift_hold", {"hold": 1, "reason": "soak"}), ("release", {"reason": "soak"}),
                ("cancel", {"reason": "soak"}),
            )
        )  # fmt: skip
        who = OTHER_KEYS[party] if command in ("arrive", "cancel") else "officer"
        answer = self.send(who, f"/consignments/{name}/commands", {"command": command, **body}, party=party)
        if answer.status_code == 200:
            with self.journal.lock:
                self.journal.moved.append((party, answer.json()))
        elif answer.status_code != 409:
            self.journal.fault(f"{command}: {answer.status_code} {answer.text[:200]}")
        time.sleep(0.02)

    def set_parties(self, random: Random) -> None:
        """Let the administrator register organisations, which the audit log tells."""
        name = f"party-{random.randrange(10**9)}"
        answer = self.send("administrator", "/parties", {"id": name, "name": name})
        if answer.status_code != 201:
            self.journal.fault(f"party: {answer.status_code} {answer.text[:200]}")
        with self.journal.lock:
            self.journal.audited += 1
        self.ended.wait(0.5)

    def pay(self, random: Random) -> None:
        """Register a payment for a consignment; what was paid already is kept on deposit or refused."""
        found = self.journal.known(random)
        if found is not None:
            party, name = found
            reference = f"M{token()}"
            payment = {
                "party": party, "consignment_id": name, "reference": reference, "currency": "EUR",
                "amount": f"{random.randint(1, 40)}.00",
            }  # fmt: skip
            answer = self.send("officer", "/payments", payment)
            if answer.status_code in (200, 201):
                with self.journal.lock:
                    self.journal.paid.append((party, answer.json()))
            elif answer.status_code not in (409, 422):
                self.journal.fault(f"payment: {answer.status_code} {answer.text[:200]}")
        time.sleep(0.05)

    def follow(self, party: str) -> None:
        """Read the feed of a party from behind the last notice that was read."""
        seen = self.journal.seen[party]
        key = self.keys[OTHER_KEYS[party]]
        last = self.followed.is_set()
        try:
            params = {"cursor": seen[-1][0] if seen else 0, "limit": 1000}
            answer = self.service.call(key, "GET", "/notices", params=params)
        except httpx.HTTPError:
            time.sleep(0.1)
            return
        if answer.status_code != 200:
            if answer.status_code != 503:
                self.journal.fault(f"feed: {answer.status_code} {answer.text[:200]}")
            time.sleep(0.1)
            return
        told = [one["data"] for one in answer.json()["notices"]]
        seen += [(one["cursor"], one["consignment_id"]) for one in told]
        if not told and last:
            self.read_out.add(party)
        if not told:
            time.sleep(0.2)


__all__ = ["LARGE_PARTY", "OTHER_KEYS", "Journal", "Load"]
