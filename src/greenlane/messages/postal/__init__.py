"""Messages of the posts: item data (ITMATT, CUSITM), the answer of customs (CUSRSP), the forms CN22 and CN23."""

from greenlane.messages.postal.format import CUSITM, CUSITM_XML, ITMATT, ITMATT_XML
from greenlane.messages.postal.records import Head

__all__ = ["CUSITM", "CUSITM_XML", "ITMATT", "ITMATT_XML", "Head"]
