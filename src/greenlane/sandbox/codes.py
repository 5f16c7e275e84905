"""Test codes: words in a description that force an outcome, in a sandbox alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from greenlane.clearance.vocabulary import Disposition


@dataclass(frozen=True, slots=True)
class TestCode:
    """A code and the disposition that it forces."""

    __test__ = False

    text: str
    disposition: Disposition


TEST_CODES = (
    TestCode("TEST RELEASE", "release"),
    TestCode("TEST PAYMENT", "release_on_payment"),
    TestCode("TEST RFI", "request_information"),
    TestCode("TEST RFS", "request_screening"),
    TestCode("TEST INSPECT", "inspect"),
    TestCode("TEST HOLD", "hold"),
    TestCode("TEST DNL", "do_not_load"),
    TestCode("TEST REFUSE", "refuse"),
)
"""From best to worst; the worst in a consignment wins."""


def forced(descriptions: Sequence[str]) -> TestCode | None:
    """Return the test code that the descriptions of a consignment hold; None: the decision stands.

    Example:
        >>> forced(["cotton shirt", "Test hold please"]).disposition
        'hold'
        >>> forced(["cotton shirt"]) is None
        True
    """
    texts = [" ".join(text.upper().split()) for text in descriptions]
    found = [code for code in TEST_CODES if any(code.text in text for text in texts)]
    return found[-1] if found else None


__all__ = ["TEST_CODES", "TestCode", "forced"]
