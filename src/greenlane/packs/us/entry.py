"""What an entry bears: the ordinary duty, the layers above it, and fees. Rules that aren't in force give nothing."""

from greenlane.law.graph import Node, any_item, choose, larger, lookup, matches, param, ratio, smaller, step
from greenlane.law.pack import Charge, always, in_force
from greenlane.packs.building import duty_by_tariff, good

_TEXTILE_PARTIES = ("CR", "DO", "GT", "HN", "NI", "SV")


def entry_duties(entry: Node, value: Node, china: Node) -> tuple[Charge, ...]:
    """The duties of goods that are entered.

    Stacking: the reciprocal duty, the orders on one country and section 122 don't stand on goods of section 232
    (HTSUS 9903.01.33, 9903.01.83, 9903.03.06); the fentanyl duty does for goods of China and not for Canada and
    Mexico. Informational materials bear none of them.
    """
    usmca = matches("items.preference", "USMCA")
    on_232 = lookup("s232", "applies")
    printed = good("informational")
    ordinary = duty_by_tariff(
        value, "HTSUS, column 1 general; column 2 for the countries of general note 3(b)"
    )
    spared = usmca & param("us.ieepa.usmca")
    textile = (
        matches("items.preference", "CAFTA-DR")
        & good("textile")
        & matches("items.origin_country", *_TEXTILE_PARTIES)
    )
    of_usmca = usmca & matches("items.origin_country", "CA", "MX")
    emergency = choose(entry, ~printed, False)

    def layer(rule: str, name: str, family: str, when: Node, law: str) -> Charge:
        rate = lookup(family, "rate")
        amount = step(name, ratio(value, rate), law)
        return Charge(
            rule,
            "duty",
            name,
            choose(when, rate > 0, False),
            amount,
            law,
            "at_border",
            always("buyer"),
            base=value,
            rate=rate,
        )

    def off_232(when: Node, family: str) -> Node:
        """Where the layer has a rate at all, it stands only on goods outside section 232."""
        return choose(choose(when, lookup(family, "rate") > 0, False), ~on_232, False)

    return (
        Charge(
            "us.column_1",
            "duty",
            "column_1_general",
            entry,
            ordinary,
            "HTSUS",
            "at_border",
            always("buyer"),
            base=value,
            rate=lookup("tariff", "ad_valorem"),
        ),
        layer("us.s301", "section_301", "s301", entry, "Trade Act of 1974 s. 301; HTSUS 9903.88 and 9903.91"),
        layer("us.s232", "section_232", "s232", entry, "Trade Expansion Act of 1962 s. 232"),
        layer(
            "us.ieepa.fentanyl",
            "ieepa_fentanyl",
            "ieepa_fentanyl",
            choose(
                choose(emergency, ~spared, False),
                choose(china, True, off_232(entry, "ieepa_fentanyl")),
                False,
            ),
            "Executive Orders 14193, 14194 and 14195",
        ),
        layer(
            "us.ieepa.reciprocal",
            "ieepa_reciprocal",
            "ieepa_reciprocal",
            off_232(emergency, "ieepa_reciprocal"),
            "Executive Order 14257",
        ),
        layer(
            "us.ieepa.order",
            "ieepa",
            "ieepa_order",
            off_232(emergency, "ieepa_order"),
            "Executive Order 14323 (Brazil); HTSUS 9903.01.84 (India)",
        ),
        layer(
            "us.s122",
            "section_122",
            "s122",
            off_232(choose(emergency, ~of_usmca & ~textile, False), "s122"),
            "Trade Act of 1974 s. 122; HTSUS 9903.03.01",
        ),
        layer(
            "us.s301_forced_labour",
            "section_301_forced_labour",
            "forced_labour",
            entry,
            "Trade Act of 1974 s. 301; HTSUS 9903.05.20-.84",
        ),
        layer(
            "us.s301_brazil",
            "section_301_brazil",
            "s301_brazil",
            entry,
            "Trade Act of 1974 s. 301; HTSUS 9903.05.01",
        ),
        layer("us.s338", "section_338", "s338", entry, "Tariff Act of 1930 s. 338"),
    )


def fees(entry: Node, formal: Node, goods: Node) -> tuple[Charge, ...]:
    """Fees of an entry; those of express facilities and of mail aren't shown to apply, and say so."""
    bears = choose(entry, any_item(~matches("items.preference", "USMCA")), False)
    share = ratio(goods, param("us.mpf.rate"))
    processing = step(
        "merchandise_processing_fee",
        smaller(larger(share, param("us.mpf.min")), param("us.mpf.max")),
        "19 CFR 24.23(b)(1)",
        "a share of the value between a least and a greatest amount",
    )
    express, postal = matches("channel", "express"), matches("channel", "postal")
    sea = matches("transport_mode", "sea")
    return (
        Charge(
            "us.mpf.formal",
            "fee",
            "merchandise_processing_fee",
            choose(bears, formal, False),
            processing,
            "19 CFR 24.23(b)(1)",
            "at_border",
            always("buyer"),
            base=goods,
            rate=param("us.mpf.rate"),
        ),
        Charge(
            "us.mpf.informal",
            "fee",
            "merchandise_processing_fee",
            choose(bears, ~formal & ~express & ~postal, False),
            param("us.mpf.informal"),
            "19 CFR 24.23(b)(2)",
            "at_border",
            always("buyer"),
        ),
        Charge(
            "us.fee.express",
            "fee",
            "express_waybill_fee",
            choose(choose(bears, ~formal & express, False), in_force("us.fee.express"), False),
            param("us.fee.express"),
            "19 CFR 24.23(b)(4)",
            "periodic",
            always("carrier"),
        ),
        Charge(
            "us.fee.mail",
            "fee",
            "dutiable_mail_fee",
            choose(choose(bears, ~formal & postal, False), in_force("us.fee.mail"), False),
            param("us.fee.mail"),
            "19 CFR 24.22(f)",
            "at_border",
            always("buyer"),
        ),
        Charge(
            "us.hmf",
            "fee",
            "harbor_maintenance_fee",
            choose(entry, formal & sea, False),
            step("harbor_maintenance_fee", ratio(goods, param("us.hmf")), "26 U.S.C. 4461"),
            "26 U.S.C. 4461",
            "at_border",
            always("buyer"),
            base=goods,
            rate=param("us.hmf"),
        ),
    )
