"""What an approval covers, in words: sessions, weeks, months, stages with their conditions, caps."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.judgement import Answer
from inconcert.knowledge.policies import CoveragePolicy, StagedQuantity
from inconcert.knowledge.policy_schema.file import AuthorizationPart, Phase
from inconcert.payers.evaluate import Judged
from inconcert.payers.wording import node_in_words, opening, plain


def authorizes_in_words(policy: CoveragePolicy, stage: str, judged: Judged | None) -> str:
    """What an approval at this stage would cover. Where indications differ, the ones not ruled out are told."""
    if stage == "initial":
        staged = policy.quantities
    else:
        later = policy.later.get(stage)
        staged = later.quantities if later is not None else ()
        if later is not None and later.file.same_quantity_as_initial:
            staged = policy.quantities
    ruled_out = set(_labels(judged, Answer.NOT_MET)) if judged is not None else set()
    said = [_part(s) for s in staged if not s.part.label or s.part.label not in ruled_out]
    if stage == "initial" and policy.file.process.prior_auth == "not_required":
        said.append("no prior authorization is asked; claim and record are judged afterwards")
    text = "; ".join(s for s in said if s)
    return f"{opening(text)}." if text else "The policy, as far as seen, does not say how much is authorized."


def _labels(judged: Judged, answer: Answer) -> Iterator[str]:
    label = judged.node.label
    if label and judged.answer is answer:
        yield label
    for part in judged.parts:
        yield from _labels(part, answer)


def _part(staged: StagedQuantity) -> str:
    part = staged.part
    words = [plain(part.label)] if part.label else []
    if part.part != "initial":
        words.append({"extension": "then", "alternative": "or", "renewal": "renewal"}[part.part])
    if part.modality is not None:
        words.append(plain(part.modality))
    words += _amounts(part)
    if part.phases:
        words.append(f"({' then '.join(_phase(p) for p in part.phases)})")
    if part.beyond_sessions is not None:
        words.append(f"beyond {part.beyond_sessions} sessions: {plain(part.rule or 'not said')}")
    if staged.when is not None:
        words.append(f"if {node_in_words(staged.when)}")
    words += _caps(part)
    return " ".join(words)


def _amounts(part: AuthorizationPart) -> list[str]:
    words = []
    if isinstance(part.sessions, int):
        words.append(
            f"{part.sessions_min}-{part.sessions} sessions" if part.sessions_min else f"{part.sessions} sessions"
        )
    elif part.sessions is not None:
        words.append("number of sessions not said" if part.sessions == "unspecified" else "number of sessions not seen")
    if part.weeks_range is not None:
        words.append(f"over {part.weeks_range[0]:g} to {part.weeks_range[1]:g} weeks")
    units = (("weeks", part.weeks), ("months", part.months), ("days", part.days))
    words += [f"{value:g} {unit}" for unit, value in units if value is not None]
    if part.frequency:
        words.append(plain(part.frequency))
    drug = part.drug
    if drug is not None:
        if drug.dose_mg:
            words.append(f"{' or '.join(f'{mg:g}' for mg in drug.dose_mg)} mg")
        if drug.max_mg is not None:
            words.append(f"at most {drug.max_mg:g} mg a dose")
        if drug.frequency:
            words.append(plain(drug.frequency))
        if drug.packs_per_7_days is not None:
            words.append(f"{drug.packs_per_7_days} packs in 7 days")
    return words


def _phase(phase: Phase) -> str:
    words = [f"{phase.sessions} sessions"] if phase.sessions is not None else []
    if phase.sessions_per_day is not None:
        words.append(f"{phase.sessions_per_day} a day")
    if phase.weeks is not None:
        words.append(f"in {phase.weeks:g} weeks")
    if phase.days is not None:
        words.append(f"for {phase.days} days")
    if phase.taper:
        words.append(f"tapering {'-'.join(map(str, phase.taper))}" if isinstance(phase.taper, tuple) else "tapering")
    if phase.condition is not None:
        words.append(f"if in {phase.condition}")
    return " ".join(words)


def _caps(part: AuthorizationPart) -> list[str]:
    words = []
    for cap in part.caps:
        what = plain(cap.modality or cap.code or "in all")
        if cap.sessions is not None:
            words.append(
                f"{what} at most {cap.sessions} sessions" + (f" (beyond: {plain(cap.beyond)})" if cap.beyond else "")
            )
        if cap.courses is not None:
            words.append(f"{what} at most {cap.courses} courses")
        if words and cap.within_months is not None:
            words[-1] += f" in any {cap.within_months:g} months"
        if cap.limit is not None:
            again = f", not again within {cap.not_again_within_weeks} weeks" if cap.not_again_within_weeks else ""
            words.append(f"{what} {plain(cap.limit)}{again}")
    return [f"[{'; '.join(words)}]"] if words else []
