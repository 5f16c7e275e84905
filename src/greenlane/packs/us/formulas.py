"""What the United States charge in each period: who is exempt, what an entry bears, what mail bears."""

from dataclasses import dataclass

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    field,
    known,
    lookup,
    matches,
    param,
    present,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Remark, always, cases
from greenlane.packs.building import INADMISSIBLE, good, is_documents, is_gift, is_returned, values
from greenlane.packs.us.entry import (
    brazil_duty,
    emergency_duties,
    fees,
    later_duties,
    standing_duties,
    surcharge_duty,
    unshown_fees,
)
from greenlane.packs.us.origins import METHOD_MISSING
from greenlane.values.finding import Severity, declare

ALONE = declare(
    "us.person_day_alone",
    Severity.INFO,
    "What else the person receives on that day isn't known, so the consignment was taken alone.",
    "File the day's consignments together; the exemption counts all of one person's day.",
)
PREFERENCE = declare(
    "us.preference_not_computed",
    Severity.INFO,
    "A preferential rate is claimed; the ordinary one was charged, because preferences aren't computed.",
    "Work the preferential rate out by hand and give it as an assumed rate.",
)

_EXEMPTION = "19 U.S.C. 1321(a)(2)(C)"
_CHINA = ("CN", "HK")
_REMITTER = cases(
    (matches("elections.us_postal_remitter", "qualified_party"), "qualified_party"), otherwise="carrier"
)


@dataclass(frozen=True, slots=True)
class _Case:
    """What every period asks of a consignment."""

    goods: Node
    value: Node
    """Customs value of the item."""
    charged: Node
    small: Node
    printed: Node
    """Nothing but informational materials."""
    china: Node
    """The item is of China or Hong Kong."""
    postal: Node
    single: Node
    """What else the person receives that day isn't known."""


def _case() -> _Case:
    v = values(home="USD")
    goods = step("intrinsic_value", v.goods, "19 CFR 10.153", "the price stands for the fair retail value")
    value = step(
        "customs_value", v.value, "19 U.S.C. 1401a(b)", "the price, without transport to the United States"
    )
    others = field("group.value")
    day = step(
        "person_day",
        choose(known(others), others, goods),
        "19 CFR 10.153(d)",
        "what one person receives on one day",
    )
    gift = step(
        "gift_exempt",
        is_gift() & (day <= param("us.gift")),
        "19 CFR 10.152",
        "a gift of low value from person to person is free",
    )
    traveller = matches("programme", "TRAVELLER") & (goods <= param("us.traveller"))
    returned = step("returned", is_returned(), "HTSUS 9801.00.10", "goods that come home are free")
    barred = any_item(good("excise"))
    small = step(
        "within_exemption",
        (day <= param("us.relief")) & ~barred,
        _EXEMPTION,
        "one person's day is worth no more than the limit, and no alcohol or tobacco is in it",
    )
    charged = ~is_documents() & ~returned & ~(gift & ~barred) & ~traveller
    printed = step(
        "informational_only",
        ~any_item(~good("informational")),
        "50 U.S.C. 1702(b)(3)",
        "nothing but books, films, pictures and the like",
    )
    return _Case(
        goods,
        value,
        charged,
        small,
        printed,
        matches("items.origin_country", *_CHINA),
        matches("channel", "postal"),
        ~known(others),
    )


def exemption() -> Assessment:
    """Until 1 May 2025: free up to 200, later 800 dollars a person and day, all duties above."""
    case = _case()
    entry = step("entry", case.charged & ~case.small, _EXEMPTION, "above the limit all duties apply")
    emergency = emergency_duties(entry, case.value, case.china)
    return _assessment(case, entry, emergency, param("us.relief"))


def china_suspended() -> Assessment:
    """2 May to 28 August 2025: goods of China lose the exemption; their mail bears a duty of its own."""
    case = _case()
    excluded = param("us.suspension.cn") & any_item(case.china) & ~case.printed
    from_china = matches("departure_country", *_CHINA)
    posted = choose(from_china, True, param("us.suspension.cn.posted_elsewhere"))
    kept = case.small & choose(excluded, choose(case.postal, posted, False), True)
    entry = step(
        "entry",
        case.charged & ~kept,
        "Executive Order 14256 s. 2(a)",
        "goods of China and Hong Kong bear all duties, whatever their value",
    )
    mail = step(
        "china_mail",
        case.charged & case.small & excluded & case.postal & from_china,
        "Executive Order 14256 s. 2(b)",
        "mail from China and Hong Kong bears a duty in place of all others",
    )
    specific = any_item(lookup("postal_method", "specific"))
    item = case.china & ~good("informational")
    by_value = ratio(case.value, param("us.postal.cn.ad_valorem"))
    per_item = param("us.postal.cn.specific")
    law = "Executive Order 14256 s. 2(c)"
    charges = (
        Charge(
            "us.postal.cn.ad_valorem",
            "duty",
            "ad_valorem_postal_duty",
            choose(mail, choose(specific, False, item), False),
            step("mail_by_value", by_value, law),
            law,
            "periodic",
            _REMITTER,
            base=case.value,
            rate=param("us.postal.cn.ad_valorem"),
        ),
        Charge(
            "us.postal.cn.specific",
            "duty",
            "specific_postal_duty",
            choose(mail, specific, False),
            step("mail_per_item", per_item, law),
            law,
            "periodic",
            _REMITTER,
        ),
    )
    unsaid = _unsaid(mail, specific, total(choose(item, by_value, 0)), per_item)
    emergency = emergency_duties(entry, case.value, case.china)
    return _assessment(case, entry, (*emergency, *charges), param("us.informal"), (unsaid,))


def suspended() -> Assessment:
    """29 August 2025 to 23 February 2026: no exemption; mail bears the IEEPA duty of its origin alone."""
    case = _case()
    entry, mail = _entry_and_mail(case, "Executive Order 14324 s. 2", "Executive Order 14324 s. 3")
    free = matches("items.preference", "USMCA") & param("us.ieepa.usmca")
    rate = step(
        "mail_rate",
        choose(free | good("informational"), 0, lookup("ieepa_postal", "rate")),
        "Executive Order 14324 s. 3(b)",
        "the IEEPA rate of the country of origin",
    )
    specific = any_item(lookup("postal_method", "specific"))
    by_value = ratio(case.value, rate)
    per_item = choose(
        any_item(rate > param("us.postal.band.high")),
        param("us.postal.specific.high"),
        choose(
            any_item(rate >= param("us.postal.band.middle")),
            param("us.postal.specific.middle"),
            param("us.postal.specific.low"),
        ),
    )
    law = "Executive Order 14324 s. 3"
    charges = (
        Charge(
            "us.postal.ad_valorem",
            "duty",
            "ad_valorem_postal_duty",
            choose(mail, choose(specific, False, rate > 0), False),
            step("mail_by_value", by_value, law),
            law,
            "periodic",
            _REMITTER,
            base=case.value,
            rate=rate,
        ),
        Charge(
            "us.postal.specific",
            "duty",
            "specific_postal_duty",
            choose(mail, choose(specific, any_item(rate > 0), False), False),
            step("mail_per_item", per_item, law, "by the band of the highest rate in it"),
            law,
            "periodic",
            _REMITTER,
        ),
    )
    unsaid = _unsaid(mail, specific, total(by_value), per_item)
    emergency = emergency_duties(entry, case.value, case.china)
    return _assessment(case, entry, (*emergency, *charges), param("us.informal"), (unsaid,))


def surcharge() -> Assessment:
    """24 February to 23 July 2026: the section 122 surcharge; mail bears it alone."""
    case = _case()
    entry, mail = _entry_and_mail(case, "Executive Order 14388", "Executive Order 14388 s. 3")
    rate = param("us.s122")
    foreign = ~matches("items.origin_country", "US") & ~good("informational")
    charge = Charge(
        "us.postal.s122",
        "duty",
        "section_122",
        choose(mail, foreign, False),
        step("mail_by_value", ratio(case.value, rate), "Executive Order 14388 s. 3"),
        "Executive Order 14388 s. 3",
        "periodic",
        _REMITTER,
        base=case.value,
        rate=rate,
    )
    layers = (surcharge_duty(entry, case.value), brazil_duty(entry, case.value))
    return _assessment(case, entry, (*layers, charge), param("us.informal"))


def all_duties() -> Assessment:
    """From 24 July 2026: every consignment bears all duties, by mail or not."""
    case = _case()
    kept = case.small & case.printed
    entry = step(
        "entry",
        case.charged & ~(kept & param("us.suspension.all")),
        "19 CFR 10.151 and 145.31",
        "no exemption for low value; all duties apply",
    )
    later = (brazil_duty(entry, case.value), *later_duties(entry, case.value))
    return _assessment(case, entry, later, param("us.informal"))


def _entry_and_mail(case: _Case, entry_law: str, mail_law: str) -> tuple[Node, Node]:
    """Which consignments are entered with all duties, and which are mail with a duty of its own."""
    lost = param("us.suspension.all") & ~case.printed
    mail = step(
        "mail",
        case.charged & case.postal & case.small & lost,
        mail_law,
        "mail within the old limit bears a duty in place of all others",
    )
    kept = case.small & (~lost | case.postal)
    entry = step("entry", case.charged & ~kept, entry_law, "no exemption for low value; all duties apply")
    return entry, mail


def _unsaid(mail: Node, specific: Node, by_value: Node, per_item: Node) -> Remark:
    """Both amounts where the carrier's choice isn't known."""
    return Remark(
        METHOD_MISSING,
        choose(mail, ~known(specific), False),
        (
            "the carrier's method for mail isn't given: by value the duty is ",
            by_value,
            " USD, per postal item ",
            per_item,
            " USD",
        ),
        "/elections/us_postal_method",
        "Executive Order 14324 s. 3",
        asks=True,
    )


def _assessment(
    case: _Case, entry: Node, own: tuple[Charge, ...], split_limit: Node, remarks: tuple[Remark, ...] = ()
) -> Assessment:
    alone = Remark(
        ALONE,
        choose(case.single, case.charged & (case.small | is_gift()), False),
        ("what else this person receives today isn't known; the consignment was taken alone",),
        "",
        _EXEMPTION,
    )
    claimed = Remark(
        PREFERENCE,
        choose(entry, present("items.preference"), False),
        ("a preferential rate is claimed; the ordinary rate was charged",),
        "/preference",
        "HTSUS general notes",
    )
    excise = Charge(
        "us.excise",
        "tax",
        "excise",
        choose(case.charged, good("excise"), False),
        lookup("excise", "amount"),
        "26 U.S.C. 5001 and 5701",
        "at_border",
        always("buyer"),
    )
    high = step(
        "formal_entry",
        case.goods > param("us.informal"),
        "19 CFR 143.21",
        "above the limit of informal entry",
    )
    return Assessment(
        case.goods,
        total(case.value),
        high,
        (*standing_duties(entry, case.value), *own, excise, *fees(entry, high, case.goods)),
        (alone, claimed, *_datasets(entry, high), *unshown_fees(entry, high), *remarks),
        split_limit=split_limit,
        item_value=case.value,
    )


def _datasets(entry: Node, formal: Node) -> tuple[Remark, ...]:
    """Entry types that the law doesn't admit for the consignment."""
    exempt_only = ("entry type 86 is for goods within the exemption: file an entry of type 01 or 11",)
    informal = (
        "informal entry is for goods up to ",
        param("us.informal"),
        " USD: file a formal entry, type 01",
    )
    return (
        Remark(
            INADMISSIBLE,
            matches("dataset", "ET86") & entry,
            exempt_only,
            "/dataset",
            "19 CFR 10.151",
            asks=True,
        ),
        Remark(
            INADMISSIBLE,
            matches("dataset", "ET11") & formal,
            informal,
            "/dataset",
            "19 CFR 143.21",
            asks=True,
        ),
    )
