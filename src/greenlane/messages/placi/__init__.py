"""Advance cargo information before loading: the 7+1 data, statuses and errors; and two national data sets beside it."""

from greenlane.messages.placi.awb import check_awb
from greenlane.messages.placi.bulk import Bulk, bulk_of
from greenlane.messages.placi.descriptions import Judged, Says, is_consolidation, judge
from greenlane.messages.placi.filing import Party, PreLoading, check
from greenlane.messages.placi.notices import (
    Notice,
    Notices,
    answer_of,
    notices_of,
    read_notices,
    write_notices,
)
from greenlane.messages.placi.reading import read, stream
from greenlane.messages.placi.states import Standing, standing, statuses_of
from greenlane.messages.placi.tables import ERRORS, STATUSES, Error, Status, in_force
from greenlane.messages.placi.us86 import US86
from greenlane.messages.placi.waybills import PLACI, write

__all__ = [
    "ERRORS",
    "PLACI",
    "STATUSES",
    "US86",
    "Bulk",
    "Error",
    "Judged",
    "Notice",
    "Notices",
    "Party",
    "PreLoading",
    "Says",
    "Standing",
    "Status",
    "answer_of",
    "bulk_of",
    "check",
    "check_awb",
    "in_force",
    "is_consolidation",
    "judge",
    "notices_of",
    "read",
    "read_notices",
    "standing",
    "statuses_of",
    "stream",
    "write",
    "write_notices",
]
