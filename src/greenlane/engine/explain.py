"""Recompute one decision and say every step with its article, in words that can be read aloud."""

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import polars as pl

from greenlane.assess.vocabulary import CATEGORIES, CHARGE_NAMES, COLLECTED, PARTIES
from greenlane.decide.outcome import Decision
from greenlane.engine.context import Context
from greenlane.engine.decider import Prepared, decide_one, decision_of, prepare
from greenlane.engine.groups import GROUP_SCHEMA
from greenlane.engine.output import part_path, read_part_rows, sha256_of
from greenlane.law.graph import ITEM, Node
from greenlane.messages.files import read_rows
from greenlane.model import Batch
from greenlane.values.errors import UsageError
from greenlane.values.money import exponent, parse_scaled


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trace: what was worked out, the law in plain words, the article and the value."""

    name: str
    says: str
    law: str
    item: str | None
    value: str

    def as_dict(self) -> dict[str, str | None]:
        """Return the step for JSON."""
        return {
            "step": self.name,
            "says": self.says,
            "law": self.law,
            "item_id": self.item,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """An outcome with its steps; ``same`` says whether it equals what the run wrote (None: nothing to compare)."""

    outcome: dict[str, Any]
    steps: tuple[Step, ...]
    same: bool | None

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as the contract writes it, with its steps and, for a run, whether it is the same."""
        told = {"steps": [step.as_dict() for step in self.steps]}
        return {**self.outcome, **told} if self.same is None else {**self.outcome, **told, "same": self.same}


def explain_batch(batch: Batch, context: Context, groups: pl.DataFrame | None = None) -> Explanation:
    """Explain the first consignment of a batch."""
    prepared = prepare(batch, context, groups)
    return Explanation(decide_one(prepared, 0, context), steps_of(prepared, context), None)


def steps_of(prepared: Prepared, context: Context) -> tuple[Step, ...]:
    """Return the steps that the decision of the first consignment went through, in the order of the formula."""
    decision = decision_of(prepared, 0, context)
    return () if decision is None else steps_taken(decision)


def steps_taken(decision: Decision) -> tuple[Step, ...]:
    """Return the steps that a decision went through, in the order of the formula."""
    decision.charges()
    decision.reasons()
    return steps_of_decision(decision)


def steps_of_decision(decision: Decision) -> tuple[Step, ...]:
    """Return the steps that were asked for so far, in the order of the formula."""
    found: list[Step] = []
    for node in decision.plan.assessment.steps:
        found += _step(decision, node)
    return tuple(found)


def _step(decision: Decision, node: Node) -> list[Step]:
    name, law, says = node.data
    places = range(decision.facts.items) if node.level == ITEM else (None,)
    found = []
    for place in places:
        if not decision.ints.was_asked(node, place or 0):
            continue
        value = decision.ints.at(node, place or 0)
        item = None if place is None else str(decision.facts.item_rows[place]["item_id"])
        found.append(Step(str(name), str(says), str(law), item, _said(decision, value)))
    return found


def _said(decision: Decision, value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{decision.amount(value)} {decision.currency}"


def explain_run(out: Path, consignment_id: str, make_context: Any) -> Explanation:
    """Explain one consignment of a finished run from its inputs, which must be as they were.

    Args:
        out: Folder of a run.
        consignment_id: Which consignment.
        make_context: Called with the run's known-at day, assumptions and store; returns a `Context`.
    Raises:
        UsageError: The run or the consignment isn't there, or an input isn't what it was.
    """
    path = out / "manifest.json"
    if not path.exists():
        raise UsageError(f"{out}: no finished run (manifest.json is missing)")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    row, entry = _outcome_row(out, manifest, consignment_id)
    source = Path(entry["input"]["path"])
    known = manifest["inputs"].get(str(source))
    if not source.exists():
        raise UsageError(f"{source}: the input of this consignment is gone")
    if known is None or sha256_of(source) != known["sha256"]:
        raise UsageError(f"{source}: the input isn't what it was when the run read it (its SHA-256 differs)")
    batch = read_rows(source, entry["input"]["first_row"], entry["input"]["last_row"], consignment_id)
    if not batch.consignments.height:
        raise UsageError(f"{source}: consignment not found in the rows that the manifest names")
    decided = entry["decided"]
    run = make_context(decided["known_at"], decided["assumed"], decided["store"])
    explained = explain_batch(batch, run, _groups(row))
    same = all(
        explained.outcome[name] == row[name]
        for name in ("input_digest", "law_version", "duty", "tax", "fees", "total", "disposition", "status")
    )
    return Explanation(explained.outcome, explained.steps, same)


def _outcome_row(
    out: Path, manifest: dict[str, Any], consignment_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    form = manifest["format"]
    for entry in manifest["parts"]:
        path = part_path(out, "outcomes", entry["part"], form)
        if sha256_of(path) != entry["files"][f"outcomes/{path.name}"]:
            raise UsageError(f"{path}: it was changed since the run wrote it (its SHA-256 differs)")
        rows = read_part_rows(out, "outcomes", entry["part"], form)
        rows = rows.filter(pl.col("consignment_id") == consignment_id)
        if rows.height:
            return rows.row(0, named=True), entry
    raise UsageError(f"{out}: no outcome of consignment {consignment_id}")


def _groups(row: dict[str, Any]) -> pl.DataFrame | None:
    """Return the group facts that the run decided with."""
    if row["group.count"] is None:
        return None
    digits = exponent(row["currency"]) if row["currency"] else 2
    value = row["group.value"]
    signs = row["risk.indicators"]
    listed = json.loads(signs) if isinstance(signs, str) else signs
    return pl.DataFrame(
        [
            {
                "group.key": row["group.key"],
                "group.value": None if value is None else parse_scaled(value, digits),
                "group.count": int(row["group.count"]),
                "group.ordinal": int(row["group.ordinal"]),
                "screen.reused_id": any(sign["code"] == "identity.reused" for sign in listed or ()),
            }
        ],
        schema=GROUP_SCHEMA,
    )


def in_words(explanation: Explanation, width: int = 100) -> str:
    """Return the explanation as plain text."""
    o = explanation.outcome
    currency = o["currency"] or ""
    lines = [f"Consignment {o['consignment_id']}", ""]
    where = f" ({o['member']})" if o["member"] else ""
    lines.append(f"Law: {o['jurisdiction'] or 'none'}{where}, version {o['law_version']}")
    lines.append(f"Category {o['category']}: {CATEGORIES[o['category']]} - {o['category_reason']}.")
    lines += ["", "What is decided", f"  {o['disposition'].replace('_', ' ')}"]
    lines += [_wrapped(f"- {reason}", width, "  ") for reason in o["reasons"]]
    lines += ["", "What is owed"]
    if not o["charges"]:
        lines.append("  nothing")
    for charge in o["charges"]:
        lines.append(_wrapped(_charge_words(charge, currency), width, "  "))
    if o["total"] is not None:
        lines.append(
            f"  Duty {o['duty']}, tax {o['tax']}, fees {o['fees']}: {o['total']} {currency} in all, "
            f"{o['payable_at_border']} {currency} of it at the border."
        )
    else:
        lines.append("  No total: something is not known, see the findings.")
    lines.append(f"  Certainty: {o['certainty']}.")
    lines += ["", "How it was worked out"]
    for number, step in enumerate(explanation.steps, 1):
        item = f", item {step.item}" if step.item is not None else ""
        says = f" ({step.says})" if step.says else ""
        lines.append(
            _wrapped(
                f"{number}. {step.name.replace('_', ' ')}{item}{says}: {step.value}.  [{step.law}]",
                width,
                "  ",
            )
        )
    if o["findings"]:
        lines += ["", "Findings"]
        lines += [
            _wrapped(f"{f['severity']} {f['code']} at {f['path'] or '/'}: {f['message']}", width, "  ")
            for f in o["findings"]
        ]
    if o["risk"]["indicators"]:
        lines += ["", f"Risk score {o['risk']['score']} of 1,000"]
        lines += [f"  {sign['weight']:>4}  {sign['reason']}" for sign in o["risk"]["indicators"]]
    lines += ["", f"Input digest {o['input_digest']}"]
    lines.append(f"Lists {o['lists_version']}, risk model {o['model_version']}")
    if explanation.same is not None:
        lines.append(
            "Recomputed now, it equals what the run wrote."
            if explanation.same
            else "Recomputed now, it DIFFERS from what the run wrote: law, reference data or key changed since."
        )
    return "\n".join(lines)


def _charge_words(charge: dict[str, Any], currency: str) -> str:
    name = CHARGE_NAMES[charge["name"]]
    item = f" on item {charge['item_id']}" if charge["item_id"] else ""
    amount = f"{charge['amount']} {currency}" if charge["amount"] is not None else "an amount not known"
    how = ""
    if charge["base"] is not None and charge["rate"] is not None:
        how = f" ({charge['rate']} of {charge['base']})"
    owes = PARTIES[charge["liable"]]
    pays = "" if charge["payer"] == charge["liable"] else f"; {PARTIES[charge['payer']]} hands it over"
    assessed = "Not assessed and" if charge["assessed"] is None else f"Assessed {charge['assessed']},"
    waived = f" {assessed} not collected: {charge['waived']['reason']}." if charge["waived"] else ""
    return (
        f"- {amount} {name}{item}{how}: {owes} owes it{pays}, {COLLECTED[charge['collected']]}. "
        f"{charge['certainty'].capitalize()}.{waived} [{charge['law']['article']}]"
    )


def _wrapped(text: str, width: int, indent: str) -> str:
    return fill(text, width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
