"""Who: the trials that count, the stage, what makes it unsafe, what must wait."""

from __future__ import annotations

from datetime import date

from inconcert.assessment.types import WhoAnswer
from inconcert.assessment.wording import ARMS, count, join, unique
from inconcert.judgement import Answer, Basis, Question
from inconcert.safety.types import ArmClearance, Clearance, SafetyScreen
from inconcert.staging.types import StageResult, TrialHistory

# The question most readers mean by "resistant": the US esketamine label's own definition.
LABEL = "us_esketamine"


def is_bipolar(polarity: str) -> Answer:
    """The episode's polarity as an answer."""
    return {"bipolar": Answer.MET, "unipolar": Answer.NOT_MET}.get(polarity, Answer.UNKNOWN)


def answer(history: TrialHistory, stages: tuple[StageResult, ...], screened: SafetyScreen, as_of: date) -> WhoAnswer:
    """Put staging and safety side by side and say both in plain words."""
    label = next((s for s in stages if s.instrument == LABEL), None)
    resistant = label.judgement.answer if label and label.judgement else Answer.UNKNOWN
    questions = unique(
        question
        for source in (
            *(c.questions for c in screened.clearances),
            *(s.missing for s in stages),
            history.complete.questions(),
        )
        for question in source
    )
    sentences = [_trials(history), label.judgement.text if label and label.judgement else "", _safety(screened)]
    risk = screened.suicide_risk
    if risk.level in ("red", "amber"):
        sentences.insert(0, risk.text)
    return WhoAnswer(
        text=" ".join(s for s in sentences if s),
        resistant=resistant,
        history=history,
        staging=stages,
        safety=screened,
        questions=questions,
        basis=_basis(history, stages, screened, as_of),
    )


def _trials(history: TrialHistory) -> str:
    tried = history.antidepressants()
    if not tried:
        return "No antidepressant trial could be rebuilt from the record."
    adequate = sum(t.adequate.answer is Answer.MET for t in tried)
    failed = sum(t.failed.answer is Answer.MET for t in tried)
    undecided = sum(t.failed.answer is Answer.UNKNOWN for t in tried)
    said = f"{count(len(tried), 'antidepressant trial')} rebuilt: {adequate} adequate, {failed} failed"
    return said + (f", {undecided} undecided." if undecided else ".")


def _safety(screened: SafetyScreen) -> str:
    by_state: dict[Clearance, list[ArmClearance]] = {state: [] for state in Clearance}
    for clearance in screened.clearances:
        by_state[clearance.clearance].append(clearance)
    said = []
    for state, words in ((Clearance.NEVER, "never"), (Clearance.HOLD, "hold"), (Clearance.CLEARED, "cleared")):
        arms = [ARMS[c.arm.value] for c in by_state[state]]
        if arms:
            said.append(f"{words}: {join(arms)}")
    to_ask = len(unique(q for c in screened.clearances for q in c.questions))
    tail = f" ({count(to_ask, 'question')} to ask)" if to_ask else ""
    return f"Safety {'; '.join(said)}{tail}."


def _basis(history: TrialHistory, stages: tuple[StageResult, ...], screened: SafetyScreen, as_of: date) -> Basis:
    judged = [s.judgement.basis for s in stages if s.judgement] + [f.judgement.basis for f in screened.findings]
    return Basis(
        rule_id="assessment.who",
        rule_text="Staging and safety side by side; the resistance answer is the US label's definition.",
        as_of=as_of,
        sources=unique(source for basis in judged for source in basis.sources),
        used=unique(use for trial in history.trials for use in trial.used),
        rejected=unique((*history.not_trials, *(use for trial in history.trials for use in trial.rejected))),
    )


def ask_first(who: WhoAnswer, limit: int = 5) -> tuple[Question, ...]:
    """The first few questions to ask, safety before history."""
    return who.questions[:limit]
