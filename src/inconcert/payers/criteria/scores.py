"""Scores over time: the latest, the first, the worst, the best, or all of them; strict and non-strict bounds as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inconcert.judgement import Answer, Judgement, Reading, RecordUse, all_of, any_of
from inconcert.knowledge.loader import as_sources
from inconcert.knowledge.policy_schema.base import Bound
from inconcert.knowledge.policy_schema.checks import PolicyScale, depression_scales, policy_scales
from inconcert.knowledge.policy_schema.who import RatingScaleDocumented, ScaleBound, SeverityScore
from inconcert.knowledge.scales import scale_files
from inconcert.payers import readings
from inconcert.payers.asking import CaseView, Evaluator, Spot
from inconcert.payers.wording import bound_in_words
from inconcert.record import ScaleForm
from inconcert.scales import series


@dataclass(frozen=True, slots=True)
class Scored:
    """One total with its bounds (equal where it is known), its day and its form."""

    scale: str
    low: float
    high: float
    day: date
    form_id: str

    @property
    def use(self) -> RecordUse:
        """As a record used."""
        return RecordUse(self.form_id, f"{self.scale} {self.said}", self.day.isoformat())

    @property
    def said(self) -> str:
        """The total, or its bounds."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


def scored(view: CaseView, name: str) -> tuple[Scored, ...]:
    """Every dated score of a scale as policies name it, oldest first, on or before the date of service.

    A scale that we hold is scored by the scales room; of another only the total that the form states is known.
    """
    return view.once(("scored", name), lambda: _scored(view, policy_scales()[name]))


def _scored(view: CaseView, scale: PolicyScale) -> tuple[Scored, ...]:
    found = [score for scale_id in scale.ids for score in scored_forms(view, scale, scale_id)]
    return tuple(sorted(found, key=lambda s: (s.day, s.form_id)))


def scored_forms(view: CaseView, scale: PolicyScale, scale_id: str) -> Iterator[Scored]:
    """The dated scores of one of the scales that a policy's name stands for, in no order."""
    if scale_id not in scale_files():
        yield from (_stated(scale, f) for f in view.person.scale_forms if _usable(f, scale_id, scale, view.as_of))
        return
    for dated in series(view.person, scale_id, view.as_of):
        if dated.taken is not None and dated.taken.days.latest <= view.as_of:
            s = dated.score
            low, high = (s.total, s.total) if s.total is not None else (s.total_low, s.total_high)
            yield Scored(scale.name, low, high, dated.taken.days.latest, dated.form_id)


def _usable(form: ScaleForm, scale_id: str, scale: PolicyScale, as_of: date) -> bool:
    low, high = scale.range
    return (
        form.scale == scale_id
        and form.status != "entered-in-error"
        and form.stated_total is not None
        and low <= form.stated_total <= high
        and form.taken is not None
        and form.taken.days.latest <= as_of
    )


def _stated(scale: PolicyScale, form: ScaleForm) -> Scored:
    total = (
        form.stated_total if form.stated_total is not None else float("nan")
    )  # `_usable` has let only totals through
    day = form.taken.days.latest if form.taken is not None else date.min
    return Scored(scale.name, total, total, day, form.id)


def holds(bound: ScaleBound, score: Scored) -> Answer:
    """Whether a score is inside a bound; unknown where a form with blanks could be on either side."""
    answers = {_inside(bound, score.low), _inside(bound, score.high)}
    if isinstance(bound.value, tuple) and score.low < bound.value[0] and score.high > bound.value[1]:
        return Answer.UNKNOWN  # the form may lie inside the range, below it or above it
    return (Answer.MET if answers == {True} else Answer.NOT_MET) if len(answers) == 1 else Answer.UNKNOWN


def _inside(bound: ScaleBound, total: float) -> bool:
    value = bound.value
    if isinstance(value, tuple):
        return value[0] <= total <= value[1]
    if isinstance(value, str):
        return total >= band_from(bound)
    return {
        ">": total > value, ">=": total >= value, "<": total < value, "<=": total <= value, "=": total == value,
    }[bound.op]  # fmt: skip


def severity_score(leaf: SeverityScore, spot: Spot) -> Judgement:
    """Met if a listed scale is inside its bound; not met only where every listed scale is on record and none is.

    A scale nobody took is not a scale outside its bound. A form too blank to decide is passed over for an earlier one
    that does, and shown.
    """
    parts = []
    taken: tuple[str, ...] = ("persisted_days", "persisted_scores") if leaf.persisted else ("score_valid_days",)
    if leaf.within_days is not None:
        taken = tuple(t for t in taken if t == "persisted_scores")
    for bound in leaf.any_of:
        rejected: list[RecordUse] = []
        answer, scores, text = _one_scale(leaf, bound, spot, rejected)
        wanted = bound_in_words(bound)
        text = text or f"No valid {bound.scale} on record; {wanted} is asked."
        question = spot.question("payers.severity_score", about=f"({wanted})") if answer is Answer.UNKNOWN else None
        said = taken if leaf.persisted or rejected else ()
        judged = spot.judge(answer, text, used=[s.use for s in scores], rejected=rejected, question=question,
                            readings_taken=said, suffix=bound.scale)  # fmt: skip
        parts.append(_with_band(judged, bound))
    if len(parts) == 1:
        return parts[0]
    answer = any_of(p.answer for p in parts)
    on_record = [p for p in parts if p.basis.used]
    shown = [p for p in parts if p.answer is answer and answer is not Answer.UNKNOWN] or on_record
    text = " ".join(p.text for p in shown) or "No valid score on any listed scale."
    listed = "; ".join(bound_in_words(b) for b in leaf.any_of)
    question = None
    if answer is Answer.UNKNOWN:
        question = spot.question("payers.severity_score", about=f"({listed})")
        text += f" One of the listed scales inside its bound would do: {listed}."
    used = [u for p in parts for u in p.basis.used]
    rejected = [u for p in parts for u in p.basis.rejected]
    # The parts that lack a score are one question, not one each.
    return spot.judge(answer, text, used=used, rejected=rejected, question=question,
                      parts=tuple(p for p in parts if p.answer is not Answer.UNKNOWN))  # fmt: skip


def _with_band(judged: Judgement, bound: ScaleBound) -> Judgement:
    """Where the policy names a band and not a number: the number read for it, with its source and whether it is recalled."""
    if not isinstance(bound.value, str):
        return judged
    scale = policy_scales()[bound.scale]
    mark = ", recalled" if scale.status is Reading.RECALLED else ""
    basis = replace(judged.basis, sources=judged.basis.sources + as_sources(scale.sources, scale.status))
    text = f"{judged.text} (Reading taken: {bound_in_words(bound)} begins at {band_from(bound):g}{mark}.)"
    return replace(judged, text=text, basis=basis)


def band_from(bound: ScaleBound) -> Bound:
    """The lowest total of the band a policy names."""
    scale = policy_scales()[bound.scale]
    begins = scale.severe_from if bound.value == "severe" else scale.moderate_from
    assert begins is not None  # noqa: S101 - the schema refuses a band of a scale that has none
    return begins


def _one_scale(
    leaf: SeverityScore, bound: ScaleBound, spot: Spot, rejected: list[RecordUse]
) -> tuple[Answer, tuple[Scored, ...], str]:
    days = leaf.within_days
    if days is None:
        days = int(readings.reading("persisted_days" if leaf.persisted else "score_valid_days").value)
    oldest = spot.view.as_of - timedelta(days=days)
    if leaf.persisted_weeks is not None:
        return _run(leaf.persisted_weeks, bound, scored(spot.view, bound.scale), oldest, spot.view.as_of)
    valid = []
    for score in scored(spot.view, bound.scale):
        if score.day >= oldest or (leaf.over != "latest" and leaf.within_days is None and leaf.times == 1):
            valid.append(score)
        else:
            rejected.append(
                RecordUse(score.form_id, f"{score.scale} {score.said} is older than {days:g} days", str(score.day))
            )
    if not valid:
        return Answer.UNKNOWN, (), ""
    if leaf.persisted:
        return _persisted(bound, valid)
    if leaf.times > 1:
        return _several(leaf, bound, valid)
    ordered = _ordered(valid, leaf.over)
    pick = next((s for s in ordered if holds(bound, s) is not Answer.UNKNOWN), ordered[0])
    for score in ordered[: ordered.index(pick)]:
        rejected.append(RecordUse(score.form_id, f"too many blanks ({score.said})", str(score.day)))
    answer = holds(bound, pick)
    which = "latest" if leaf.over == "latest" else leaf.over
    return (
        answer,
        (pick,),
        f"{which.capitalize()} {bound.scale} {pick.said} on {pick.day}; {bound_in_words(bound)} is asked.",
    )


def _ordered(scores: list[Scored], over: str) -> list[Scored]:
    if over == "latest":
        return scores[::-1]
    if over == "worst":
        return sorted(scores, key=lambda s: -s.high)
    return sorted(scores, key=lambda s: s.low) if over == "best" else scores


def _persisted(bound: ScaleBound, scores: list[Scored]) -> tuple[Answer, tuple[Scored, ...], str]:
    scores = [s for s in scores if holds(bound, s) is not Answer.UNKNOWN]
    answers = [holds(bound, s) for s in scores]
    need = int(readings.reading("persisted_scores").value)
    listed = ", ".join(f"{s.said} on {s.day}" for s in scores)
    text = f"{bound.scale} {listed}; {bound_in_words(bound)} throughout is asked."
    if Answer.NOT_MET in answers:
        return Answer.NOT_MET, tuple(scores), text
    days = {s.day for s, a in zip(scores, answers, strict=True) if a is Answer.MET}
    whole = all_of(answers) if len(days) >= need else Answer.UNKNOWN
    return whole, tuple(scores), text


def _several(leaf: SeverityScore, bound: ScaleBound, scores: list[Scored]) -> tuple[Answer, tuple[Scored, ...], str]:
    """So many scores inside the bound, far enough apart. Too few are not met only where the latest lies outside."""
    decided = [s for s in scores if holds(bound, s) is not Answer.UNKNOWN]
    found: list[Scored] = []
    for score in decided:
        apart = not found or (score.day - found[-1].day).days >= max(leaf.days_apart, 1)
        if apart and holds(bound, score) is Answer.MET:
            found.append(score)
    over_now = bool(decided) and holds(bound, decided[-1]) is Answer.NOT_MET
    answer = Answer.MET if len(found) >= leaf.times else Answer.NOT_MET if over_now else Answer.UNKNOWN
    apart_by = f", {leaf.days_apart} days apart" if leaf.days_apart else ""
    listed = ", ".join(f"{s.said} on {s.day}" for s in decided)
    text = f"{bound.scale} {listed}; {bound_in_words(bound)} {leaf.times} times{apart_by} is asked."
    return answer, tuple(decided), text


def _run(
    weeks: Bound, bound: ScaleBound, scores: tuple[Scored, ...], oldest: date, as_of: date
) -> tuple[Answer, tuple[Scored, ...], str]:
    """Scores inside the bound without a break for so many weeks, up to a score in date.

    The run surely lasts from its first to its last score, and at most from the last score outside it to today.
    """
    decided = [s for s in scores if holds(bound, s) is not Answer.UNKNOWN]
    if not decided or decided[-1].day < oldest:
        return Answer.UNKNOWN, (), ""
    broken = max((i for i, s in enumerate(decided) if holds(bound, s) is Answer.NOT_MET), default=-1)
    run = decided[broken + 1 :]
    days = weeks * 7
    listed = ", ".join(f"{s.said} on {s.day}" for s in decided[max(broken, 0) :])
    text = f"{bound.scale} {listed}; {bound_in_words(bound)} for {weeks:g} weeks without a break is asked."
    if run and (run[-1].day - run[0].day).days >= days:
        return Answer.MET, tuple(run), text
    if not run or (broken >= 0 and (as_of - decided[broken].day).days <= days):
        return Answer.NOT_MET, tuple(decided[max(broken, 0) :]), text
    return Answer.UNKNOWN, tuple(run), text


def scale_documented(leaf: RatingScaleDocumented, spot: Spot) -> Judgement:
    """A baseline is a valid score in the record, or somebody's word; later scores are a plan, which the clinic attests."""
    parts = []
    if "baseline" in leaf.timing:
        parts.append(_baseline(leaf, spot))
    if set(leaf.timing) - {"baseline"}:
        yes, no = "Repeated scores are planned", "Repeated scores are not planned"
        parts.append(spot.yes_no("payers.serial_scales_planned", yes, no))
    if leaf.same_scale:
        yes, no = "The same scale is used throughout", "Not the same scale throughout"
        parts.append(spot.yes_no("payers.same_scale_throughout", yes, no))
    if leaf.score_before_tms:
        yes, no = (
            "A score from before the first session is in what is sent",
            "No score from before the first session is in it",
        )
        parts.append(spot.yes_no("payers.score_before_tms_sent", yes, no))
    if len(parts) == 1:
        return parts[0]
    return spot.joined(parts, all_of(p.answer for p in parts), " ".join(p.text for p in parts))


def _baseline(leaf: RatingScaleDocumented, spot: Spot) -> Judgement:
    days = readings.reading("score_valid_days").value
    oldest = spot.view.as_of - timedelta(days=days)
    names: Iterable[str] = [s for s in leaf.scales if s != "any"] or depression_scales()
    for name in names:
        whole = [s for s in scored(spot.view, name) if s.low == s.high and s.day >= oldest]
        if whole:
            score = whole[-1]
            text = f"{name} {score.said} on {score.day}."
            return spot.judge(
                Answer.MET, text, used=(score.use,), readings_taken=("score_valid_days",), suffix="baseline"
            )
    return spot.yes_no("payers.baseline_scale", "A baseline score is documented", "No baseline score is documented")


EVALUATORS: dict[type, Evaluator] = {SeverityScore: severity_score, RatingScaleDocumented: scale_documented}
