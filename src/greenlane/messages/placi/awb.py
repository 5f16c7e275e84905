"""Numbers of air waybills: ``nnn-nnnnnnnn``, the last digit the rest of the seven before it by 7."""

import re

from greenlane.values.identifiers import Verdict

_AWB = re.compile(r"([0-9]{3})-?([0-9]{7})([0-9])", re.ASCII)


def check_awb(text: str) -> Verdict:
    """Check the number of an air waybill, with its hyphen or without.

    Law:
        IATA resolutions 600a and 1675 prescribe the number; that its check digit is the rest by 7 is unverified.
    Example:
        >>> str(check_awb("020-12345675")), str(check_awb("020-12345674")), str(check_awb("20-12345675"))
        ('ok', 'bad_check_digit', 'malformed')
    """
    found = _AWB.fullmatch(text)
    if found is None:
        return Verdict.MALFORMED
    return Verdict.OK if int(found[2]) % 7 == int(found[3]) else Verdict.BAD_CHECK_DIGIT
