"""Better together? Everything that the studies say, put together from the rows up."""

from __future__ import annotations

from functools import lru_cache

from inconcert.evidence.synthesis.pair.forest import Evidence, evidence_of, forest
from inconcert.evidence.synthesis.pair.grading import certainty_of
from inconcert.evidence.synthesis.pair.letting_in import letting_in
from inconcert.evidence.synthesis.pair.methods import methods
from inconcert.evidence.synthesis.pair.multiverse import Progress, multiverse
from inconcert.evidence.synthesis.pair.question import ask
from inconcert.evidence.synthesis.pair.reach import reach
from inconcert.evidence.synthesis.pair.settling import trials
from inconcert.evidence.synthesis.pair.together import interaction_answer, missing_rows
from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Group, Options, Reach, Universe
from inconcert.evidence.synthesis.pair.words import assumptions, headline
from inconcert.evidence.synthesis.what_is_known import what_is_known
from inconcert.knowledge.study_store import load_studies


def combine(options: Options) -> CombineAnswer:
    """The answer under these options, without the multiverse (see `every_way`), which takes seconds.

    Raises NetworkError for a wish that cannot be met, KnowledgeError for a reader's folder that cannot be used.
    """
    tables = load_studies(options.evidence)
    asked = ask(options, tables)
    evidence = evidence_of(asked, options, tables)
    rows = forest(evidence) if evidence is not None else ()
    interaction = interaction_answer(evidence, options)
    if not any(row.group is Group.INTERACTION for row in rows):
        rows = (*rows, interaction.row)
    return CombineAnswer(
        options=options,
        headline=headline(options, evidence, rows, interaction),
        assumptions=assumptions(options, evidence),
        network=asked.network,
        fit=evidence.fit if evidence else None,
        forest=rows,
        interaction=interaction,
        missing=tuple(missing_rows(evidence, rows)) if evidence else (),
        reach=_reach(evidence, options, rows),
        let_in=letting_in(evidence),
        certainty={row.id: found for row in rows if evidence and (found := certainty_of(evidence, row, options))},
        claims=what_is_known(options.as_of).claims,
        trials=trials(evidence, rows),
        methods=methods(options, evidence),
        excluded=asked.network.excluded,
        sources=tuple(dict.fromkeys(source for row in rows for source in row.sources)),
    )


def every_way(options: Options, progress: Progress | None = None) -> tuple[Universe, ...]:
    """The same question asked in every way. Our own tables do not change, so their answer is kept; it takes seconds."""
    if options.evidence is not None or progress is not None:
        return multiverse(options, load_studies(options.evidence), progress)
    return _kept(options)


@lru_cache(maxsize=8)
def _kept(options: Options) -> tuple[Universe, ...]:
    return multiverse(options, load_studies(None))


def _reach(evidence: Evidence | None, options: Options, rows: tuple[ForestRow, ...]) -> tuple[Reach, ...]:
    if evidence is None:
        return ()
    return reach(
        evidence, options, {r.id: evidence.row_of(r.parts) for r in rows if r.parts and r.estimate is not None}
    )
