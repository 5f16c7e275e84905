"""What an entry bears: the ordinary duty, the layers above it, and fees."""

from greenlane.law.graph import Node, any_item, choose, larger, lookup, matches, param, ratio, smaller, step
from greenlane.law.pack import Charge, Remark, always
from greenlane.law.parameters import PENDING
from greenlane.packs.building import duty_by_tariff, good

_TEXTILE_PARTIES = ("CR", "DO", "GT", "HN", "NI", "SV")


def standing_duties(entry: Node, value: Node) -> tuple[Charge, ...]:
    """The ordinary duty, section 301 on China and section 232."""
    ordinary = duty_by_tariff(
        value, "HTSUS, column 1 general; column 2 for the countries of general note 3(b)"
    )
    law = "HTSUS"
    column = Charge(
        "us.column_1", "duty", "column_1_general", entry, ordinary, law, "at_border", always("buyer"),
        base=value, rate=lookup("tariff", "ad_valorem"),
    )  # fmt: skip
    china_lists = "Trade Act of 1974 s. 301; HTSUS 9903.88 and 9903.91"
    return (
        column,
        _layer("us.s301", "section_301", "s301", entry, value, china_lists),
        _layer("us.s232", "section_232", "s232", entry, value, "Trade Expansion Act of 1962 s. 232"),
    )


def emergency_duties(entry: Node, value: Node, china: Node) -> tuple[Charge, ...]:
    """The duties under the emergency powers act: fentanyl, reciprocal, and orders on one country.

    The reciprocal duty and the orders don't stand on goods of section 232 (HTSUS 9903.01.33 and 9903.01.83);
    the fentanyl duty does for goods of China, not for those of Canada and Mexico. Goods of the USMCA and
    informational materials bear none of them.
    """
    bears = choose(entry, ~good("informational"), False)
    spared = matches("items.preference", "USMCA") & param("us.ieepa.usmca")
    fentanyl = choose(china, True, _off_232(entry, "ieepa_fentanyl"))
    orders = "Executive Order 14323 (Brazil); HTSUS 9903.01.84 (India)"
    return (
        _layer("us.ieepa.fentanyl", "ieepa_fentanyl", "ieepa_fentanyl",
               choose(choose(bears, ~spared, False), fentanyl, False), value,
               "Executive Orders 14193, 14194 and 14195"),
        _layer("us.ieepa.reciprocal", "ieepa_reciprocal", "ieepa_reciprocal",
               _off_232(bears, "ieepa_reciprocal"), value, "Executive Order 14257"),
        _layer("us.ieepa.order", "ieepa", "ieepa_order", _off_232(bears, "ieepa_order"), value, orders),
    )  # fmt: skip


def surcharge_duty(entry: Node, value: Node) -> Charge:
    """Section 122: not on goods of section 232 or of the USMCA, textiles of CAFTA-DR, books."""
    bears = _of_no_agreement(entry)
    law = "Trade Act of 1974 s. 122; HTSUS 9903.03.01"
    return _layer("us.s122", "section_122", "s122", _off_232(bears, "s122"), value, law)


def brazil_duty(entry: Node, value: Node) -> Charge:
    """Section 301 on goods of Brazil, from 22 July 2026: not on goods of section 232, nor on books."""
    law = "Trade Act of 1974 s. 301; HTSUS 9903.05.01 and U.S. note 50"
    bears = choose(entry, ~good("informational"), False)
    return _layer(
        "us.s301_brazil", "section_301_brazil", "s301_brazil", _off_232(bears, "s301_brazil"), value, law
    )


def later_duties(entry: Node, value: Node) -> tuple[Charge, ...]:
    """Section 301 over forced labour, and section 338 on goods of Canada, of the USMCA or not."""
    law = "Trade Act of 1974 s. 301; HTSUS 9903.05.20-.99 and U.S. note 52"
    bears = _off_232(_of_no_agreement(entry), "forced_labour")
    listed = _off_232(entry, "s338")
    return (
        _layer("us.s301_forced_labour", "section_301_forced_labour", "forced_labour", bears, value, law),
        _layer("us.s338", "section_338", "s338", listed, value, "Tariff Act of 1930 s. 338; U.S. note 51"),
    )


def _of_no_agreement(entry: Node) -> Node:
    """Entered goods but books, goods of Canada and Mexico under the USMCA, textiles under CAFTA-DR."""
    usmca = matches("items.preference", "USMCA") & matches("items.origin_country", "CA", "MX")
    claimed = matches("items.preference", "CAFTA-DR") & matches("items.origin_country", *_TEXTILE_PARTIES)
    textile = choose(claimed, good("textile"), False)
    return choose(entry, ~good("informational") & ~usmca & ~textile, False)


def _layer(rule: str, name: str, family: str, when: Node, value: Node, law: str) -> Charge:
    rate = lookup(family, "rate")
    amount = step(name, ratio(value, rate), law)
    stands = choose(when, rate > 0, False)
    return Charge(
        rule, "duty", name, stands, amount, law, "at_border", always("buyer"), base=value, rate=rate
    )


def _off_232(when: Node, family: str) -> Node:
    """True where the layer has a rate and the goods lie outside section 232, which is asked only then."""
    return choose(choose(when, lookup(family, "rate") > 0, False), ~lookup("s232", "applies"), False)


def fees(entry: Node, formal: Node, goods: Node) -> tuple[Charge, ...]:
    """The merchandise processing fee, and by sea the harbor fee, of an entry."""
    bears = _bears_fee(entry)
    rate = param("us.mpf.rate")
    share = larger(ratio(goods, rate), param("us.mpf.min"))
    law = "19 CFR 24.23(b)(1)"
    processing = step(
        "merchandise_processing_fee", smaller(share, param("us.mpf.max")), law,
        "a share of the value between a least and a greatest amount",
    )  # fmt: skip
    by_filer = ~formal & ~matches("channel", "express", "postal")
    harbor = step("harbor_maintenance_fee", ratio(goods, param("us.hmf")), "26 U.S.C. 4461")
    by_sea = choose(entry, formal & matches("transport_mode", "sea"), False)
    return (
        Charge("us.mpf.formal", "fee", "merchandise_processing_fee", choose(bears, formal, False), processing,
               law, "at_border", always("buyer"), base=goods, rate=rate),
        Charge("us.mpf.informal", "fee", "merchandise_processing_fee", choose(bears, by_filer, False),
               param("us.mpf.informal"), "19 CFR 24.23(b)(2)", "at_border", always("buyer")),
        Charge("us.hmf", "fee", "harbor_maintenance_fee", by_sea, harbor, "26 U.S.C. 4461", "at_border",
               always("buyer"), base=goods, rate=param("us.hmf")),
    )  # fmt: skip


def unshown_fees(entry: Node, formal: Node) -> tuple[Remark, ...]:
    """The fees that rest on how an officer or an express facility works, which a declaration doesn't tell."""
    informal = choose(_bears_fee(entry), ~formal, False)
    waybill = (
        "a fee for each waybill is paid by the express facility, not shown for this consignment; not charged"
    )
    mail = "a fee for dutiable mail is due where an officer prepares the entry, not shown here; not charged"
    return (
        Remark(
            PENDING,
            choose(informal, matches("channel", "express"), False),
            (waybill,),
            "",
            "19 CFR 24.23(b)(4)",
        ),
        Remark(
            PENDING, choose(informal, matches("channel", "postal"), False), (mail,), "", "19 CFR 24.22(f)"
        ),
    )


def _bears_fee(entry: Node) -> Node:
    """Goods that wholly claim the USMCA bear no processing fee (19 U.S.C. 58c(b)(10))."""
    return choose(entry, any_item(~matches("items.preference", "USMCA")), False)
