"""Answers of customs over HTTP, in the messages of the sender's own family."""

from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from greenlane.desk import answers as desk_answers
from greenlane.desk.caller import Right
from greenlane.messages.answering import FAMILIES, Answer
from greenlane.service.access import MEDIA, RIGHT
from greenlane.service.problems import Problem
from greenlane.service.requesting import ConsignmentId, PartyOf, TheCaller, TheDesk, answers
from greenlane.service.shapes import Answers, AnswerTold

NumberOf = Annotated[
    int | None,
    QueryParameter(description="Which answer, from 1; the last where it is left out.", ge=1, le=9999),
]
Row = Annotated[
    int, QueryParameter(description="Which record, as the results number it.", ge=1, le=10_000_000)
]
_JSON = "application/json"


@get(
    "/consignments/{consignment_id:str}/reply",
    tags=["consignments"],
    opt={RIGHT: Right.READ, MEDIA: tuple(FAMILIES)},
    responses=answers(Answers, 200),
)
async def read_reply(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    consignment_id: ConsignmentId,
    party: PartyOf = None,
    number: NumberOf = None,
) -> Response[bytes]:
    """Read what customs answers, as a message of the family that Accept names; else of that it was filed in.

    `application/json` lists every answer so far. ICS2 notices and CEB replies are there for what was filed in these
    families, WCO responses, CUSRSP and the statuses of advance air data for every consignment.
    """
    wanted = wanted_of(request.headers.get("accept", ""))
    media, found = await anyio.to_thread.run_sync(
        desk_answers.answers, desk, caller, party, consignment_id, wanted
    )
    if wanted[:1] == [_JSON]:
        told = [AnswerTold(number=place, kind=one.kind, at=one.at) for place, one in enumerate(found, 1)]
        return Response(
            msgspec.json.encode(Answers(media_type=media, answers=told)),
            media_type=_JSON,
            headers={"Vary": "Accept"},
        )
    return Response(_chosen(found, number).data, media_type=media, headers={"Vary": "Accept"})


@get(
    "/filings/{filing:uuid}/reply",
    tags=["filings"],
    opt={RIGHT: Right.FILINGS, MEDIA: tuple(FAMILIES)},
    responses=answers(AnswerTold, 200),
)
async def read_record_reply(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    filing: FromPath[UUID],
    row: Row = 1,
) -> Response[bytes]:
    """Read the answer to one record of a filing, as a message of the family that it was filed in or that Accept names.

    Of what was accepted it is the last answer; of what is refused, every error: a WCO response, an ICS2 N99, a CEB 622,
    an XFNM. `application/json` tells its kind.
    """
    wanted = wanted_of(request.headers.get("accept", ""))
    media, one = await anyio.to_thread.run_sync(
        desk_answers.answer_to_record, desk, caller, filing, row, wanted
    )
    headers = {"Vary": "Accept"}
    if wanted[:1] == [_JSON]:
        told = AnswerTold(number=row, kind=one.kind, at=one.at)
        return Response(msgspec.json.encode(told), media_type=_JSON, headers=headers)
    return Response(one.data, media_type=media, headers=headers)


def _chosen(found: list[Answer], number: int | None) -> Answer:
    if not found or (number is not None and number > len(found)):
        raise Problem(404, "not-found", f"there are {len(found)} answers so far")
    return found[-1 if number is None else number - 1]


def wanted_of(accept: str) -> list[str]:
    """Return the media types of an Accept header, the best first.

    Example:
        >>> wanted_of("text/html;q=0.1, application/json, */*;q=0.01")
        ['application/json', 'text/html', '*/*']
    """
    found: list[tuple[float, str]] = []
    for place, part in enumerate(accept[:1000].split(",")):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        weight = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        try:
            asked = float(weight)
        except ValueError:
            continue
        if name and 0 < asked <= 1:
            found.append((-asked + place / 1000, name))
    return [name for _, name in sorted(found)]


ANSWERS = [read_reply, read_record_reply]
