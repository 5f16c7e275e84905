"""The finding codes of file intake, and how a message speaks of a value without repeating it."""

import re

from greenlane.values.finding import Severity, declare

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

FILE_EMPTY = declare("file.empty", _E, "The file holds no consignment.", "Send the file again, complete.")
FILE_ENCODING = declare(
    "file.encoding",
    _E,
    "The file is not UTF-8 throughout.",
    "Save it as UTF-8 and send the rejected rows again.",
)
FILE_BOM = declare("file.bom", _I, "The file begins with a byte order mark.", "Nothing: the mark is skipped.")
FILE_UNREADABLE = declare(
    "file.unreadable",
    _E,
    "The file cannot be read as the format it has.",
    "Write it again and send it complete.",
)
FILE_CUT_OFF = declare(
    "file.cut_off", _E, "The file ends in the middle of a record.", "Send it again; what came before is kept."
)
FILE_CONTENT = declare(
    "file.content", _E, "The content is no format that intake reads.", "Send Parquet, CSV, NDJSON or JSON."
)
FILE_NAME = declare(
    "file.name", _W, "The content is another format than the name says.", "Name the file by its content."
)
FILE_DELIMITER = declare(
    "file.delimiter",
    _W,
    "The CSV is not parted by commas.",
    "Write commas; the file is read with what it has.",
)
COLUMN_MISSING = declare(
    "column.missing",
    _E,
    "Columns that every consignment needs are missing.",
    "Begin from `greenlane template csv`; the first row must hold the column names.",
)
COLUMN_DUPLICATE = declare(
    "column.duplicate", _E, "Two columns have one name.", "Keep one column for each field."
)
COLUMN_TYPE = declare(
    "column.type",
    _E,
    "A Parquet column has a type that could change values.",
    "Write amounts as decimals or text, codes and identifiers as text, dates as dates or text.",
)
COLUMN_UNKNOWN = declare(
    "column.unknown",
    _W,
    "The file holds columns or keys that the contract does not know.",
    "Nothing, if they are yours; check the spelling if they should count.",
)
ROW_SHAPE = declare(
    "row.shape",
    _E,
    "A CSV row has another number of cells than the header.",
    "Quote cells that hold the delimiter, and keep empty cells.",
)
ROW_QUOTES = declare(
    "row.quotes",
    _E,
    "A CSV row has a quotation mark that is not closed or not doubled.",
    "Put the cell in quotation marks and double those inside.",
)
ROW_BYTES = declare(
    "row.bytes", _E, "A row holds bytes that are not text.", "Write the row as UTF-8 without NUL bytes."
)
ROW_TOO_LONG = declare("row.too_long", _E, "A row is longer than intake reads.", "Send shorter fields.")
JSON_MALFORMED = declare(
    "json.malformed", _E, "A record is not JSON.", "Write one JSON object per consignment."
)
JSON_TYPE = declare(
    "json.type",
    _E,
    "A JSON value has another type than the field.",
    "Write amounts, quantities, codes and dates as strings, true and false and counts bare.",
)
ITEMS_MISSING = declare("items.missing", _E, "A consignment has no items.", "List at least one goods item.")
REQUIRED = declare("required.missing", _E, "A required field is missing.", "Fill it in.")
TEXT_TOO_LONG = declare("text.too_long", _E, "A field is longer than allowed.", "Shorten it.")
TEXT_FORMULA = declare(
    "text.formula", _W, "A text begins like a spreadsheet formula.", "Send plain text; outputs neutralise it."
)
CODE_UNKNOWN = declare("code.unknown", _E, "A code is not on its list.", "Use a code of the list.")
CODE_MALFORMED = declare("code.malformed", _E, "A code has the wrong shape.", "Write it as its list does.")
COUNTRY_UNKNOWN = declare(
    "country.unknown", _E, "A country is not an ISO 3166-1 alpha-2 code.", "Use the two capital letters."
)
CURRENCY_UNKNOWN = declare(
    "currency.unknown", _E, "A currency is not an ISO 4217 code.", "Use the three capital letters."
)
AMOUNT_MALFORMED = declare(
    "amount.malformed", _E, "An amount is not a plain decimal.", "Write 12.50: a point, no thousands sign."
)
AMOUNT_NEGATIVE = declare("amount.negative", _E, "An amount is negative.", "Send it as zero or more.")
AMOUNT_DECIMALS = declare(
    "amount.decimals", _E, "An amount has more decimals than its currency.", "Round it as the invoice does."
)
AMOUNT_TOO_LARGE = declare(
    "amount.too_large", _E, "An amount is larger than intake accepts.", "Check the amount and its currency."
)
NUMBER_MALFORMED = declare(
    "number.malformed", _E, "A number is not written plainly.", "Write 0.9: a point, no sign, no exponent."
)
NUMBER_NEGATIVE = declare("number.negative", _E, "A number is negative.", "Send it as zero or more.")
NUMBER_DECIMALS = declare("number.decimals", _E, "A number has too many decimals.", "Round it.")
NUMBER_TOO_LARGE = declare(
    "number.too_large", _E, "A number is larger than intake accepts.", "Check the number and its unit."
)
NUMBER_ZERO = declare("number.zero", _E, "A quantity is zero.", "Leave the item out, or give its quantity.")
DATE_MALFORMED = declare("date.malformed", _E, "A date is no day of the calendar.", "Write YYYY-MM-DD.")
BOOLEAN_MALFORMED = declare("boolean.malformed", _E, "A truth value is unclear.", "Write true or false.")
INTEGER_MALFORMED = declare("integer.malformed", _E, "A count is no whole number.", "Write digits only.")
JSON_CELL = declare(
    "json.cell", _E, "A cell that holds JSON is malformed.", "Write it as the reference page says."
)
HS_CODE = declare(
    "hs_code.malformed", _E, "A commodity code is not 6 to 14 digits.", "Write digits without dots."
)
DISAGREES = declare(
    "consignment.disagrees",
    _E,
    "Rows of one consignment differ in a field of the consignment.",
    "Give every row of the consignment the same value.",
)
CONSIGNMENT_TOO_LARGE = declare(
    "consignment.too_large",
    _E,
    "A consignment is larger than intake accepts.",
    "Check its values, or split the filing.",
)
ITEM_DUPLICATE = declare(
    "item.duplicate", _E, "Two different items of a consignment have one number.", "Number the items apart."
)
ITEM_REPEATED = declare(
    "item.repeated", _W, "The same item row came more than once.", "Nothing: it is counted once."
)
IDENTIFIER_CHECK = declare(
    "identifier.check_digit", _W, "An identifier fails its check digit.", "Check for a typing error."
)
IDENTIFIER_MALFORMED = declare(
    "identifier.malformed", _E, "An identifier has the wrong shape.", "Write it as it was issued."
)
NET_OVER_GROSS = declare(
    "mass.net_over_gross", _W, "The net mass is larger than the gross mass.", "Check both masses."
)

_NUMBER = re.compile(r"^(-?)[0-9]+(?:\.([0-9]+))?$", re.ASCII)
_EXPONENT = re.compile(r"^[-+]?[0-9.]+[eE][-+]?[0-9]+$", re.ASCII)


def shape_of(text: str) -> str:
    """Describe a value without repeating any of it.

    Example:
        >>> shape_of("Example"), shape_of("12.345"), shape_of("1e3"), shape_of("A. Example")
        ('7 letters', 'a number of 6 characters with 3 decimals', 'a number in exponent form', \
'10 characters: letters, spaces, signs')
    """
    if not text:
        return "nothing"
    if number := _NUMBER.match(text):
        sign, decimals = number.groups()
        if not sign and decimals is None:
            return f"{len(text):,} digits"
        what = "a negative number" if sign else "a number"
        return f"{what} of {len(text):,} characters" + (f" with {len(decimals)} decimals" if decimals else "")
    if _EXPONENT.match(text):
        return "a number in exponent form"
    if text.isalpha():
        return f"{len(text):,} letters"
    kinds = (
        ("letters", any(c.isalpha() for c in text)),
        ("digits", any(c.isdigit() for c in text)),
        ("spaces", any(c.isspace() for c in text)),
        ("signs", any(not c.isalnum() and not c.isspace() for c in text)),
    )
    return f"{len(text):,} characters: " + ", ".join(name for name, present in kinds if present)
