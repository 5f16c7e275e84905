"""Identifiers of parcels, traders, persons, goods and places: shape and check digit.

Each ``check_*`` takes the text exactly as it came (no trimming, no change of case) and gives a `Verdict`. A
failed check digit is a warning in intake (real data holds such), a malformed identifier an error.
"""

import re
from datetime import date
from enum import StrEnum
from functools import cache
from operator import mul

from stdnum import ean
from stdnum.au import abn
from stdnum.eu import oss, vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.iso7064 import mod_11_2


class Verdict(StrEnum):
    """What a check of an identifier found."""

    OK = "ok"
    BAD_CHECK_DIGIT = "bad_check_digit"
    MALFORMED = "malformed"


S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
S10_PATTERN = r"^[A-Z]{2}[0-9]{9}[A-Z]{2}$"
IOSS_PATTERN = r"^IM[0-9]{10}$"
GTIN_PATTERN = r"^(?:[0-9]{8}|[0-9]{12,14})$"
UNIT_PATTERN = r"^[A-Z0-9]{2,3}$"
LOCODE_PATTERN = r"^[A-Z]{2}[A-Z2-9]{3}$"

UNITS = frozenset(
    """C62 H87 EA PR DZN DPC SET PA PK NMP KGM GRM MGM CGM HGM TNE LBR ONZ CTM LTR MLT CLT DLT HLT LPA MTR CMT
    MMT KMT FOT INH YRD MTK CMK MMK FTK MTQ CMQ DMQ KWH MWH MIL CEN NAR NPR NCL NPL RO ST P1 BX BG CT
    ROL""".split()
)
"""Units of UNECE Recommendation 20 and package units of Recommendation 21 that parcels use."""

_S10 = re.compile(S10_PATTERN, re.ASCII)
_EORI = re.compile(
    r"^(?:AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[A-Z0-9]{1,15}$",
    re.ASCII,
)
_IOSS = re.compile(IOSS_PATTERN, re.ASCII)
_VAT = re.compile(r"^[A-Z]{2}[A-Z0-9+*]{2,13}$", re.ASCII)
_GB_VAT = re.compile(r"^(?:GB)?(?:[0-9]{9}|[0-9]{12}|GD[0-4][0-9]{2}|HA[5-9][0-9]{2})$", re.ASCII)
_GTIN = re.compile(GTIN_PATTERN, re.ASCII)
_PCCC = re.compile(r"^P[0-9]{12}$", re.ASCII)
_LOCODE = re.compile(LOCODE_PATTERN, re.ASCII)
_UNIT = re.compile(UNIT_PATTERN, re.ASCII)
_ABN = re.compile(r"^[0-9]{11}$", re.ASCII)
_ARN = re.compile(r"^[0-9]{12}$", re.ASCII)
_CN_ID = re.compile(r"^[1-9][0-9]{5}([0-9]{8})[0-9]{3}[0-9X]$", re.ASCII)


def s10_check_digit(serial: str) -> int:
    """Return the check digit of an S10 serial of 8 digits.

    The rule of UPU S10: the digits weigh 8 6 4 2 3 5 9 7; 11 minus the sum modulo 11; 10 gives 0, 11 gives 5.

    Example:
        >>> s10_check_digit("47312482")
        9
    """
    check: int = 11 - sum(map(mul, map(int, serial), S10_WEIGHTS)) % 11
    return {10: 0, 11: 5}.get(check, check)


def check_s10(text: str) -> Verdict:
    """Check a postal item identifier of UPU S10: 2 letters, 8 digits, check digit, 2 letters.

    Example:
        >>> str(check_s10("RR473124829GB")), str(check_s10("RR473124828GB")), str(check_s10("RR4731"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _S10.match(text):
        return Verdict.MALFORMED
    return Verdict.OK if s10_check_digit(text[2:10]) == int(text[10]) else Verdict.BAD_CHECK_DIGIT


def check_eori(text: str) -> Verdict:
    """Check the shape of an EORI: the issuing country and 1 to 15 letters or digits. It has no check digit.

    Example:
        >>> str(check_eori("DE1234567")), str(check_eori("US1234567"))
        ('ok', 'malformed')
    """
    return Verdict.OK if _EORI.match(text) else Verdict.MALFORMED


def check_ioss(text: str) -> Verdict:
    """Check an import one-stop-shop number: ``IM``, 3 digits of the member state, 7 digits.

    The algorithm of the last digit is not published, so the control that stands in for it is python-stdnum's:
    the 3 digits must be a member state of identification (ISO 3166-1 numeric). `BAD_CHECK_DIGIT` says that
    this control failed.

    Example:
        >>> str(check_ioss("IM3720000224")), str(check_ioss("IM5532027340")), str(check_ioss("IM372"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _IOSS.match(text):
        return Verdict.MALFORMED
    return Verdict.OK if _identifies(text[2:5]) else Verdict.BAD_CHECK_DIGIT


@cache
def _identifies(state: str) -> bool:
    """Say whether 3 digits are a member state of identification."""
    return bool(oss.is_valid(f"IM{state}0000000"))


def check_eu_vat(text: str) -> Verdict:
    """Check a VAT number of an EU member state, with its country prefix (``EL`` for Greece).

    Example:
        >>> str(check_eu_vat("DE136695976")), str(check_eu_vat("DE136695978")), str(check_eu_vat("US1"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _VAT.match(text):
        return Verdict.MALFORMED
    try:
        vat.validate(text)
    except InvalidChecksum:
        return Verdict.BAD_CHECK_DIGIT
    except ValidationError:
        return Verdict.MALFORMED
    return Verdict.OK


def check_gb_vat(text: str) -> Verdict:
    """Check a VAT number of the United Kingdom, with or without ``GB``.

    Example:
        >>> str(check_gb_vat("GB980780684")), str(check_gb_vat("GB802311781")), str(check_gb_vat("GB98"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _GB_VAT.match(text):
        return Verdict.MALFORMED
    return Verdict.OK if gb_vat.is_valid(text) else Verdict.BAD_CHECK_DIGIT


def check_gtin(text: str) -> Verdict:
    """Check a GTIN (EAN, UPC) of 8, 12, 13 or 14 digits.

    Example:
        >>> str(check_gtin("4006381333931")), str(check_gtin("4006381333932")), str(check_gtin("40063"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _GTIN.match(text):
        return Verdict.MALFORMED
    return Verdict.OK if ean.is_valid(text) else Verdict.BAD_CHECK_DIGIT


def check_pccc(text: str) -> Verdict:
    """Check the shape of a Korean personal customs clearance code: ``P`` and 12 digits.

    Example:
        >>> str(check_pccc("P123456789012")), str(check_pccc("123456789012"))
        ('ok', 'malformed')
    """
    return Verdict.OK if _PCCC.match(text) else Verdict.MALFORMED


def check_locode(text: str) -> Verdict:
    """Check the shape of a UN/LOCODE: 2 letters of the country, then 3 letters or digits 2 to 9.

    Example:
        >>> str(check_locode("CNPVG")), str(check_locode("Shanghai"))
        ('ok', 'malformed')
    """
    return Verdict.OK if _LOCODE.match(text) else Verdict.MALFORMED


def check_unit(text: str) -> Verdict:
    """Check the shape of a unit code of UNECE Recommendation 20; `UNITS` lists those that parcels use.

    Example:
        >>> str(check_unit("C62")), str(check_unit("pieces"))
        ('ok', 'malformed')
    """
    return Verdict.OK if _UNIT.match(text) else Verdict.MALFORMED


def check_abn(text: str) -> Verdict:
    """Check an Australian business number of 11 digits.

    Example:
        >>> str(check_abn("83914571673")), str(check_abn("99999999999")), str(check_abn("1234567"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    if not _ABN.match(text):
        return Verdict.MALFORMED
    return Verdict.OK if abn.is_valid(text) else Verdict.BAD_CHECK_DIGIT


def check_arn(text: str) -> Verdict:
    """Check the shape of an Australian Tax Office reference number of simplified GST: 12 digits.

    Example:
        >>> str(check_arn("300012345678")), str(check_arn("30001"))
        ('ok', 'malformed')
    """
    return Verdict.OK if _ARN.match(text) else Verdict.MALFORMED


def check_cn_resident_id(text: str) -> Verdict:
    """Check the number of a Chinese resident identity card (GB 11643): place, day of birth, ISO 7064 MOD 11-2.

    Example:
        >>> str(check_cn_resident_id("110101190001010014")), str(check_cn_resident_id("110101190013010011"))
        ('ok', 'malformed')
    """
    found = _CN_ID.match(text)
    if found is None:
        return Verdict.MALFORMED
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return Verdict.MALFORMED
    return Verdict.OK if mod_11_2.is_valid(text) else Verdict.BAD_CHECK_DIGIT
