"""The reference page of people's data, made from the tables of this room."""

from greenlane.model.handling import HANDLING, DataClass, RetentionClass
from greenlane.privacy.persons import PseudonymPurpose
from greenlane.privacy.purposes import PERMISSIONS
from greenlane.privacy.retention import RULES, RetentionRule
from greenlane.privacy.split import CLASSES, PERSONAL

_PSEUDONYMS = {
    PseudonymPurpose.VAULT: "finds a person's keys and records in the vault",
    PseudonymPurpose.GROUP: "adds up what one person receives on a day",
    PseudonymPurpose.LIMITS: "counts a person's use of yearly limits",
    PseudonymPurpose.STATISTICS: "counts persons in statistics",
    PseudonymPurpose.SUBJECT: "names the person in the audit log; made from the vault's pseudonym",
    PseudonymPurpose.TRADE: "tells whether order, payment, waybill and inventory name the same person",
}

_START = """# People's data

Names, addresses, personal numbers and what a person used of limits live in the vault, encrypted. Everything else sees
pseudonyms. How to use it: [Protect personal data](../how-to/protect-personal-data.md). Why it is so:
[A key for each person, class and year](../decisions/a-key-for-each-person.md),
[The audit chain](../decisions/audit-chain.md).
"""

_KEYS = """## Keys

| key | what it does | where it is |
|---|---|---|
| master key | wraps the keys of persons; AES-256-GCM | `GREENLANE_MASTER_KEY`, else `master.key`, mode 0600 |
| person's key | seals what one clock erases: one person, class and year; AES-256-GCM | in the database, wrapped |
| key of pseudonyms | makes pseudonyms | `GREENLANE_KEY`, else `pseudonym.key`, mode 0600 |

Every ciphertext begins with one byte for its form, the id of the key that opens it and a random nonce of 12
bytes. A record is bound to its consignment, version, role and retention class, a wrapped key to its person,
class and year: moved anywhere else, they do not open.

`greenlane vault rotate` puts a new master key first in the file, keeps the old one behind it, wraps the persons' keys
anew and seals anew what stands under the master itself: documents, filings that wait, secrets of webhooks. Records stay
as they are. A service that runs beside it reads the file again when it meets a key that it doesn't know. When nothing
needs the old master any more, the command says so. Rotate before four thousand million keys have been wrapped under one
master, the bound for random nonces.

## Pseudonyms

| purpose | what it is for |
|---|---|
"""

_AUDIT = """## Audit log

Each reading, refusal, extract and erasure is an entry: when, which key or token, what, and about whom by
pseudonym. An entry is canonical JSON that holds its number and the SHA-256 of the entry before. `verify`
names the first entry that does not follow. An anchor is number and hash of the last entry, kept where the
log can't be written; with it, a log that was cut off or written anew is found too.

A reading is in the log before the plain data is handed out. What is refused is in the log as well.

| action | means |
|---|---|
| `read` | the elements that are named were handed out |
| `privacy.refused`, `privacy.case_missing` | role, purpose or case did not allow it |
| `privacy.erased` | the key had been destroyed before |
| `privacy.key_missing` | the person's key is lost; after `read`: the master key is not here |
| `privacy.tampered` | the record did not open, after it was granted |
| `extract` | everything held about a person was handed out |
| `noted` | a note about a consignment was put into the vault |
| `document_read` | somebody who is not of its party read a document |
| `erasure_asked`, `privacy.kept` | a person was to be erased; with the second, something had to be kept and nothing was |
| `erased` | a key was destroyed; holds the digest of its tombstone |
| `held`, `let_go` | a case holds the data of a consignment beyond its clock; it no longer does |
| `anchored` | the head of the log was taken to be kept elsewhere |

Of a caller without the right to read, extract, erase or see the log, the refusal is in the log as well: with the right
and the caller's roles. What is written about a reading stands apart from the transaction around it, so that it outlives
a request that fails.
"""

_ERASURE = """
A key is due when the clock of each of its records has ended and nothing holds any of them: an objection, a case
or an order stops the clock. Erasure destroys the wrapped key. A tombstone stays: which key by id and digest, class,
year, number of records, when, by which rule; the audit log holds its digest. Reading afterwards says that the data
was erased. The master key does not help.

With a key of the class person go, for the consignments of which the person is the consignee: the pseudonyms that stand
beside the consignment, the documents attached to it, the declaration as it was filed where it was a WCO message, and
the order, payment, waybill and inventory of it, of which pseudonyms alone were kept; those that no inventory names are
removed after 180 days. Notes are sealed under the consignee's key and go with it.
Uses of limits leave the register when the clock of their year has ended.

The service looks at its clocks each hour; `POST /persons/erase` does it at once, or erases one person. What has to be
kept is 409 and names the day or what holds it; an order with a reason and a number overrides it. A filing and an erasure
of one person at the same moment wait for each other: no record is ever sealed under a key that is already destroyed.

A backup taken before still holds the wrapped key. After a restore, `greenlane vault bury FILE` destroys again what an
exported answer of `GET /persons/erasures` tells; keep backups of keys for less time than the shortest clock leaves you.

## A person's own data

`extract` gives as JSON: each record in the clear, its consignment with state and charges, uses of limits, readings
(when, in which role, for which purpose), erasures. Somebody else's name under the person's number is withheld, and
the consignment told. Readings for law enforcement are left out. Notes that officers wrote about the person's
consignments are in it; whoever hands it over strikes what is about somebody else.

## Decided again

What a decision read of prior use stands in the vault alone. The service opens it to decide again or to explain, hands
none of it out, and no longer knows it once it is erased.
"""


def reference_page() -> str:
    """Return the reference page of classes, purposes, keys, audit log and retention, in Markdown.

    Example:
        >>> "| `consignee.id` | identifier |" in reference_page()
        True
    """
    lines = [_START, "## Classes\n", "| element | class | kept by |", "|---|---|---|"]
    lines += [f"| `{n}` | {HANDLING[n].data_class} | {_rule(n).id} |" for n in sorted(PERSONAL)]
    lines += [
        f"| `{n}` | {own} | {RULES[RetentionClass.PERSON].id} |"
        for n, own in CLASSES.items()
        if n not in PERSONAL
    ]
    lines += [
        "\n## Who reads what for which purpose\n",
        "What is not in the table is refused. *Case*: needs a number.\n",
    ]
    lines += ["| role | purpose | classes | case | why |", "|---|---|---|---|---|"]
    for one in PERMISSIONS:
        classes = ", ".join(str(c) for c in DataClass if c in one.classes)
        lines.append(
            f"| {one.role} | {one.purpose} | {classes} | {'yes' if one.case else 'no'} | {one.why} |"
        )
    lines += ["\n" + _KEYS.rstrip("\n")]
    lines += [f"| `{purpose}` | {words} |" for purpose, words in _PSEUDONYMS.items()]
    lines += ["\n" + _AUDIT, "## Retention and erasure\n"]
    lines += ["The starter schedule; an administration sets its own.\n"]
    lines += ["| rule | class | years | from | why | source |", "|---|---|---|---|---|---|"]
    lines += [_row(rule) for rule in RULES.values()]
    lines.append(_ERASURE)
    return "\n".join(lines)


def _rule(name: str) -> RetentionRule:
    return RULES[HANDLING[name].retention]


def _row(rule: RetentionRule) -> str:
    years = "no clock" if rule.years is None else str(rule.years)
    source = "unknown" if rule.cite is None else f"{rule.cite} ({rule.certainty})"
    return f"| `{rule.id}` | {rule.retention} | {years} | {rule.starts} | {rule.why} | {source} |"
