"""The law of Mexico on parcels by courier and post, from 1 January 2025."""

from dataclasses import dataclass
from datetime import date

from greenlane.law.graph import (
    Node,
    any_item,
    choose,
    const,
    lookup,
    matches,
    param,
    ratio,
    step,
    total,
)
from greenlane.law.pack import Assessment, Charge, Formula, Pack, Remark, always, cases
from greenlane.packs.building import (
    DECLARATION_FEE,
    EVIDENCE,
    PROCEDURE,
    at_most_foreign,
    declared_with_transport,
    duty_by_tariff,
    duty_lookup,
    exchange,
    excise_lookup,
    foreign,
    good,
    goods_lookup,
    in_own,
    is_documents,
    is_returned,
    only_with_code,
    read_law,
    values,
)

_LAW = read_law("mx")
_COURIER = "RGCE rule 3.7.35"
_POST = "RGCE rule 3.7.2"
_VALUE = "Ley Aduanera art. 64, 65"
_GENERAL = "Ley Aduanera art. 51, 80; Ley del IVA art. 24, 27"
_DTA = "Ley Federal de Derechos art. 49 IV"
_USMCA = ("US", "CA")
_TREATY = ("PA", "CL", "CO", "PE", "AU", "BN", "JP", "MY", "NZ", "SG", "VN")
"""Panama; the Pacific Alliance; the CPTPP, whose Canadian parcels have the rule of the USMCA."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """The value of the whole parcel in pesos, and in the declared currency for limits in dollars."""

    own: Node
    declared: Node

    def within(self, limit: str) -> Node:
        """Whether the parcel is worth at most a limit in dollars."""
        return at_most_foreign(self.own, self.declared, param(limit), "usd", "USD")


def simplified() -> Assessment:
    """One global rate by courier or post, with bands from the United States and Canada; else the general regime."""
    v = values(home="MXN")
    goods = step("price", v.goods, _VALUE, "the price of the goods")
    customs_value = step("customs_value", v.value + v.transport, _VALUE, "price, with freight and insurance")
    parcel = _Parcel(total(customs_value), total(declared_with_transport()))
    charged = ~is_documents() & ~is_returned()
    courier = matches("channel", "express") & ~matches("elections.courier", "unregistered")
    post = matches("channel", "postal")
    simple = step(
        "simplified_procedure",
        choose(
            matches("elections.regulated", "yes"),
            False,
            choose(
                courier,
                parcel.within("mx.courier.limit"),
                choose(post, parcel.within("mx.post.limit"), False),
            ),
        ),
        f"{_COURIER}; {_POST}",
        "by a registered courier or by post up to the limit, and not subject to non-tariff measures",
    )
    free = step(
        "exempt",
        choose(post, parcel.within("mx.post.free"), _courier_free(parcel)),
        f"{_COURIER}; {_POST}",
        "no import tax and no VAT up to the limit of the country that the parcel comes from",
    )
    special = good("special")
    rate = choose(post, param("mx.post.rate"), _courier_rate(parcel))
    due = choose(charged, choose(simple, choose(special, True, ~free), False), False)
    amount = choose(special, lookup("excise", "amount"), ratio(customs_value, rate))
    general = choose(charged, ~simple, False)
    return Assessment(
        goods,
        parcel.own,
        ~simple,
        (
            Charge(
                "mx.global_rate",
                "tax",
                "global_rate",
                due,
                step(
                    "global_rate", amount, f"{_COURIER}; {_POST}", "one rate in place of duty, VAT and fees"
                ),
                f"{_COURIER}; {_POST}",
                "at_border",
                always("buyer"),
                cases((courier, "carrier"), otherwise="buyer"),
                base=customs_value,
                rate=choose(special, const(None), rate),
            ),
            Charge(
                "mx.general.duty",
                "duty",
                "customs_duty",
                general,
                duty_by_tariff(customs_value, _GENERAL),
                _GENERAL,
                "at_border",
                always("buyer"),
                base=customs_value,
                rate=lookup("tariff", "ad_valorem"),
            ),
            # VAT, the processing fee and any special tax of the general regime: no rates are held.
            Charge(
                "mx.general.vat",
                "tax",
                "vat",
                general,
                choose(special, lookup("excise", "amount"), const(None)),
                _GENERAL,
                "at_border",
                always("buyer"),
            ),
        ),
        (
            Remark(
                PROCEDURE,
                any_item(general),
                (
                    "the simplified procedures don't admit this parcel (by a registered courier up to ",
                    param("mx.courier.limit"),
                    " US dollars, by post up to ",
                    param("mx.post.limit"),
                    ", no non-tariff measures): declare it in the general regime, where import tax, VAT and the "
                    "processing fee are due, whose rates aren't held",
                ),
                "/channel",
                f"{_COURIER}; {_POST}",
                asks=True,
            ),
            Remark(
                DECLARATION_FEE,
                charged & simple & courier & any_item(free),
                (
                    "the courier owes the customs processing fee (DTA) for its declaration also where import tax and VAT "
                    "are exempt; this year's amount isn't held; not part of this total",
                ),
                "",
                _DTA,
            ),
            Remark(
                EVIDENCE,
                is_returned(),
                ("returned goods were taken as free: proof is needed that they left Mexico before",),
                "/transaction",
                "Ley Aduanera art. 103",
                asks=True,
            ),
        ),
        split_limit=in_own(choose(post, param("mx.post.free"), param("mx.usmca.free")), "usd"),
        item_value=v.value,
    )


def _courier_free(parcel: _Parcel) -> Node:
    """Exempt by courier: from the United States and Canada, and nearly nothing from other treaty countries."""
    return choose(
        matches("departure_country", *_USMCA),
        parcel.within("mx.usmca.free"),
        choose(matches("departure_country", *_TREATY), parcel.within("mx.treaty.free"), False),
    )


def _courier_rate(parcel: _Parcel) -> Node:
    near = choose(parcel.within("mx.usmca.band"), param("mx.usmca.middle"), param("mx.usmca.rate"))
    far = choose(matches("departure_country", *_TREATY), param("mx.treaty.rate"), param("mx.global.rate"))
    return choose(matches("departure_country", *_USMCA), near, far)


PACK = Pack(
    code="mx",
    name="Mexico",
    currency="MXN",
    members=("MX",),
    parameters=_LAW.parameters,
    formulas=(Formula("mx.simplified", date(2025, 1, 1), None, f"{_COURIER}; {_POST}", simplified),),
    lookups={
        **exchange("dof-fix", "MXN"),
        **foreign("usd", "USD", "dof-fix", "MXN"),
        "tariff": duty_lookup("mx-tariff", "MXN"),
        "goods": only_with_code(goods_lookup(_LAW, ("special",))),
        "excise": excise_lookup(),
    },
    elections={
        "courier": "unregistered: the courier is not in the register of rule 3.7.3",
        "regulated": "yes: the goods are subject to non-tariff regulations and restrictions",
    },
    text=(
        "A parcel by registered courier bears one global rate in place of import tax, VAT and fees: 19 % from January "
        "2025, 33.5 % from 15 August 2025. Coming from the United States or Canada it is exempt up to 50 US dollars, "
        "bears 17 % up to 117 and 19 % above; from other treaty countries it is exempt up to 1 dollar. The rules of "
        "2026 were not seen, and they end on 31 December 2026. By post a parcel is free up to 50 dollars and bears 19 % "
        "up to 1,000. An express parcel is taken as carried by a registered courier unless the election says "
        "otherwise. Alcohol and tobacco have rates of their own, which aren't held."
    ),
    uses=("mx-tariff",),
)
