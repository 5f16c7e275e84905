"""Filings of several parties that wait at the same moment are decided together, and each is answered as if alone."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from greenlane.clearance import Role
from greenlane.desk import sealing
from greenlane.desk.administration import add_party
from greenlane.desk.caller import Caller
from greenlane.desk.filing_parts import Filing
from greenlane.desk.filings_now import Ready, file_together, made_ready
from greenlane.desk.requests import Answered, OtherBody, asked
from greenlane.engine.context import Context
from greenlane.engine.filing import FEW
from greenlane.service.gatherer import Gatherer
from greenlane.store import transfers
from greenlane.store.database import InFlight, StoreBusy
from serving import ADMINISTRATOR, World, world

PARTIES = ("post-cn", "market-x", "express-y")


@pytest.fixture(scope="module")
def service(postgres: str, law: Context) -> Iterator[World]:
    """A service with three parties, each with a key of an operator."""
    with world(postgres, law, rate_per_minute=1_000_000) as made:
        add_party(made.desk, ADMINISTRATOR, PARTIES[2], "Express Y")
        until = (made.desk.clock.machine() + timedelta(days=1)).isoformat()
        wanted = {"party": PARTIES[2], "roles": ["operator"], "expires_at": until}
        made.keys |= {"post-cn": made.keys["operator"], "market-x": made.keys["other_operator"]}
        made.keys["express-y"] = made.call("administrator", "POST", "/keys", wanted).json()["key"]
        yield made


def ready(service: World, party: str, *consignments: dict[str, Any], key: str | None = None) -> Ready:
    """A filing of a party that was read and waits."""
    body = json.dumps(list(consignments)).encode()
    request = None if key is None else asked(party, key, body)
    caller = Caller(f"key:{party}", party, frozenset({Role.OPERATOR}))
    return made_ready(service.desk, caller, Filing(body, "pre_arrival"), request)


def told(answer: Answered | Exception) -> dict[str, Any]:
    """What a filing was answered."""
    assert isinstance(answer, Answered), answer
    found: dict[str, Any] = json.loads(answer.body)
    return found


def world_of(service: World, number: int) -> list[dict[str, Any]]:
    """More consignments than are decided on rows: to several laws, one refused by intake, one id twice."""
    countries = ("DE", "FR", "GB", "AU", "JP", "NO")
    listed = [
        service.consignment(value=f"{20 + 7 * place % 90}.00")
        | {"destination_country": countries[place % len(countries)]}
        for place in range(FEW + number)
    ]
    faulty = service.consignment() | {"currency": "?"}
    twice = listed[3] | {"freight": "9.00"}
    return [*listed, faulty, twice]


def test_each_is_answered_as_if_alone(service: World) -> None:
    """Three parties with the same goods: filed together or one after the other, each gets the same results."""
    alone = [world_of(service, number) for number in range(3)]
    together = [
        [one | {"consignment_id": f"T{one['consignment_id']}", "consignee": fresh(one)} for one in filing]
        for filing in alone
    ]
    one_by_one = [
        told(file_together(service.desk, [ready(service, party, *filing)])[0])
        for party, filing in zip(PARTIES, alone, strict=True)
    ]
    waiting = [ready(service, party, *filing) for party, filing in zip(PARTIES, together, strict=True)]
    at_once = [told(answer) for answer in file_together(service.desk, waiting)]
    for single, joined in zip(one_by_one, at_once, strict=True):
        assert joined["accepted"] == single["accepted"] >= FEW
        assert (joined["amended"], joined["rejected"]) == (1, 1)
        for before, after in zip(single["results"], joined["results"], strict=True):
            assert after.pop("consignment_id") == f"T{before.pop('consignment_id')}"
            assert after.pop("input_digest", "") != before.pop("input_digest", None)
            assert after == before
    with service.desk.database.cursor() as cursor:
        assert set(transfers.trial(cursor).values()) == {0}


def fresh(one: dict[str, Any]) -> dict[str, Any]:
    """The same consignee with an id that nobody has used."""
    return {**one["consignee"], "id": f"T{one['consignee']['id']}"}


def test_the_same_ids_from_several_parties_stay_apart(service: World) -> None:
    """An id is a party's own: the same ids of three parties give each its own value."""
    ids = [service.consignment() for _ in range(FEW + 1)]
    waiting = []
    for place, party in enumerate(PARTIES):
        mine = [
            one
            | {
                "items": [one["items"][0] | {"value": f"{10 * (place + 1)}.00"}],
                "consignee": one["consignee"] | {"id": f"{party}-{one['consignee']['id']}"},
            }
            for one in ids
        ]
        waiting.append(ready(service, party, *mine))
    assert [told(answer)["accepted"] for answer in file_together(service.desk, waiting)] == [FEW + 1] * 3
    for place, party in enumerate(PARTIES):
        for one in (ids[0], ids[-1]):
            outcome = service.call(party, "GET", f"/consignments/{one['consignment_id']}").json()["outcome"]
            assert outcome["intrinsic_value"] == f"{10 * (place + 1)}.00"


def test_one_that_cannot_be_filed_takes_no_other_with_it(
    service: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the filing of one party is that party's alone; the others are stored once."""
    kept = sealing.persons_of

    def faulty(rows: Any, party: str, key: bytes) -> Any:
        if party == "market-x":
            raise RuntimeError("a fault")
        return kept(rows, party, key)

    monkeypatch.setattr("greenlane.desk.filing.persons_of", faulty)
    filed = [service.consignment() for _ in PARTIES]
    answers = file_together(
        service.desk, [ready(service, party, one) for party, one in zip(PARTIES, filed, strict=True)]
    )
    assert isinstance(answers[1], RuntimeError)
    assert [told(answers[place])["accepted"] for place in (0, 2)] == [1, 1]
    found = [
        service.call(party, "GET", f"/consignments/{one['consignment_id']}").status_code
        for party, one in zip(PARTIES, filed, strict=True)
    ]
    assert found == [200, 404, 200]


def test_nobody_waits_for_the_lock_of_another(service: World) -> None:
    """A party whose lock is held elsewhere is filed when it is free; the others are stored before that."""
    filed = [service.consignment() for _ in PARTIES]
    waiting = [ready(service, party, one) for party, one in zip(PARTIES, filed, strict=True)]
    answers: list[Any] = []
    with service.desk.database.writing(PARTIES[0]):
        work = Thread(target=lambda: answers.extend(file_together(service.desk, waiting)))
        work.start()
        stored = 0
        pause = Event()
        for _ in range(200):
            with service.desk.database.cursor() as cursor:
                row = cursor.execute(
                    "select count(*) from consignment where consignment_id = any(%s)",
                    ([one["consignment_id"] for one in filed],),
                ).fetchone()
            stored = row[0] if row else 0
            if stored == 2:
                break
            pause.wait(0.05)
        assert stored == 2
        assert not answers
    work.join()
    assert [told(answer)["accepted"] for answer in answers] == [1, 1, 1]


def test_a_request_that_was_answered_is_answered_again(service: World) -> None:
    """With a key of idempotency: the same bytes again, another body refused, while the neighbour is filed."""
    one, other = service.consignment(), service.consignment()
    first = file_together(service.desk, [ready(service, "post-cn", one, key="t-1")])
    again, neighbour = file_together(
        service.desk, [ready(service, "post-cn", one, key="t-1"), ready(service, "market-x", other)]
    )
    assert isinstance(first[0], Answered)
    assert isinstance(again, Answered)
    assert again.body == first[0].body
    assert told(neighbour)["accepted"] == 1
    wrong, neighbour = file_together(
        service.desk,
        [ready(service, "post-cn", other, key="t-1"), ready(service, "market-x", service.consignment())],
    )
    assert isinstance(wrong, OtherBody)
    assert told(neighbour)["accepted"] == 1


def test_many_at_once_over_http(service: World) -> None:
    """Twelve filings of three parties at once: each is answered about its own consignments, none is lost."""
    filings = [[service.consignment() for _ in range(3)] for _ in range(12)]

    def file(place: int) -> Any:
        return service.call(PARTIES[place % 3], "POST", "/filings", filings[place])

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(file, range(12)))
    for filing, answer in zip(filings, answers, strict=True):
        assert answer.status_code == 200, answer.text
        names = [result["consignment_id"] for result in answer.json()["results"]]
        assert names == [one["consignment_id"] for one in filing]
        assert answer.json()["accepted"] == 3


class Held(Gatherer):
    """A gatherer whose filings are taken and not worked on until they are let go."""

    def __init__(self, service: World) -> None:
        super().__init__(service.desk, 2)
        self.taken: list[list[tuple[str, bytes]]] = []
        self.go = asyncio.Event()

    async def _work(self, taken: Any) -> None:
        self.taken.append([(ready.caller.party, ready.filing.body) for ready, _ in taken])
        await self.go.wait()
        await super()._work(taken)


def test_one_filing_of_a_party_at_a_time(service: World) -> None:
    """What waits goes together, one filing a party, in the order in which it came."""

    async def run() -> Held:
        held = Held(service)
        order = ["post-cn", "post-cn", "market-x", "express-y", "post-cn", "market-x"]
        tasks = []
        for party in order:
            caller = Caller(f"key:{party}", party, frozenset({Role.OPERATOR}))
            body = json.dumps([service.consignment()]).encode()
            tasks.append(asyncio.create_task(held.file(caller, Filing(body, "pre_arrival"), None)))
            waiting = len(held._waiting) + sum(map(len, held.taken))
            while len(held._waiting) + sum(map(len, held.taken)) == waiting:
                await asyncio.sleep(0.001)
        held.go.set()
        for answer in await asyncio.gather(*tasks):
            assert json.loads(answer.body)["accepted"] == 1
        return held

    held = asyncio.run(run())
    for taken in held.taken:
        parties = [party for party, _ in taken]
        assert len(set(parties)) == len(parties)
    assert sum(map(len, held.taken)) == 6
    assert len(held.taken) < 6
    for party in PARTIES:
        bodies = [body for taken in held.taken for who, body in taken if who == party]
        ids = [json.loads(body)[0]["consignment_id"] for body in bodies]
        assert ids == sorted(ids)


def test_a_request_that_is_worked_on_is_in_flight(service: World) -> None:
    """The same idempotency key again, while the first is worked on, is told so at once; afterwards it is free."""

    async def run() -> None:
        held = Held(service)
        caller = Caller("key:post-cn", "post-cn", frozenset({Role.OPERATOR}))
        body = json.dumps([service.consignment()]).encode()
        request = asked("post-cn", "t-2", body)
        first = asyncio.create_task(held.file(caller, Filing(body, "pre_arrival"), request))
        while not held.taken:
            await asyncio.sleep(0.001)
        with pytest.raises(InFlight):
            await held.file(caller, Filing(body, "pre_arrival"), request)
        held.go.set()
        answer = await first
        assert (await held.file(caller, Filing(body, "pre_arrival"), request)).body == answer.body

    asyncio.run(run())


def test_all_are_told_that_the_database_is_away(service: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that can't be reached is told to everybody who waits, and the next ones are worked on."""

    async def run() -> None:
        gatherer = Gatherer(service.desk, 2)

        def away(*_: Any) -> Any:
            raise StoreBusy("the database doesn't answer now; try again")

        callers = [Caller(f"key:{party}", party, frozenset({Role.OPERATOR})) for party in PARTIES]
        filings = [Filing(json.dumps([service.consignment()]).encode(), "pre_arrival") for _ in PARTIES]
        with monkeypatch.context() as patched:
            patched.setattr("greenlane.service.gatherer.file_together", away)
            told = await asyncio.gather(
                *(gatherer.file(c, f, None) for c, f in zip(callers, filings, strict=True)),
                return_exceptions=True,
            )
        assert [type(one) for one in told] == [StoreBusy] * 3
        answers = await asyncio.gather(
            *(gatherer.file(c, f, None) for c, f in zip(callers, filings, strict=True))
        )
        assert [json.loads(answer.body)["accepted"] for answer in answers] == [1, 1, 1]

    asyncio.run(run())
