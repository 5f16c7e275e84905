"""The law of the United States on low-value consignments, from 7 January 2013."""

from datetime import date

from greenlane.law.pack import Formula, GroupRule, Pack
from greenlane.packs.building import duty_lookup, exchange, excise_lookup, goods_lookup, read_law
from greenlane.packs.us.actions import action_lookups
from greenlane.packs.us.formulas import (
    all_duties,
    china_suspended,
    exemption,
    surcharge,
    suspended,
)
from greenlane.packs.us.lists import S122, S232, S301, list_lookups
from greenlane.packs.us.origins import BRAZIL_EXEMPT, EXEMPT, REDUCED, SCHEDULES, origin_lookups

_LAW = read_law("us")

PACK = Pack(
    code="us",
    name="United States",
    currency="USD",
    members=("US",),
    parameters=_LAW.parameters,
    formulas=(
        Formula("us.all_duties", date(2026, 7, 24), None, "19 CFR 10.151 and 145.31", all_duties),
        Formula("us.surcharge", date(2026, 2, 24), date(2026, 7, 24), "Trade Act of 1974 s. 122", surcharge),
        Formula("us.suspended", date(2025, 8, 29), date(2026, 2, 24), "Executive Order 14324", suspended),
        Formula(
            "us.china_suspended",
            date(2025, 5, 2),
            date(2025, 8, 29),
            "Executive Order 14256",
            china_suspended,
        ),
        Formula("us.exemption", date(2013, 1, 7), date(2025, 5, 2), "19 U.S.C. 1321(a)(2)(C)", exemption),
    ),
    lookups={
        **exchange("frb-ny", "USD", driver="export"),
        "tariff": duty_lookup("us-hts", "USD"),
        "goods": goods_lookup(_LAW, ("informational", "excise", "textile")),
        "excise": excise_lookup(),
        **list_lookups(_LAW),
        **origin_lookups(_LAW),
        **action_lookups(_LAW),
    },
    programmes={"TRAVELLER": "articles that accompany a person"},
    elections={
        "us_postal_method": "ad_valorem or specific: the carrier's choice for mail until 23 February 2026",
        "us_postal_remitter": "qualified_party: it pays the duty on mail in place of the carrier",
    },
    datasets={
        "ET86": "entry type 86, a test for goods within the exemption",
        "ET11": "informal entry, up to 2,500 dollars",
        "ET01": "formal entry",
        "ET13": "mail entry, a test that began in June 2026",
    },
    group=GroupRule(
        "us.person_day",
        "consignee and day",
        "19 U.S.C. 1321(a)(2)(C)",
        "what one person receives on one day counts together",
    ),
    text=(
        "Since 29 August 2025 no parcel to the United States is free of duty for its low value, whatever its "
        "worth and wherever it comes from. Every parcel bears the ordinary duty and the additional duties on "
        "its goods and its country of origin; since 24 July 2026 mail is treated like the rest, with a "
        "ten-digit code for each item. Gifts up to 100 dollars, and books and other informational materials "
        "up to 800 dollars, stay free. There is no federal tax on the sale; anti-dumping and countervailing "
        "duties and exclusions granted by description are not worked out here."
    ),
    uses=(
        *SCHEDULES,
        S301,
        S232,
        S122,
        EXEMPT,
        BRAZIL_EXEMPT,
        *(name for names in REDUCED.values() for name in names),
    ),
)
