"""Messages of the posts: item data (ITMATT, CUSITM), the answer of customs (CUSRSP), the forms CN22 and CN23."""

from greenlane.messages.postal.format import CUSITM, CUSITM_XML, ITMATT, ITMATT_XML
from greenlane.messages.postal.forms import CN22, CN23, form_for, read_forms, write_forms
from greenlane.messages.postal.records import Head
from greenlane.messages.postal.reply import (
    ItemResponse,
    Responses,
    Revised,
    State,
    read_responses,
    write_responses,
)
from greenlane.messages.postal.replying import amounts_of, responses_of

__all__ = [
    "CN22",
    "CN23",
    "CUSITM",
    "CUSITM_XML",
    "ITMATT",
    "ITMATT_XML",
    "Head",
    "ItemResponse",
    "Responses",
    "Revised",
    "State",
    "amounts_of",
    "form_for",
    "read_forms",
    "read_responses",
    "responses_of",
    "write_forms",
    "write_responses",
]
