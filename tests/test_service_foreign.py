"""Foreign messages filed over HTTP: each format by its media type, good and faulty, and answers in its own words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import trading
from declaring import AMENDMENT, H7
from greenlane.desk import filings_now
from greenlane.messages import ceb, ics2, placi
from greenlane.messages.families import formats
from greenlane.messages.postal.reply import read_responses
from greenlane.messages.wco import read_reply
from serving import World
from test_messages_wco import REDUCED
from test_service_hostile import settled

MEDIA = {name: form.media_types[0] for name, form in formats().items()}
ENS = {
    "issued": "2026-07-02T12:00:00Z", "declarant_name": "Example Post", "declarant_id": "DE1234567",
    "declarant_city": "Bonn", "declarant_country": "DE", "declarant_contact": "ens@post.example",
    "declarant_contact_type": "EM",
}  # fmt: skip
ENTRY = (
    "bill,entry_number,port_of_entry,seller_name,seller_address,seller_country,consignee_name,consignee_address,"
    "origin,quantity,retail_value,hts,channel,transaction,departure_country,declaration_date,items.description\n"
    '{id},ABC-1234567-8,4701,Example Trading,"1 Road, Shenzhen",CN,A. Example,"2 Street, Boston",CN,2,70.00,'
    "6109100012,express,b2c,CN,2025-08-28,cotton T-shirt\n"
)


def _known(value: Any) -> Any:
    """What has to be there."""
    assert value is not None
    return value


def parcel(service: World, **changes: Any) -> dict[str, Any]:
    """A postal item with a fresh number, as every family can tell it."""
    name = service.consignment()["consignment_id"].removeprefix("C").zfill(8)
    weighed = sum(int(sign) * by for sign, by in zip(name, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - weighed % 11, 11 - weighed % 11)
    number = f"RR{name}{check}GB"
    return service.consignment(
        consignment_id=number, transport_document=number, channel="postal", departure_country="GB",
        carrier={"id": "GBA"}, consignor={"name": "Example Trading", "address": "1 Road, Leeds", "country": "GB"},
        declaration_date="2026-03-02", scheme_id="IM3720000224",
    ) | changes  # fmt: skip


def written(form: str, **header: str) -> Callable[[World], tuple[str, bytes]]:
    """What writes a message of one parcel in a format; gives the id too."""

    def make(service: World) -> tuple[str, bytes]:
        one = parcel(service)
        return one["consignment_id"], formats()[form].write([one], **header).data

    return make


def inventory(service: World) -> tuple[str, bytes]:
    """A Chinese inventory with a number of its own."""
    name = service.consignment()["consignment_id"]
    head = {**trading.INVENTORY, "copNo": name, "orderNo": f"O-{name}", "logisticsNo": f"W-{name}"}
    return name, trading.message("621", trading.business("621", head, trading.LINES))


def entry(service: World) -> tuple[str, bytes]:
    """An entry of type 86 in the last days of its life, with columns of the contract beside the ten elements."""
    name = service.consignment()["consignment_id"]
    return name, ENTRY.format(id=name).encode()


READS: dict[str, Callable[[bytes], Any]] = {
    "wco-dm36": lambda data: _known(read_reply(data)[0]).kind,
    "ics2": lambda data: _known(ics2.read(data).extras).kind,
    "postal-itmatt": lambda data: read_responses(data).responses[0].state,
    "postal-cusitm-xml": lambda data: read_responses(data).responses[0].state,
    "ceb": lambda data: ceb.documents_of(ceb.read(data))[0].get("returnStatus"),
}
"""Reads what a message of customs says: its kind in the family."""
GOOD: dict[str, Callable[[World], tuple[str, bytes]]] = {
    "wco-dm36": written("wco-dm36"),
    "ics2": written("ics2", **ENS),
    "ceb": inventory,
    "postal-itmatt": written("postal-itmatt"),
    "postal-itmatt-xml": written("postal-itmatt-xml"),
    "postal-cusitm": written("postal-cusitm"),
    "postal-cusitm-xml": written("postal-cusitm-xml"),
    "postal-cn22": written("postal-cn22"),
    "postal-cn23": written("postal-cn23"),
    "us-et86": entry,
}
FAULTS: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "wco-dm36": ((rb"<GoodsItemQuantity[^>]*>[^<]*</GoodsItemQuantity>", b""), (rb">610910<", b">61<")),
    "ics2": ((rb"<documentIssueDate>[^<]*</documentIssueDate>", b""), (rb"<country>GB", b"<country>GBR")),
    "ceb": ((rb"<ceb:ebpCode>[^<]*</ceb:ebpCode>", b""), (rb"<ceb:freight>20", b"<ceb:freight>twenty")),
    "postal-itmatt": ((rb"MOA\+38:40\.00:EUR'", b"MOA+38:40,00,0:EUR'"), (rb"610910", b"61A910")),
    "postal-itmatt-xml": ((rb">40\.00<", b">40,00,0<"), (rb"610910", b"61A910")),
    "postal-cusitm": ((rb"MOA\+38:40\.00:EUR'", b"MOA+38:40,00,0:EUR'"), (rb"610910", b"61A910")),
    "postal-cusitm-xml": ((rb">40\.00<", b">40,00,0<"), (rb"610910", b"61A910")),
    "us-et86": ((rb",CN,2,70.00", b",CHN,2,70.00"), (rb",4701,", b",,")),
}
"""By format what is spoiled in a good message: two things at once."""


def filed(service: World, data: bytes, media: str, **headers: str) -> list[dict[str, Any]]:
    """File a message and return its results."""
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": media, **headers})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


@pytest.mark.parametrize("form", GOOD)
def test_each_format_is_filed_by_its_media_type(service: World, form: str) -> None:
    """A good message becomes a consignment that is decided at once and stands in the service afterwards."""
    name, data = GOOD[form](service)
    (result,) = filed(service, data, MEDIA[form])
    assert (result["result"], result["consignment_id"], result["row"]) == ("accepted", name, 1), result
    assert service.call("operator", "GET", f"/consignments/{name}").json()["consignment_id"] == name


@pytest.mark.parametrize("form", FAULTS)
def test_every_fault_comes_back_in_the_sender_s_own_places(service: World, form: str) -> None:
    """Two faults are two errors of one answer, each with code, title, place in the sender's format, words and fix."""
    name, data = GOOD[form](service)
    for old, new in FAULTS[form]:
        spoiled = re.sub(old, new, data, count=1)
        assert spoiled != data, old
        data = spoiled
    results = filed(service, data, MEDIA[form])
    assert {one["result"] for one in results} == {"rejected"}
    errors = [found for one in results for found in one["findings"] if found["severity"] == "error"]
    assert len({found["path"] for found in errors}) >= 2, errors
    assert all(found["title"] and found["fix"] and found["message"] for found in errors)
    assert all("(WCO" not in found["message"] for found in errors)
    assert "twenty" not in str(errors) and "CHN" not in str(errors)
    assert service.call("operator", "GET", f"/consignments/{name}").status_code == 404


@pytest.mark.parametrize("form", ["wco-dm36", "postal-itmatt"])
def test_findings_point_into_the_wco_data_model(service: World, form: str) -> None:
    """A finding about an element that the model has names it, apart from the words."""
    _, data = GOOD[form](service)
    for old, new in FAULTS[form]:
        data = re.sub(old, new, data, count=1)
    errors = [found for one in filed(service, data, MEDIA[form]) for found in one["findings"]]
    assert any(re.fullmatch(r"[0-9A-Z/]+", found.get("wco", "-")) for found in errors), errors


def test_faults_of_one_document_are_its_own(service: World) -> None:
    """In a message of three inventories the second has a fault: it alone is rejected, and each has its row."""
    heads = [{**trading.INVENTORY, "copNo": service.consignment()["consignment_id"]} for _ in range(3)]
    del heads[1]["ebpCode"]
    data = trading.message("621", *(trading.business("621", head, trading.LINES) for head in heads))
    results = filed(service, data, MEDIA["ceb"])
    assert [(one["row"], one["result"]) for one in results] == [
        (1, "accepted"), (2, "rejected"), (3, "accepted"),
    ]  # fmt: skip


def test_what_nobody_files_is_told(service: World) -> None:
    """A notice of customs that is filed by mistake is rejected in words, not passed over."""
    notice = ics2.Notice(
        "Q01", mrn="26DE0000000000001A", at=datetime(2026, 7, 2, tzinfo=UTC), member_state="DE"
    )
    (result,) = filed(service, ics2.write_notice(notice).data, MEDIA["ics2"])
    assert result["result"] == "rejected", result


def test_what_advance_air_data_alone_do_not_tell_is_listed(service: World) -> None:
    """7+1 data name no value: a sound waybill lacks exactly what the contract asks beside them, a bad one more."""
    one = parcel(service, channel="cargo")
    header = {"master": "020-12345675", "issued": "2026-07-02T12:00:00Z", "pieces": "1"}
    data = formats()["placi"].write([one], **header).data
    (result,) = filed(service, data, MEDIA["placi"])
    errors = {found["path"] for found in result["findings"] if found["severity"] == "error"}
    assert errors == {"/currency", "/items/0/value", "/transaction"}
    (bad,) = filed(service, data.replace(b"020-12345675", b"020-12345674"), MEDIA["placi"])
    codes = {found["code"] for found in bad["findings"]}
    assert "messages.placi.awb" in codes and "required.missing" in codes


@pytest.mark.parametrize(
    "media", ["application/xml", "text/xml; charset=utf-8", "text/plain", "application/octet-stream", ""]
)
def test_a_general_type_leaves_it_to_the_content(service: World, media: str) -> None:
    """XML that says no more than that it is XML, or nothing, is read as what it holds."""
    name, data = inventory(service)
    (result,) = filed(service, data, media)
    assert (result["result"], result["consignment_id"]) == ("accepted", name)


@pytest.mark.parametrize(
    ("media", "form", "told"),
    [
        ("application/vnd.wco.dm36+xml", "ceb", "application/vnd.chinaport.ceb+xml"),
        ("application/json", "wco-dm36", "application/vnd.wco.dm36+xml"),
        ("text/csv", "postal-itmatt", "application/vnd.greenlane.itmatt+edifact"),
        ("application/edifact", "us-et86", "application/vnd.greenlane.us-et86+csv"),
        ("application/vnd.eu.ics2+xml", None, "application/json"),
        ("application/xml", None, "application/json"),
    ],
)
def test_a_type_that_the_content_contradicts_is_refused(
    service: World, media: str, form: str | None, told: str
) -> None:
    """A body that is something else than it says is 415, and the problem names both."""
    data = b'[{"consignment_id": "A1"}]' if form is None else GOOD[form](service)[1]
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": media})
    problem = answer.json()
    assert answer.status_code == 415 and problem["status"] == 415
    assert media in problem["detail"] and told in problem["detail"]


def test_a_type_that_nobody_takes_is_refused(service: World) -> None:
    """A picture is 415, and the problem lists what is taken; words in the header are not repeated."""
    for media in ("image/png", "A. Example <script>"):
        answer = service.call("operator", "POST", "/filings", b"\x89PNG", headers={"Content-Type": media})
        assert answer.status_code == 415
        assert MEDIA["ceb"] in answer.json()["detail"] and "Example" not in answer.json()["detail"]


def test_a_message_of_many_is_taken_by_receipt(service: World) -> None:
    """A large message is received, kept with what it says it is, and decided afterwards with its own rows."""
    count = 10_050 // 30 + 1
    filler = "\n" * 30
    heads = [{**trading.INVENTORY, "copNo": service.consignment()["consignment_id"]} for _ in range(count)]
    data = trading.message("621", *(trading.business("621", head, trading.LINES) + filler for head in heads))
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": MEDIA["ceb"]})
    assert answer.status_code == 202
    receipt = settled(service, answer.json()["filing"])
    assert (receipt["status"], receipt["accepted"]) == ("done", count)


@pytest.mark.parametrize(
    ("asked", "language", "word"),
    [
        ("fr-CH, en;q=0.4", "fr", "Renseignez"),
        ("es", "es", "Complételo"),
        ("zh-Hans", "zh", "请"),
        ("ar", "ar", "ا"),
        ("tlh", "en", "Fill it in"),
        ("", "en", "Fill it in"),
    ],
)
def test_results_speak_the_language_that_is_asked_for(
    service: World, asked: str, language: str, word: str
) -> None:
    """Titles and fixes of findings come in the language of Accept-Language, English where it is none of the five."""
    bad = service.consignment(currency=None)
    answer = service.call("operator", "POST", "/filings", [bad], headers={"Accept-Language": asked})
    assert (answer.headers["content-language"], answer.headers["vary"]) == (language, "Accept-Language")
    (found,) = answer.json()["results"][0]["findings"]
    assert word in found["fix"] and found["title"]
    assert ("expected a value" in found["message"]) is (language == "en"), found
    assert (found["title"] == "A required field is missing.") is (language == "en"), found
    number = answer.json()["filing"]
    page = service.call("operator", "GET", f"/filings/{number}/results", headers={"Accept-Language": asked})
    assert page.json()["results"][0]["findings"] == [found]
    assert page.headers["content-language"] == language


def test_a_single_result_speaks_the_language_that_is_asked_for(service: World) -> None:
    """One consignment that is accepted is told in the language that is asked for; English is told as it was made."""
    vague = {"description": "gift", "scheme_id": None}
    told = {
        language: service.call(
            "operator",
            "POST",
            "/consignments",
            service.consignment(**vague),
            headers={"Accept-Language": language},
        )
        for language in ("en", "fr")
    }
    assert [answer.status_code for answer in told.values()] == [201, 201]
    english, french = ({one["code"]: one for one in answer.json()["findings"]} for answer in told.values())
    assert english and english.keys() == french.keys()
    assert all(one["title"] != french[code]["title"] for code, one in english.items())
    assert {answer.headers["content-language"] for answer in told.values()} == set(told)


def test_problems_speak_the_language_that_is_asked_for(service: World) -> None:
    """Title, fixed words, and title and fix of each error of a problem; type, codes and paths stay what they are."""
    french = {"Accept-Language": "fr"}
    lost = service.call("operator", "GET", "/consignments/NOWHERE", headers=french)
    assert lost.headers["content-language"] == "fr" and lost.headers["vary"] == "Accept-Language"
    assert lost.json()["title"] == "Introuvable" and "envoi" in lost.json()["detail"]
    plain = service.call("operator", "GET", "/consignments/NOWHERE").json()
    assert plain["title"] == "Not Found" and plain["type"] == lost.json()["type"]
    bad = service.consignment(currency=None)
    one = service.call("operator", "POST", "/consignments", bad, headers=french).json()
    assert one["errors"][0]["path"] == "/currency" and one["errors"][0]["fix"] == "Renseignez-le."
    assert one["errors"][0]["title"] != "" and one["detail"].startswith("la réception")


def released(service: World, name: str) -> None:
    """Bring a consignment from its filing to its release, by an officer where it stands against something."""
    path = f"/consignments/{name}"
    for command in ("depart", "arrive"):
        assert service.call("operator", "POST", f"{path}/commands", {"command": command}).status_code == 200
    of = {"party": "post-cn"}
    for event in service.call("officer", "GET", f"{path}/events", **of).json()["events"]:
        if event["type"] == "held":
            lift = {"command": "lift_hold", "hold": event["data"]["number"], "reason": "seen"}
            assert service.call("officer", "POST", f"{path}/commands", lift, **of).status_code == 200
    if service.call("operator", "GET", path).json()["phase"] != "released":
        release = {"command": "release", "reason": "seen"}
        answer = service.call("officer", "POST", f"{path}/commands", release, **of)
        assert answer.status_code == 200, answer.text


def reply(service: World, name: str, accept: str | None = None, **more: Any) -> Any:
    """Ask for what customs answers about a consignment."""
    headers = {} if accept is None else {"Accept": accept}
    return service.call("operator", "GET", f"/consignments/{name}/reply", headers=headers, **more)


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        ("wco-dm36", ["01", "13", "09"]),
        ("ics2", ["R01", "N03"]),
        ("postal-itmatt", ["DUTY_DUE", "HELD", "RELEASED"]),
        ("postal-cusitm-xml", ["DUTY_DUE", "HELD", "RELEASED"]),
        ("ceb", ["120", "300", "300"]),
    ],
)
def test_the_sender_s_own_family_answers(service: World, form: str, kinds: list[str]) -> None:
    """From filing to release (ICS2, CEB: as filed) each family's answers come in its own messages."""
    name, data = GOOD[form](service)
    assert filed(service, data, MEDIA[form])[0]["result"] == "accepted"
    if form not in ("ics2", "ceb"):
        released(service, name)
    listed = reply(service, name, "application/json").json()
    assert [one["kind"] for one in listed["answers"]] == kinds, listed
    last = reply(service, name)
    assert last.status_code == 200 and last.headers["content-type"].partition(";")[0] == listed["media_type"]
    assert READS[form](last.content) == kinds[-1]
    first = reply(service, name, listed["media_type"], number=1)
    assert READS[form](first.content) == kinds[0]
    assert reply(service, name, number=99).status_code == 404


def test_answers_follow_what_is_asked_for(service: World) -> None:
    """A parcel filed in the contract's own words has answers in families that need none of theirs; others are 406."""
    one = service.consignment()
    service.file(one)
    name = one["consignment_id"]
    (told,) = placi.read_notices(reply(service, name, MEDIA["placi"], number=1).content).notices
    assert (told.status, told.waybill) == ("SR", one["transport_document"])
    assert READS["wco-dm36"](reply(service, name, MEDIA["wco-dm36"], number=1).content) == "01"
    assert READS["wco-dm36"](reply(service, name, number=1).content) == "01"
    for accept in (MEDIA["ceb"], MEDIA["ics2"], "image/png"):
        refused = reply(service, name, accept)
        assert refused.status_code == 406 and MEDIA["wco-dm36"] in refused.json()["detail"]
        assert MEDIA["ceb"] not in refused.json()["detail"]
    other = service.call("other_operator", "GET", f"/consignments/{name}/reply", party="post-cn")
    assert other.status_code == 404


def test_each_decision_has_its_own_answer(service: World) -> None:
    """An amended declaration is answered with the taxes of both decisions, each as it was."""
    one = parcel(service)
    form = formats()["wco-dm36"]
    dearer = {**one, "items": [{**one["items"][0], "value": "80.00"}]}
    for sent in (one, dearer):
        filed(service, form.write([sent]).data, MEDIA["wco-dm36"])
    name = one["consignment_id"]
    listed = reply(service, name, "application/json").json()["answers"]
    assert [told["kind"] for told in listed] == ["01", "13", "02", "13"]
    taxes = [_known(read_reply(reply(service, name, number=place).content)[0]).charges for place in (2, 4)]
    assert [sum(float(charge.payable) for charge in charges) for charges in taxes] != [0, 0]
    assert taxes[0] != taxes[1]


@pytest.mark.parametrize(
    ("form", "kind"), [("wco-dm36", "03"), ("ics2", "N99"), ("ceb", "-1"), ("postal-itmatt", None)]
)
def test_what_is_refused_is_answered_in_the_family(service: World, form: str, kind: str | None) -> None:
    """A refused record has an answer with every error, where the family has a message for it; else 406 says so."""
    _, data = GOOD[form](service)
    for old, new in FAULTS[form]:
        data = re.sub(old, new, data, count=1)
    answer = service.call("operator", "POST", "/filings", data, headers={"Content-Type": MEDIA[form]}).json()
    path = f"/filings/{answer['filing']}/reply"
    told = service.call("operator", "GET", path)
    if kind is None:
        assert told.status_code == 406 and told.json()["title"] == "Not Acceptable"
        return
    assert told.status_code == 200 and READS[form](told.content) == kind, told.content
    refused = [one for one in answer["results"] if one.get("row")]
    errors = {f["code"] for one in refused for f in one["findings"] if f["severity"] == "error"}
    if form == "wco-dm36":
        assert len(_known(read_reply(told.content)[0]).faults) == len(errors) >= 2
    elif form == "ics2":
        assert len(_known(ics2.read(told.content).extras).faults) >= 1
    else:
        assert all(code.encode() in told.content for code in errors)
    asked = service.call("operator", "GET", path, headers={"Accept": "application/json"}).json()
    assert asked["kind"] == kind
    assert service.call("operator", "GET", path, row=2).status_code == 404
    assert service.call("other_operator", "GET", path).status_code == 404


def test_what_is_accepted_is_answered_by_its_record(service: World) -> None:
    """The answer to an accepted record is the last one about its consignment."""
    name, data = GOOD["wco-dm36"](service)
    answer = service.call(
        "operator", "POST", "/filings", data, headers={"Content-Type": MEDIA["wco-dm36"]}
    ).json()
    told = service.call("operator", "GET", f"/filings/{answer['filing']}/reply")
    assert told.content == reply(service, name).content


def test_a_correction_changes_what_it_points_at(service: World) -> None:
    """A COR amends the declaration that was filed under its reference, by the pointers; what it doesn't name stays."""
    name = service.consignment()["consignment_id"]
    first, correction = (data.replace(b"PARCEL-1", name.encode()) for data in (H7, AMENDMENT))
    assert first != H7 and correction != AMENDMENT
    assert filed(service, first, MEDIA["wco-dm36"])[0]["result"] == "accepted"
    before = service.call("operator", "GET", f"/consignments/{name}").json()["outcome"]
    (result,) = filed(service, correction, MEDIA["wco-dm36"])
    assert (result["result"], result["consignment_id"]) == ("amended", name), result
    after = service.call("operator", "GET", f"/consignments/{name}").json()["outcome"]
    assert (before["intrinsic_value"], after["intrinsic_value"]) == ("49.50", "52.00")
    assert filed(service, correction, MEDIA["wco-dm36"])[0]["result"] == "repeated"
    for who in ("operator", "other_operator"):
        sent = correction if who == "other_operator" else AMENDMENT.replace(b"PARCEL-1", b"NOWHERE-1")
        answer = service.call(who, "POST", "/filings", sent, headers={"Content-Type": MEDIA["wco-dm36"]})
        (lost,) = answer.json()["results"]
        assert lost["result"] == "rejected"
        assert [f["code"] for f in lost["findings"] if f["severity"] == "error"] == [
            "filing.correction_of_nothing"
        ]


def correction(name: str, item: int, value: str) -> bytes:
    """A COR that gives one item another value."""
    start = AMENDMENT.index(b" <Amendment><ChangeReasonCode>22")
    end = AMENDMENT.index(b" <GoodsShipment>")
    told = AMENDMENT[:start] + AMENDMENT[end:]
    told = told.replace(b"PARCEL-1", name.encode()).replace(b">12.00<", f">{value}<".encode())
    return told.replace(b"<SequenceNumeric>2<", f"<SequenceNumeric>{item}<".encode())


@pytest.mark.parametrize("together", [True, False])
def test_two_corrections_at_once_both_count(
    service: World, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """Two items of one declaration are corrected, in one filing or in two at once: neither undoes the other."""
    name = service.consignment()["consignment_id"]
    filed(service, H7.replace(b"PARCEL-1", name.encode()), MEDIA["wco-dm36"])
    first, second = correction(name, 1, "41.00"), correction(name, 2, "12.00")
    if together:
        both = b'<Messages xmlns="urn:greenlane:messages:1">' + first + second + b"</Messages>"
        assert [one["result"] for one in filed(service, both, MEDIA["wco-dm36"])] == ["amended", "amended"]
    else:
        read, others = filings_now.parts_of_filing, [second]

        def parts(*given: Any, **more: Any) -> Any:
            found = list(read(*given, **more))
            if others:  # what another filing corrects before this one has the lock
                filed(service, others.pop(), MEDIA["wco-dm36"])
            return found

        monkeypatch.setattr(filings_now, "parts_of_filing", parts)
        assert filed(service, first, MEDIA["wco-dm36"])[0]["result"] == "amended"
    after = service.call("operator", "GET", f"/consignments/{name}").json()["outcome"]
    assert after["intrinsic_value"] == "53.00"


@pytest.mark.shared
def test_published_reduced_declarations_are_filed_and_corrected(service: World, shared: Path) -> None:
    """The published H7 payloads clear over HTTP, and the published amendment changes the value of its declaration."""
    folder = shared / "samples" / "hmrc-wco-dm36" / "examples"
    found = {path.stem.removeprefix("Step1_"): path for path in folder.rglob("*.xml")}
    for name in REDUCED:
        (result,) = filed(service, found[name].read_bytes(), MEDIA["wco-dm36"])
        assert (result["result"], result["status"]) == ("accepted", "assessed"), (name, result)
        assert READS["wco-dm36"](reply(service, result["consignment_id"], number=1).content) == "01"
    changed = found["Step2_TT_IM68a_Amendment"].read_bytes()
    (result,) = filed(service, changed, MEDIA["wco-dm36"])
    assert (result["result"], result["tax"]) == ("amended", "27.00"), result
