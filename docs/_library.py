"""The reference pages of what the library holds: scales, protocols, policies, intake questions, hazards, the JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from _pages import cell, code, table

from inconcert.judgement import Source

DOCS = Path(__file__).parent


POLICIES_INTRO = """# Coverage policies

Generated from `knowledge/files/policies`. A policy is what was found on the day named, as deeply as said; it may have changed since.
`inconcert policies show ID` prints one whole.
"""
HAZARDS_INTRO = """# Hazard log

What could hurt somebody, what guards against it, and which tests hold the guard. Severity: catastrophic, major, considerable, significant.
*Not built yet* means that the part in which the hazard arises does not exist; it may not be built without its guard.

"""


def link(source: Source) -> str:
    """A source as a link where it is one, with the place inside it."""
    ref = source.ref
    shown = f"<{ref}>" if ref.startswith(("http://", "https://")) else cell(ref)
    if ref.startswith("10."):
        shown = f"[doi:{ref}](https://doi.org/{ref})"
    return shown + (f" ({cell(source.where)})" if source.where else "")


def source_list(sources: Iterable[Source]) -> str:
    """Sources as a list, the recalled ones marked."""
    lines = [f"- {link(s)}" + ("" if s.status.value == "read" else f" *{s.status.value}*") for s in sources]
    return "\n".join(lines) + "\n" if lines else "No source is named.\n"


def scales_page() -> str:
    """Every rating scale: items, bands, cuts and what its manual does with a blank."""
    from inconcert.knowledge.scales import scale_files

    scales = scale_files().values()
    parts = [
        "# Rating scales\n\nGenerated from `knowledge/files/scales`. Labels are ours. `inconcert scales show ID` prints the same.\n",
        table(
            ("scale", "measures", "items", "total", "status"),
            (
                (f"[{cell(s.name)}](#{s.id})", s.measures, str(len(s.items)), span(s.total.range), s.status.value)
                for s in scales
            ),
        ),
    ]
    for scale in scales:
        parts.append(f"({scale.id})=\n## {scale.name}\n")
        facts = [
            ("id", code(scale.id)),
            ("also called", ", ".join(map(code, scale.aliases)) or "–"),
            ("filled in by", scale.rater),
            ("asks about", cell(scale.recall)),
            ("total", f"{span(scale.total.range)}, {'higher' if scale.higher_is_worse else 'lower'} is worse"),
            ("bands", "; ".join(f"{cell(b.label or b.id)} {span(b.range)}" for b in scale.bands) or "–"),
            ("remission", "; ".join(cell(f"{c.op} {c.value}") for c in scale.remission) or "–"),
            ("blank items", cell(scale.missing.note or scale.missing.kind)),
            ("flags", "; ".join(cell(f"item {f.item} {f.op} {f.value}: {f.level}") for f in scale.flags) or "–"),
            ("known how", how_known(scale.status.value, scale.recalled_fields, scale.checked_on)),
        ]
        parts.append(table(("", ""), facts))
        parts.append(
            table(("item", "about", "range"), ((code(i.key), cell(i.label), span(i.range)) for i in scale.items))
        )
        parts.append(source_list(scale.source_list()))
    return "\n".join(parts)


def how_known(status: str, recalled: Sequence[str], checked_on: str) -> str:
    """`read, but for ... (recalled); checked on ...`."""
    but = f", but for {', '.join(recalled)} (recalled)" if recalled and status == "read" else ""
    return cell(f"{status}{but}; checked on {checked_on}")


def span(bounds: Sequence[float]) -> str:
    """`0 to 27`."""
    return f"{bounds[0]} to {bounds[-1]}"


def policies_page() -> str:
    """Every coverage policy: payer, services, date, how deeply it was read, what it says of the pair."""
    from inconcert.knowledge.policies import policies as all_policies

    policies = all_policies().values()
    parts = [
        POLICIES_INTRO,
        table(
            ("policy", "payer", "services", "since", "read", "on the pair"),
            (
                (
                    f"[{code(p.id)}](#policy-{p.id})",
                    cell(p.file.payer),
                    cell(", ".join(p.file.services).replace("_", " ")),
                    cell(p.version_text),
                    cell(p.file.read_depth.replace("_", " ")),
                    cell(p.file.combination.clause.replace("_", " ")),
                )
                for p in policies
            ),
        ),
    ]
    for policy in policies:
        parts.append(f"(policy-{policy.id})=\n## {cell(policy.file.payer)}: {cell(policy.file.title)}\n")
        parts.append(
            f"`{policy.id}`, {policy.file.status.value}, {policy.file.read_depth}, checked on {policy.file.checked_on}.\n"
        )
        parts.append(source_list(policy.sources))
    return "\n".join(parts)


def protocols_page() -> str:
    """Every treatment protocol."""
    from inconcert.protocols import describe_all

    rows = describe_all()
    return (
        "# Treatment protocols\n\nGenerated from `knowledge/files/protocols`. `inconcert protocols show ID` prints one whole, with each "
        "number's kind and source.\n\n"
        + table(
            ("protocol", "kind", "status", "name"),
            ((code(r["id"]), cell(r["kind"]), cell(r["status"]), cell(r["name"])) for r in rows),
        )
    )


def intake_page() -> str:
    """Every intake question, which is what an unknown points to."""
    from inconcert.knowledge.loader import intake_questions

    def answer(question: Any) -> str:
        kinds = {"yes_no": "yes or no", "number": f"a number ({question.unit})", "text": "words"}
        return kinds.get(question.answer) or " / ".join(question.choices) or question.answer

    return (
        "# Intake questions\n\nWhat an *unknown* points to. A QuestionnaireResponse whose `linkId` is one of these ids answers it "
        "(see [read your own files](../../how-to/read-your-own-files.md)).\n\n"
        + table(
            ("id", "question", "answer", "why it is asked"),
            ((code(q.id), cell(q.text), cell(answer(q)), cell(q.why)) for q in intake_questions().values()),
        )
    )


def schema_page() -> str:
    """The JSON Schema of `assess --json`, field by field at the top and whole below."""
    from inconcert.assessment import json_schema

    schema: Mapping[str, Any] = json_schema()
    return (
        "# JSON of an assessment\n\n`inconcert assess FILE --json` writes one object that satisfies this JSON Schema "
        "(`inconcert schema` prints it). What each part means is in [the answers](answers.md).\n\n"
        f"```json\n{json.dumps(schema, indent=1, ensure_ascii=False)}\n```\n"
    )


def hazards() -> list[dict[str, Any]]:
    """The entries of the hazard log."""
    from inconcert.knowledge import strict_yaml

    entries: list[dict[str, Any]] = strict_yaml.read(DOCS / "safety" / "hazards.yaml")
    return entries


def hazards_page() -> str:
    """The hazard log: all in a line each, then one by one with the tests that hold them."""
    words = {"held": "held by tests", "partly": "partly held", "not_built": "not built yet"}
    entries = hazards()
    rows = ((f"[{h['id']}](#{h['id'].lower()})", cell(h["hazard"]), h["severity"], words[h["state"]]) for h in entries)
    parts = [HAZARDS_INTRO + table(("id", "hazard", "severity", "state"), rows)]
    for h in entries:
        parts.append(f"({h['id'].lower()})=\n## {h['id']}: {h['hazard'].rstrip('.')}\n")
        parts.append(f"*{h['severity']}, {words[h['state']]}*\n")
        parts.append(f"**Cause.** {h['cause']}\n\n**Guard.** {h['guard']}\n")
        parts.append("\n".join(f"- `{test}`" for test in h["tests"]) + "\n")
    return "\n".join(parts)
