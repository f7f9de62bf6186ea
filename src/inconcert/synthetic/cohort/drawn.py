"""Everything drawn of some people, in the order in which one thing leans on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inconcert.synthetic.cohort.answered import Answered, draw_answers
from inconcert.synthetic.cohort.columns import NO_DAY
from inconcert.synthetic.cohort.diagnoses import PresentEpisode, read_episode
from inconcert.synthetic.cohort.draws import Draws, Flags, Ints
from inconcert.synthetic.cohort.people import Who, draw_who
from inconcert.synthetic.cohort.scores import Scores, draw_scores
from inconcert.synthetic.cohort.treatments import Treatments, draw_treatments, ketamine_trials
from inconcert.synthetic.cohort.trials import Trials, draw_trials, drug_names
from inconcert.synthetic.cohort.whole import Whole, draw_whole


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some people as drawn: one place in every array for each of `numbers`."""

    seed: int
    as_of: int
    numbers: Ints
    who: Who
    episode: PresentEpisode
    treatments: Treatments
    trials: Trials
    whole: Whole
    scores: Scores
    answers: tuple[Answered, ...]


def draw(seed: int, as_of: int, people: Sequence[int] | range) -> Drawn:
    """Draw people by their numbers, as known on a day (days since 1970). A person's draws depend on nobody else."""
    draws = Draws.of(seed, people)
    who = draw_who(draws, as_of)
    episode = read_episode(who)
    treatments = draw_treatments(draws, who)
    begun = np.where(episode.onset_first == NO_DAY, who.answered_on - 365, episode.onset_first)
    trials = draw_trials(draws, who, begun, ketamine_trials(treatments, as_of))
    known = _known(who, episode, treatments, trials)
    return Drawn(
        seed=seed, as_of=as_of, numbers=np.asarray(people, dtype=np.int64), who=who, episode=episode, treatments=treatments,
        trials=trials, whole=draw_whole(draws, trials), scores=draw_scores(draws, who), answers=tuple(draw_answers(draws, known)),
    )  # fmt: skip


def _known(who: Who, episode: PresentEpisode, treatments: Treatments, trials: Trials) -> dict[str, Flags]:
    """What is so of each person, for answers that follow it."""
    pregnant = [e for e in who.comorbid if e.codes[0].startswith("Z33")]
    is_open = treatments.open_since != NO_DAY
    names = drug_names()
    return {
        "prior_tms": treatments.tms_sessions > 0,
        "psychotherapy": treatments.psychotherapy_on != NO_DAY,
        "psychotic": episode.psychotic == 1,
        "recurrent": episode.recurrent == 1,
        "bipolar": episode.bipolar,
        "pregnant": pregnant[0].there if pregnant else np.zeros(len(is_open), dtype=bool),
        "on_antidepressant": (trials.there & (trials.kind == 1)).any(axis=1),
        "ketamine_now": is_open & (treatments.open_drug == names.index("ketamine")),
        "esketamine_now": is_open & (treatments.open_drug == names.index("esketamine")),
    }
