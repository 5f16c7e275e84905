"""A minute of the soak; `make soak SECONDS=…` runs as long as you like."""

from soak import soak


def test_nothing_is_lost_and_nothing_done_twice_while_everything_is_killed() -> None:
    """Service and database are killed under load for a minute: what was promised is there, once, and adds up."""
    report = soak(60, seed=1)
    print(report.in_words())
    assert report.wrong == []
    assert report.kills.total() >= 3
    assert report.consignments > 0 and report.notices_delivered > 0
