"""The answer on the pair as a report: the same sections on a page, in print and behind a link."""

from __future__ import annotations

from collections.abc import Sequence

from inconcert import __version__
from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Universe
from inconcert.exchange.evidence.combine_text import HEADINGS, every_way_words, prior_words
from inconcert.exchange.evidence.folding import folded
from inconcert.exchange.evidence.pictures import (
    forest_alt,
    forest_spec,
    network_alt,
    network_spec,
    reach_alt,
    reach_spec,
)
from inconcert.exchange.evidence.pictures_multiverse import let_in_alt, let_in_spec, multiverse_spec
from inconcert.exchange.report.html import html_of
from inconcert.exchange.report.page import Block, Fold, Para, Picture, Report, Section, bullets, table
from inconcert.exchange.report.pdf import pdf_of

TITLE = "Better together? Ketamine and TMS"
DISCLAIMER = (
    "Modelled from published studies, not from a person's record. It supports a clinician's judgment and shows its basis; it decides"
    " nothing."
)
_WIDE, _LETTERS = (
    300,
    36,
)  # pixels of the plot beside its labels, and letters of a line of these: print stays large enough to read


def combine_html(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> str:
    """The report as one HTML file. Raises ImportError where the extra `report` is not installed."""
    return html_of(combine_report(answer, ways))


def combine_pdf(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> bytes:
    """The report as a PDF. Raises ImportError where the extra `report` is not installed."""
    return pdf_of(combine_report(answer, ways), answer.options.as_of)


def combine_report(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> Report:
    """The sections: the answer, the forest, what it rests on, every way of asking, claims, trials, methods, what was left out."""
    options = answer.options
    return Report(
        title="Evidence synthesis",
        name=TITLE,
        invented=False,
        banner=(
            ("Outcome", f"{options.outcome.value}, week {options.week:g}"),
            ("Studies", "randomized only" if options.design.value == "rct" else "every comparison, randomized or not"),
            ("As of", options.as_of.isoformat()),
            ("Studies used", str(len(answer.network.studies))),
        ),
        as_of=options.as_of.isoformat(),
        made_with=f"InConcert {__version__}",
        warnings=(),
        sections=tuple(section for section in _sections(answer, ways) if section.blocks),
        disclaimer=DISCLAIMER,
    )


def _sections(answer: CombineAnswer, ways: Sequence[Universe]) -> list[Section]:
    rest = [Para(said) for said in answer.headline[1:]]
    drawable = bool(answer.network.studies)
    forest = folded(forest_spec(answer, _WIDE), _LETTERS)
    pictures: list[Block] = (
        [Picture("forest", "Every number with its 95% interval", forest_alt(answer), forest)] if drawable else []
    )
    return [
        Section("answer", "What to take away", (Para(answer.headline[0], "lead"), *rest), "first"),
        Section("forest", "Alone, together, and beyond", (*pictures, *_forest_tables(answer)), "first"),
        Section("sceptic", "How far the data move a sceptic", tuple(Para(said) for said in prior_words(answer))),
        Section("missing", "What cannot be estimated, and what would change that", tuple(_missing(answer))),
        Section("trial", "The trial that would settle it", tuple(_trials(answer))),
        Section("certainty", "How sure anyone can be (GRADE)", tuple(_certainty(answer))),
        Section("rests", "What it rests on", tuple(_rests(answer)) if drawable else ()),
        Section("let_in", "How much of what was not randomized is let in", tuple(_let_in(answer))),
        Section("ways", "Asked in every way", tuple(_ways(ways))),
        Section("claims", "What people claim of the two together", tuple(_claims(answer))),
        Section(
            "methods", "Methods", (*(Para(said) for said in answer.methods), *bullets("Assumed", answer.assumptions))
        ),
        Section("studies", "Every study that entered, and every row that did not", tuple(_studies(answer)), "appendix"),
    ]


def _forest_tables(answer: CombineAnswer) -> list[Block]:
    rows = [_forest_row(answer, row) for group in HEADINGS for row in answer.forest if row.group is group]
    return table(
        "The numbers",
        ("Comparison", "Result (95% interval)", "Kind of number", "Studies", "People", "Certainty"),
        rows,
        widths=(3, 2.7, 1.2, 1.4, 0.8, 1.3),
    )


def _forest_row(answer: CombineAnswer, row: ForestRow) -> tuple[str, ...]:
    grade = answer.certainty.get(row.id)
    sure = (
        ""
        if grade is None or grade.level is None
        else ("at most " if grade.at_most else "") + grade.level.replace("_", " ")
    )
    how = (
        "" if row.randomized or not row.studies else ", not randomized" if row.studies == 1 else ", not all randomized"
    )
    people = "" if row.people is None else str(row.people)
    return (row.label, row.text, row.kind.value, f"{row.studies or '-'}{how}", people, sure)


def _missing(answer: CombineAnswer) -> list[Block]:
    gaps = [*answer.missing, *([answer.interaction.missing] if answer.interaction.missing else [])]
    return table(
        "Not estimable from these studies",
        ("What", "Why", "A study that would make it known"),
        [(gap.what, gap.why, "; ".join(gap.would_identify)) for gap in gaps],
    )


def _trials(answer: CombineAnswer) -> list[Block]:
    formulas = dict.fromkeys(plan.formula for plan in answer.trials)
    return [
        *table(
            "People needed, computed from the rates above (5% two-sided)",
            ("To show that", "Power", "People"),
            [(plan.shows, f"{100 * plan.power:g}%", plan.text) for plan in answer.trials],
            widths=(2.4, 0.6, 3),
        ),
        *(Para(f"Formula: {formula}.", "muted") for formula in formulas),
    ]


def _certainty(answer: CombineAnswer) -> list[Block]:
    labels = {row.id: row.label for row in answer.forest}
    rows = []
    for row_id, found in answer.certainty.items():
        level = (found.level or "not graded").replace("_", " ")
        down = "; ".join(f"{d.domain_name} -{d.levels}: {d.text} ({d.rule_id})" for d in found.downgrades)
        unknown = "; ".join(f"{u.domain_name}: {u.why}" for u in found.undecided)
        rows.append((labels[row_id], ("at most " if found.at_most else "") + level, down, unknown))
    return table(
        "Each level that was taken away, by the rule that took it",
        ("Number", "Level", "Taken away", "Could not be judged"),
        rows,
        widths=(1.6, 0.8, 3, 2),
    )


def _rests(answer: CombineAnswer) -> list[Block]:
    shares = table(
        "Without each study: the interaction that is left",
        ("Study", "People", "Randomized", "Interaction without it"),
        [
            (
                r.study,
                "" if r.people is None else str(r.people),
                "yes" if r.randomized else "no",
                "cannot be estimated" if r.without is None else _interval(answer, r.without),
            )
            for r in answer.reach
        ],
    )
    return [
        Picture(
            "network",
            "Which treatments were compared, and in how many studies",
            network_alt(answer),
            network_spec(answer),
        ),
        Picture("reach", "How much of each number passes through each study", reach_alt(answer), reach_spec(answer)),
        *shares,
    ]


def _interval(answer: CombineAnswer, values: tuple[float, float, float]) -> str:
    from inconcert.evidence.synthesis.pair.forest import number_text

    return number_text(answer.network.scale, *values)


def _let_in(answer: CombineAnswer) -> list[Block]:
    if not answer.let_in:
        return []
    gaps = dict.fromkeys(point.why_none for point in answer.let_in if point.estimate is None)
    blocks: list[Block] = [
        Para(f"Left out altogether, they leave no interaction to estimate: {why.rstrip('.')}.") for why in gaps
    ]
    if any(point.estimate is not None for point in answer.let_in):
        title = "The interaction by the weight and the bias that such studies are given"
        ratio = answer.network.scale.is_ratio
        words, spec = let_in_alt(answer.let_in, ratio=ratio), let_in_spec(answer.let_in, ratio=ratio)
        blocks.append(Picture("let_in", title, words, spec))
    return blocks


def _ways(ways: Sequence[Universe]) -> list[Block]:
    if not ways:
        return []
    words = every_way_words(ways)
    known = any(way.estimate is not None for way in ways)
    pictures: list[Block] = (
        [
            Picture(
                "multiverse",
                "The interaction in every way of asking; the diamond is the default",
                words,
                multiverse_spec(ways),
            )
        ]
        if known
        else []
    )
    return [Para(words), *pictures]


def _claims(answer: CombineAnswer) -> list[Block]:
    return table(
        "Claims, what each rests on, and whether that holds",
        ("Claim", "Rests on", "Verdict", "Why"),
        [(c.claim, c.rests_on, c.verdict.replace("_", " "), c.why) for c in answer.claims],
        widths=(2, 2, 1, 3),
        marks=(2,),
    )


def _studies(answer: CombineAnswer) -> list[Block]:
    used = table(
        "Studies that entered",
        ("Study", "Compared", "Randomized", "Rows", "Remarks"),
        [
            (
                s.study,
                " against ".join(reversed(s.treatments)),
                "yes" if s.randomized else "no",
                ", ".join(s.row_ids),
                "; ".join(s.notes),
            )
            for s in answer.network.studies
        ],
        widths=(1.2, 1.8, 0.7, 2.4, 2.4),
    )
    out = table(
        "Rows that did not, and why",
        ("Study", "Why", "Rows"),
        [(row.study, row.why, ", ".join(row.row_ids)) for row in answer.excluded],
        widths=(1.2, 2.4, 3),
    )
    fold = (
        [Fold(f"{len(answer.excluded)} groups of rows that did not enter, each with its reason", tuple(out))]
        if out
        else []
    )
    return [*used, *fold]
