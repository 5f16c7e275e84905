"""The law of the EU and of GB as an analyst writes it: pandas, vectorised, in whole minor units.

The bench measures greenlane against it. Like `greenlane.bench.rows` it knows the days of the bench's
stream and nothing else: no findings, no risk, no digests, no traces, no certainty.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from greenlane.bench.tables import Tables
from greenlane.values.money import RATE_SCALE, fit_articles

_FLAT_DUTY_FROM = pd.Timestamp(date(2026, 7, 1))

_HEADS = (
    "consignment_id",
    "channel",
    "transaction",
    "declaration_date",
    "departure_country",
    "destination_country",
    "dataset",
    "transport_mode",
    "currency",
    "scheme",
    "scheme_id",
    "seller_registered",
    "platform.id",
)
_COSTS = ("freight", "insurance", "other_charges")


def frame_of(rows: pl.DataFrame) -> pd.DataFrame:
    """Turn rows of items into a pandas frame: cents, thousandths of a piece, milligrams.

    An unknown amount of freight, insurance or other charges is NaN.
    """
    made = rows.select(
        *(name for name in _HEADS if name != "declaration_date"),
        pl.col("declaration_date").cast(pl.Datetime("us")),
        "freight_in_price",
        *((pl.col(name) * 100).cast(pl.Float64) for name in _COSTS),
        pl.col("items.item_id").alias("item_id"),
        pl.col("items.hs_code").alias("hs_code"),
        pl.col("items.origin_country").alias("origin_country"),
        (pl.col("items.quantity").cast(pl.Int64) * 1000).alias("quantity"),
        (pl.col("items.value") * 100).cast(pl.Int64).alias("value"),
        (pl.col("items.net_mass_kg") * 1_000_000).cast(pl.Float64).alias("net_mass"),
    )
    return made.to_pandas()


class Law:
    """The tables as frames to merge with and series to map with."""

    def __init__(self, t: Tables) -> None:
        self.t = t
        self.fx = {
            code: pd.DataFrame(
                [
                    (currency, pd.Timestamp(day), *(pair or (0, 0)))
                    for (pack, currency, day), pair in t.fx.items()
                    if pack == code
                ],
                columns=["currency", "declaration_date", "top", "bottom"],
            )
            for code in ("eu", "gb")
        }
        self.duty = {
            code: pd.DataFrame(
                [
                    (hs_code, origin, *(parts or (-1, 0, 0)))
                    for (pack, hs_code, origin), parts in t.duty.items()
                    if pack == code
                ],
                columns=["hs_code", "origin_country", "ad_valorem", "per_kg", "per_unit"],
            )
            for code in ("eu", "gb")
        }
        self.vat = pd.DataFrame(
            [(country, code, rate) for (country, code), rate in t.vat.items()],
            columns=["destination_country", "hs_code", "vat"],
        )
        self.air = {country or "": share for country, share in t.air.items()}
        self.min_collection = pd.Series(t.of_members("eu.min_collection"))
        self.min_collection_above = pd.Series(t.of_members("eu.min_collection.above"))
        self.lei = pd.Series(
            {
                pd.Timestamp(day): -1 if pair is None else int(_scaled(t.by_member["eu.fee.ro", "RO"], *pair))
                for day, pair in t.lei.items()
            }
        )


def assess_all(frame: pd.DataFrame, law: Law) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Assess every consignment: one row each with its sums, and one row a charge. Amounts are minor units."""
    british = frame["destination_country"] == "GB"
    found = [
        rule(_valued(part, code, law), law)
        for code, rule, part in (("eu", _eu, frame[~british]), ("gb", _gb, frame[british]))
        if len(part)
    ]
    return (
        pd.concat([outcomes for outcomes, _ in found], ignore_index=True),
        pd.concat([charges for _, charges in found], ignore_index=True),
    )


def _scaled(amount: Any, top: Any, bottom: Any) -> Any:
    """amount * top / bottom, rounded half up."""
    return (2 * amount * top + bottom) // (2 * bottom)


def _rated(amount: Any, rate: Any) -> Any:
    return _scaled(amount, rate, RATE_SCALE)


def _total(df: pd.DataFrame, amount: Any) -> pd.Series:
    return pd.Series(amount, index=df.index).groupby(df["key"], sort=False).transform("sum")


def _any(df: pd.DataFrame, condition: pd.Series) -> pd.Series:
    return condition.groupby(df["key"], sort=False).transform("any")


def _shared(df: pd.DataFrame, amount: pd.Series) -> pd.Series:
    """Split an amount of the consignment over its lines by value, so that the parts sum back."""
    weight, running, whole = df["line"], df["running"], df["whole"]
    divisor = whole.where(whole > 0, 1)
    parts = amount * running // divisor - amount * (running - weight) // divisor
    return parts.where(whole > 0, amount.where(df["lead"], 0))


def _valued(part: pd.DataFrame, code: str, law: Law) -> pd.DataFrame:
    """Add the values in the pack's currency, what each line bears of freight, and the rates of duty."""
    df = part.merge(law.fx[code], on=["currency", "declaration_date"], how="left")
    df = df.merge(law.duty[code], on=["hs_code", "origin_country"], how="left")
    df = df.merge(law.vat, on=["destination_country", "hs_code"], how="left")
    df["key"] = df.groupby("consignment_id", sort=False).ngroup()
    df["lead"] = ~df["key"].duplicated()
    known_rate = df["bottom"] > 0
    df["bottom"] = df["bottom"].where(known_rate, 1)
    df["line"] = _scaled(df["value"], df["top"], df["bottom"])
    df["running"] = df.groupby("key", sort=False)["line"].cumsum()
    df["whole"] = _total(df, df["line"])
    for name in _COSTS:
        known = df[name].notna()
        cents = df[name].fillna(0).astype("int64")
        df[f"{name}_known"] = known
        df[name] = _shared(df, _scaled(cents, df["top"], df["bottom"]))
    df["transport"] = df["freight"] + df["insurance"] + df["other_charges"]
    df["transport_known"] = df["freight_known"] & df["insurance_known"] & df["other_charges_known"]
    inside = df["freight_in_price"].astype(bool)
    df["price"] = df["line"] - df["freight"].where(inside, 0)
    df["price_known"] = known_rate & (df["freight_known"] | ~inside)
    df["goods"] = _total(df, df["price"])
    df["gift"] = df["transaction"] == "c2c_gift"
    df["b2c"] = df["transaction"] == "b2c"
    df["charged"] = ~df["transaction"].isin(["documents", "returned_goods"])
    df["excise"] = df["hs_code"].str.startswith(law.t.excise[code])
    df["no_relief"] = df["hs_code"].str.startswith(law.t.no_relief[code])
    df["any_excise"] = _any(df, df["excise"])
    df["relieved"] = _gift_relief(df, law.t.parameters[f"{code}.gift.limit"])
    df["left"] = df["price"] - df["relieved"]
    by_seller = df["seller_registered"].fillna(False).astype(bool) | df["platform.id"].isna()
    df["vendor"] = np.where(by_seller, "seller", "platform")
    return df


def _gift_relief(df: pd.DataFrame, limit: int) -> pd.Series:
    relieved = pd.Series(0, index=df.index)
    for _, lines in df[df["gift"]].groupby("key", sort=False):
        prices, quantities = lines["price"].tolist(), lines["quantity"].tolist()
        relieved.loc[lines.index] = fit_articles(prices, quantities, limit)
    return relieved


def _by_tariff(df: pd.DataFrame, base: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the duty of the tariff line on a base, and where it isn't known."""
    mass = df["net_mass"].fillna(0).astype("int64")
    amount = base * df["ad_valorem"]
    specific = (df["per_kg"] > 0) | (df["per_unit"] > 0)
    if specific.any():
        amount = amount + (mass * (df["per_kg"] // 1_000) + df["quantity"] * df["per_unit"]) // 1_000
    unknown = (df["ad_valorem"] < 0) | ((df["per_kg"] > 0) & df["net_mass"].isna())
    return (2 * amount + RATE_SCALE) // (2 * RATE_SCALE), unknown


def _charges(
    df: pd.DataFrame,
    when: pd.Series,
    kind: str,
    name: str,
    amount: Any,
    collected: str,
    liable: Any,
    payer: Any,
    base: Any = None,
    rate: Any = None,
) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "consignment_id": df["consignment_id"],
            "item_id": df["item_id"],
            "kind": kind,
            "name": name,
            "amount": amount,
            "collected": collected,
            "liable": liable,
            "payer": payer,
            "base": base,
            "rate": rate,
        }
    )
    return rows[when]


def _outcomes(
    df: pd.DataFrame,
    duty: pd.Series,
    tax: pd.Series,
    fees: pd.Series,
    payable: pd.Series,
    unknown: pd.Series,
    limit: int,
) -> pd.DataFrame:
    sums = (
        pd.DataFrame({"key": df["key"], "duty": duty, "tax": tax, "fees": fees, "payable_at_border": payable})
        .groupby("key", sort=False)
        .sum()
    )
    lost = unknown.groupby(df["key"], sort=False).any().to_numpy()
    heads = df[df["lead"]]
    found = sums.reset_index(drop=True)
    found.insert(0, "consignment_id", heads["consignment_id"].to_numpy())
    found["status"] = np.where(lost, "incomplete", "assessed")
    high = (heads["goods"] > limit).to_numpy()
    due = (found["payable_at_border"] > 0).to_numpy()
    documents = (heads["transaction"] == "documents").to_numpy()
    found["category"] = np.select([documents, high, due], [1, 4, 3], 2)
    wrong_dataset = (heads["dataset"] == "H7").to_numpy() & (high | heads["any_excise"].to_numpy())
    found["disposition"] = np.select(
        [lost, wrong_dataset, due], ["hold", "request_information", "release_on_payment"], "release"
    )
    return found


def _eu(df: pd.DataFrame, law: Law) -> tuple[pd.DataFrame, pd.DataFrame]:
    p = law.t.parameters
    goods, left, charged = df["goods"], df["left"], df["charged"]
    low_sale = df["b2c"] & (goods <= p["eu.ioss.limit"]) & ~df["any_excise"]
    ioss = low_sale & (df["scheme"] == "IOSS")
    special = low_sale & (df["scheme"] == "SPECIAL")
    ordinary = charged & ~ioss & ~special
    flat_period = df["declaration_date"] >= _FLAT_DUTY_FROM
    flat = charged & flat_period & df["b2c"] & (goods <= p["eu.flat_duty.scope"])
    digits = df["hs_code"].str.slice(0, 6)
    first_of_six = ~pd.DataFrame({"key": df["key"], "code": digits}).duplicated()
    first_of_ten = ~pd.DataFrame({"key": df["key"], "code": df["hs_code"].str.slice(0, 10)}).duplicated()
    first_line = first_of_six.where(df["dataset"] != "H1", first_of_ten)
    free = ~flat_period & (goods <= p["eu.relief.limit"]) & ~df["no_relief"]
    dutiable = charged & ~flat & ~free
    post = df["channel"] == "postal"
    flown = (df["transport_mode"] == "air") & ~post
    share = df["departure_country"].fillna("").map(law.air)
    freight = df["freight"].where(~flown, _rated(df["freight"], share)).where(~(post & df["gift"]), 0)
    customs_value = df["price"] + freight + df["insurance"] + df["other_charges"]
    base = (customs_value - df["relieved"]).where(left > 0, 0).where(df["gift"], customs_value)
    by_tariff, no_rate = _by_tariff(df, base)
    gift_flat = df["gift"] & (_total(df, left) <= p["eu.gift.flat_rate_limit"])
    untaxed = (df["ad_valorem"] == 0) & (df["per_kg"] == 0) & (df["per_unit"] == 0)
    by_gift = _rated(base, p["eu.gift.flat_rate"]).where(~untaxed, 0)
    based = dutiable & (~df["gift"] | (left > 0))
    own = by_tariff.where(~gift_flat, by_gift).where(based, 0)
    flat_due = pd.Series(np.where(flat & first_line, p["eu.flat_duty.amount"], 0), index=df.index)
    duty = own + flat_due
    vat = df["vat"]
    sale_base = df["price"] + df["transport"]
    import_base = (left + df["transport"] + duty).where(left > 0, 0)
    tax_base = import_base.where(~ioss, sale_base)
    tax = _rated(tax_base, vat).where(charged, 0)
    border = _total(df, tax.where(ordinary, 0) + duty)
    country = df["destination_country"]
    above = country.map(law.min_collection_above)
    waived = border < country.map(law.min_collection).where(goods <= p["eu.simplified.limit"], above)
    own_due = own.where(~waived, 0)
    tax_due = tax.where(~(waived & ordinary), 0)
    small = charged & (goods <= p["eu.simplified.limit"])
    sale = small & df["b2c"]
    taxed = (df["dataset"] != "H1") & (~df["gift"] | (_total(df, left) > 0))
    french = small & taxed & (df["destination_country"] == "FR") & first_of_six
    below = goods < p["eu.fee.ro.below"]
    romanian = sale & (df["destination_country"] == "RO") & below & df["lead"]
    romanian_due = df["declaration_date"].map(law.lei)
    french_due = law.t.by_member["eu.fee.fr", "FR"]
    at_border = np.where(french, french_due, 0)
    fees = romanian_due.where(romanian, 0) + at_border
    needs_transport = charged & (ioss | (left > 0))
    unknown = (
        ~df["price_known"]
        | (needs_transport & ~df["transport_known"])
        | (based & no_rate & ~(gift_flat & (df["ad_valorem"] >= 0)))
        | (based & ~df["transport_known"])
        | (charged & df["excise"])
        | (romanian & (romanian_due < 0))
    )
    payable = own_due + flat_due + tax_due.where(ordinary, 0) + at_border
    outcomes = _outcomes(df, own_due + flat_due, tax_due, fees, payable, unknown, p["eu.simplified.limit"])
    vendor = df["vendor"]
    flat_payer = np.select([ioss, special], [vendor, "carrier"], "buyer")
    lists = [
        _charges(
            df,
            flat & first_line,
            "duty",
            "flat_duty",
            flat_due,
            "at_border",
            vendor.where(ioss, "buyer"),
            flat_payer,
        ),
        _charges(
            df,
            dutiable,
            "duty",
            "customs_duty",
            own_due,
            "at_border",
            "buyer",
            "buyer",
            customs_value,
            df["ad_valorem"],
        ),
        _charges(df, charged & ioss, "tax", "vat", tax_due, "at_sale", vendor, vendor, tax_base, vat),
        _charges(df, charged & special, "tax", "vat", tax_due, "periodic", "buyer", "carrier", tax_base, vat),
        _charges(df, ordinary, "tax", "vat", tax_due, "at_border", "buyer", "buyer", tax_base, vat),
        _charges(
            df, french, "fee", "fr_small_parcels_tax", french_due, "at_border", "declarant", "declarant"
        ),
        _charges(df, romanian, "fee", "ro_logistics_fee", romanian_due, "periodic", vendor, "carrier"),
    ]
    return outcomes, pd.concat([rows for rows in lists if len(rows)], ignore_index=True)


def _gb(df: pd.DataFrame, law: Law) -> tuple[pd.DataFrame, pd.DataFrame]:
    p = law.t.parameters
    goods, left, charged = df["goods"], df["left"], df["charged"]
    low = goods <= p["gb.relief.limit"]
    at_sale = charged & low & df["b2c"] & ~df["any_excise"]
    reverse = (
        charged & low & (df["transaction"] == "b2b") & (df["scheme"] == "GB_VAT") & df["scheme_id"].notna()
    )
    ordinary = charged & ~at_sale & ~reverse
    dutiable = charged & (~low | df["no_relief"])
    customs_value = df["price"] + df["transport"]
    base = (customs_value - df["relieved"]).where(left > 0, 0).where(df["gift"], customs_value)
    by_tariff, no_rate = _by_tariff(df, base)
    duty = by_tariff.where(dutiable, 0)
    rate = df["vat"]
    sold = at_sale | reverse
    tax_base = (left + df["transport"] + duty).where(left > 0, 0).where(~sold, customs_value)
    tax = _rated(tax_base, rate).where(charged, 0)
    waived = (df["channel"] == "postal") & (_total(df, duty) < p["gb.min_collection.duty"])
    due = duty.where(~waived, 0)
    unknown = (
        ~df["price_known"]
        | (charged & (sold | (left > 0)) & ~df["transport_known"])
        | (dutiable & (no_rate | (~df["transport_known"] & (~df["gift"] | (left > 0)))))
        | (charged & df["excise"])
    )
    none, vendor = pd.Series(0, index=df.index), df["vendor"]
    outcomes = _outcomes(df, due, tax, none, due + tax.where(ordinary, 0), unknown, p["gb.relief.limit"])
    lists = [
        _charges(
            df,
            dutiable,
            "duty",
            "customs_duty",
            due,
            "at_border",
            "buyer",
            "buyer",
            customs_value,
            df["ad_valorem"],
        ),
        _charges(df, at_sale, "tax", "vat", tax, "at_sale", vendor, vendor, tax_base, rate),
        _charges(df, reverse, "tax", "vat", tax, "periodic", "buyer", "buyer", tax_base, rate),
        _charges(df, ordinary, "tax", "vat", tax, "at_border", "buyer", "buyer", tax_base, rate),
    ]
    return outcomes, pd.concat([rows for rows in lists if len(rows)], ignore_index=True)
