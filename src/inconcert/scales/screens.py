"""Positive or negative on a screening questionnaire, decided as soon as the answers given decide it."""

from __future__ import annotations

from inconcert.judgement import Answer, Basis, Judgement, Question, all_of
from inconcert.knowledge.scales import ScaleFile, ScreenRule
from inconcert.scales.errors import ScaleInputError
from inconcert.scales.find import find_scale
from inconcert.scales.types import ScaleScore

SEX = Question("person.sex", "Which sex is recorded? The cut differs for men and women.")


def screen(score: ScaleScore, *, sex: str = "") -> Judgement:
    """Met if the screen is positive. `sex` is `male`, `female` or '' where it is not known.

    Where the cut depends on a sex that is not known, the answer stands only if every cut agrees. Raises
    ScaleInputError for a scale that is no screen.
    """
    scale = find_scale(score.scale)
    if not scale.screens:
        raise ScaleInputError(scale.id, "it has no screening cut.", "Use its band or its flags.")
    rules = [r for r in scale.screens if not r.sex or not sex or r.sex == sex] or list(scale.screens)
    answers = {_positive(rule, score) for rule in rules}
    answer = answers.pop() if len(answers) == 1 else Answer.UNKNOWN
    words = {Answer.MET: "positive", Answer.NOT_MET: "negative", Answer.UNKNOWN: "not decided"}
    cuts = " or ".join(_text(scale, rule) for rule in rules)
    return Judgement(
        id=f"scales.{scale.id}.screen",
        answer=answer,
        text=f"{scale.name}: {words[answer]} ({cuts})",
        basis=Basis(
            rule_id=f"scales.{scale.id}.screen",
            rule_version=scale.version,
            rule_text=cuts,
            as_of=score.basis.as_of,
            sources=scale.source_list("screens"),
            used=score.basis.used,
            rejected=score.basis.rejected,
        ),
        question=_question(score, len(rules) > 1) if answer is Answer.UNKNOWN else None,
    )


def _positive(rule: ScreenRule, score: ScaleScore) -> Answer:
    parts = [_at_least(score.total_low, score.total_high, rule.total_at_least)]
    for key, least in rule.items_at_least.items():
        value = score.items.get(key)
        parts.append(Answer.UNKNOWN if value is None else _at_least(value, value, least))
    return all_of(parts)


def _at_least(low: float, high: float, cut: float) -> Answer:
    if low >= cut:
        return Answer.MET
    return Answer.NOT_MET if high < cut else Answer.UNKNOWN


def _question(score: ScaleScore, sex_matters: bool) -> Question:
    if score.needs:
        return score.needs[0]
    return SEX if sex_matters else Question(f"scales.{score.scale}.form", f"Complete the {score.scale} form.")


def _text(scale: ScaleFile, rule: ScreenRule) -> str:
    more = "".join(f", item {key} at least {least:g}" for key, least in rule.items_at_least.items())
    who = {"male": "men: ", "female": "women: ", "": ""}[rule.sex]
    mark = "" if (rule.status or scale.status) == "read" else f" ({rule.status or scale.status})"
    return f"{who}total at least {rule.total_at_least:g}{more}{mark}"
