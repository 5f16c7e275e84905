"""What the procedure is told of an outcome: which agencies must agree."""

from itertools import combinations

from greenlane.desk.decisions import Agencies

_PREFIXES = (("food", "02"), ("food", "1905"), ("medicines", "30"), ("plants", "06"), ("vets", "0201"))
_CODES = ("020130", "020220", "190531", "190219", "300490", "060110", "610910", "", None)


def test_agencies_of_items_are_those_one_of_whose_prefixes_begins_a_code() -> None:
    """Each agency that wants a code of a consignment is named once, in order, however often codes come again."""
    agencies = Agencies(_PREFIXES)
    for codes in [chosen for count in range(4) for chosen in combinations(_CODES, count)]:
        wanted = [
            name
            for name, prefix in _PREFIXES
            if any(code.startswith(prefix) for code in codes if code is not None)
        ]
        assert agencies.of([{"hs_code": code} for code in codes]) == tuple(dict.fromkeys(wanted))


def test_nobody_is_asked_where_there_is_no_agency() -> None:
    """Without agencies none is named."""
    assert Agencies(()).of([{"hs_code": "020130"}]) == ()
