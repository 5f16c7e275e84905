"""The reference page of the procedure, made from its tables."""

from dataclasses import fields
from datetime import timedelta
from inspect import getdoc

import msgspec

from greenlane.clearance.causes import GIVES, SETTLES, causes
from greenlane.clearance.commands import ALLOWED, Command, Decision, name_of
from greenlane.clearance.events import EVENT_TYPES, INTERNAL, WITHHELD
from greenlane.clearance.handle import PHASES_OF
from greenlane.clearance.policy import DEFAULT, Policy
from greenlane.clearance.vocabulary import OPEN, PHASES, ROLES, SCREENING_METHODS, Phase

_LIMITS = {
    "objection": "to object, from the notice of the decision",
    "review": "for customs to decide on an objection",
    "answer": "to answer a request",
    "reaction": "for customs to react to an answer",
    "inspection": "to carry out an inspection; runs when the goods are here",
    "agency": "for another authority to decide",
    "release_target": "from arrival to release, the officer's target",
    "declared_return": "to declare that released goods go back",
    "refund": "for customs to decide on the refund of a proven return",
}

_INTRODUCTION = """# The procedure

A **command** asks for something. It gives **events**, or it is refused with a [finding code](findings.md) that begins
with `clearance.`. Events are never changed; a mistake is corrected by another event. The **phase** is derived from the
events. After each command the service settles what follows by itself.

## Phases
"""

_SETTLED = """
## What follows by itself

1. What a decision orders is opened once: a hold, an inspection, a request, an order not to load. `refuse` is a hold that
   proposes refusal: a person refuses. Where the goods have left already, screening becomes a scan on arrival and an order
   not to load becomes a hold.
1. The agencies that the decision names are asked. After an amendment all that were asked are asked again.
1. Goods that travel in spite of an order not to load are held.
1. A hold that stands for nothing but unknown amounts ends with a complete decision, a request for information with one
   that releases. Any other hold, request or inspection is ended by an officer alone.
1. The goods are released when they are here, every amount is known, and nothing is open: no referral, hold or inspection,
   no silent or disagreeing agency, no unpaid amount, no review without its new decision. At most once. An
   incomplete outcome is released by an officer or not at all.
1. A time limit that has run out is recorded once (`overdue`). Silence is no consent: time alone releases nothing.
1. A released consignment is closed when the limits for objection and return are over and nothing is pending.

Goods may be loaded when the filing is acknowledged and no request or order not to load is open; a finished assessment is
no condition. A filing after its time is accepted and flagged: `late` is true, false, or null where the time
of departure or arrival is not known. Seized goods are given back by two persons, one who proposes and another who
approves. Who decided does not review. Persons are told apart by the id of the actor, so each person needs their own.

If the clock steps back, events are dated like the last one before it.
"""


def procedure_page() -> str:
    """Return the reference page of the procedure, in Markdown.

    Example:
        >>> procedure_page().splitlines()[0]
        '# The procedure'
    """
    return "\n".join((_INTRODUCTION, *_phases(), *_roles(), *_commands(), _SETTLED, *_events(), *_limits()))


def _phases() -> list[str]:
    return [
        "| phase | meaning |\n|---|---|",
        *(f"| `{phase}` | {words} |" for phase, words in PHASES.items()),
        f"\nOpen phases, in which customs has not said its last word: {_list(OPEN)}.",
    ]


def _roles() -> list[str]:
    return [
        "\n## Roles\n\n| role | who |\n|---|---|",
        *(f"| `{role}` | {words} |" for role, words in ROLES.items()),
    ]


def _commands() -> list[str]:
    lines = [
        "\n## Commands\n",
        "Sent as JSON with the member `command`. No field takes free text: reasons are codes, "
        "notes, documents and images are references to what is stored elsewhere. `?` marks what may be left out. "
        "`file`, `amend` and `redecide` carry the decision, which the service makes; the two on payments are facts "
        "of the ledger. These five are not posted by callers.\n",
        "| command | meaning | fields | roles | in phases | events |\n|---|---|---|---|---|---|",
    ]
    for kind, roles in ALLOWED.items():
        meaning = (getdoc(kind) or "").splitlines()[0]
        events = ", ".join(f"`{type_}`" for type_ in GIVES[kind])
        who = ", ".join(sorted(roles))
        lines.append(
            f"| `{name_of(kind)}` | {meaning} | {_fields(kind)} | {who} | {_where(kind)} | {events} |"
        )
    methods = ", ".join(f"`{code}` {words}" for code, words in SCREENING_METHODS.items())
    return [
        *lines,
        f"\nScreening methods: {methods}.",
        f"\nA decision as events keep it: {_fields(Decision)}.",
    ]


def _fields(kind: type[msgspec.Struct]) -> str:
    found = msgspec.structs.fields(kind)
    return ", ".join(f"`{field.name}`" if field.required else f"`{field.name}`?" for field in found)


def _where(kind: type[Command]) -> str:
    phases = PHASES_OF[kind]
    if phases >= OPEN:
        more = phases - OPEN
        return "open" + (f", {_list(more)}" if more else "")
    return _list(phases)


def _list(phases: frozenset[Phase]) -> str:
    return ", ".join(f"`{phase}`" for phase in Phase if phase in phases)


def _events() -> list[str]:
    lines = [
        "\n## Events and notices\n",
        "An event with a notice code is told to the party that filed; one told to an agency, to the agency it names. "
        f"Never told: {', '.join(f'`{name}`' for name in sorted(INTERNAL))}, and of a decision "
        f"{', '.join(f'`{name}`' for name in sorted(WITHHELD))}.\n",
        "| event | notice | told | caused by | meaning |\n|---|---|---|---|---|",
    ]
    for kind in EVENT_TYPES.values():
        notice = "none" if kind.notice is None else f"`{kind.notice}`"
        told = ", ".join(sorted(kind.told)) or "nobody"
        by = ", ".join(sorted(causes(kind.type)))
        lines.append(f"| `{kind.type}` | {notice} | {told} | {by} | {kind.words} |")
    lines.append(f"\nBy themselves come: {', '.join(f'`{name}`' for name in SETTLES)}.")
    return lines


def _limits() -> list[str]:
    lines = [
        "\n## Time limits\n",
        "Defaults of the policy; an administration sets its own. A limit is written into the event that starts it, so "
        "that a later change alters no past right. Objection and review follow the Finance Act 1994 (GB) ss. 14A "
        "to 15E, the return of goods bought at a distance follows Delegated Regulation (EU) 2015/2446 "
        "art. 148(3); both are unverified. The others are the project's own.\n",
        "| limit | default | meaning |\n|---|---|---|",
    ]
    for field in fields(Policy):
        value = getattr(DEFAULT, field.name)
        if isinstance(value, timedelta):
            lines.append(f"| `{field.name}` | {_duration(value)} | {_LIMITS[field.name]} |")
    lines += [
        "\n`release_before_arrival` (off) lets goods filed before arrival be released before they are here.\n",
        "### When a filing is late\n",
        "| stage | mode | limit | source | certainty |\n|---|---|---|---|---|",
    ]
    for lead in DEFAULT.lead_times:
        limit = (
            f"{_duration(timedelta(minutes=lead.minutes))} before {lead.before}"
            if lead.minutes
            else f"at {lead.before}"
        )
        lines.append(
            f"| `{lead.stage}` | {lead.transport_mode} | {limit} | {lead.source} | {lead.certainty} |"
        )
    return lines


def _duration(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    if hours >= 72 and hours % 24 == 0:
        return f"{hours // 24} days"
    return f"{hours} hour{'s' if hours != 1 else ''}"
