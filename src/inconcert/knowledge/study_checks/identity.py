"""Who a study is: author, year, identifiers of the right shape, each paper and registration under one study, controls by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from inconcert.knowledge.study_findings import FindingLevel, StudyContext, StudyFinding
from inconcert.knowledge.study_rows import Study

FIRST_YEAR = 1938  # of any treatment by electricity or magnets that is compared here
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def check_studies(context: StudyContext) -> Iterator[StudyFinding]:
    """The year is one that has been, and the author is a name."""
    for study_id, study in context.tables.studies.items():
        if not FIRST_YEAR <= study.year <= context.as_of.year:
            problem = f"the year is {study.year}."
            mend = f"Give the year of publication, {FIRST_YEAR} to {context.as_of.year}."
            yield from context.found(FindingLevel.ERROR, "year", study_id, problem, mend)
        if not study.first_author.strip() or re.search(r"\d", study.first_author):
            problem = f"the first author is {study.first_author!r}."
            yield from context.found(FindingLevel.ERROR, "author", study_id, problem, "Give the family name.")
        named = _YEAR.search(study_id)
        if named and int(named[1]) != study.year:
            problem = f"the id says {named[1]}, the year is {study.year}."
            yield from context.found(FindingLevel.WARNING, "year", study_id, problem, "Correct one of the two.")
        if study.n_total is not None and study.n_total < 1:
            problem = f"n_total is {study.n_total}."
            yield from context.found(FindingLevel.ERROR, "nobody", study_id, problem, "Leave it empty if not seen.")


def check_identifiers(context: StudyContext) -> Iterator[StudyFinding]:
    """DOI, PMID and registry ids have a known shape, and a year in a DOI is near the study's."""
    shapes = context.tables.identifiers
    for study_id, study in context.tables.studies.items():
        if study.doi and not re.fullmatch(shapes.doi, study.doi):
            problem = f"{study.doi!r} is no DOI."
            mend = "Write it from `10.` on, without an address before or a stop behind."
            yield from context.found(FindingLevel.ERROR, "doi_shape", study_id, problem, mend)
        if study.pmid and not re.fullmatch(shapes.pmid, study.pmid):
            problem = f"{study.pmid!r} is no PMID."
            yield from context.found(FindingLevel.ERROR, "pmid_shape", study_id, problem, "Write its digits alone.")
        for registered in registry_ids(study):
            if not any(re.fullmatch(shape, registered) for shape in shapes.registry.values()):
                near = registered.upper().startswith(("NCT", "ISRCTN", "ACTRN", "DRKS"))
                level = FindingLevel.ERROR if near else FindingLevel.WARNING
                problem = f"{registered!r} has the shape of no registry's number."
                mend = "Write it as the registry does, such as NCT and eight digits; part several by `;`."
                yield from context.found(level, "registry_shape", study_id, problem, mend)
        yield from _year_of_doi(context, study_id, study)


def _year_of_doi(context: StudyContext, study_id: str, study: Study) -> Iterator[StudyFinding]:
    years = [int(year) for year in _YEAR.findall(study.doi.partition("/")[2])]
    if years and min(abs(year - study.year) for year in years) > 2:
        problem = f"its DOI says {years[0]}, the study {study.year}."
        yield from context.found(
            FindingLevel.WARNING, "doi_of_another", study_id, problem, "Check that the DOI is this paper's."
        )


def registry_ids(study: Study) -> tuple[str, ...]:
    """The registrations of a study."""
    return tuple(part.strip() for part in study.registry_id.split(";") if part.strip())


def identifiers_of(study: Study) -> Iterator[tuple[str, str]]:
    """Everything by which a study is known elsewhere: (`DOI`, `PMID` or `registry id`, its text in small letters)."""
    if study.doi:
        yield "DOI", study.doi.lower()
    if study.pmid:
        yield "PMID", study.pmid
    for registered in registry_ids(study):
        yield "registry id", registered.lower()


def check_twice(context: StudyContext) -> Iterator[StudyFinding]:
    """One DOI, PMID or registration is one study's, unless people are declared the same; a review is no study."""
    tables = context.tables
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for study_id, study in tables.studies.items():
        for identifier in identifiers_of(study):
            owners[identifier].append(study_id)
    for (kind, text), ids in owners.items():
        for later in ids[1:]:
            declared = tables.studies[later].overlaps + tables.studies[ids[0]].overlaps
            if ids[0] not in declared and later not in declared:
                problem = f"its {kind} {text} is that of {ids[0]} too."
                mend = "Drop one study, or name the other in same_people_as if it reports the same people again."
                yield from context.found(FindingLevel.ERROR, "same_identifier", later, problem, mend)
    papers = {study.doi.lower(): study_id for study_id, study in tables.studies.items() if study.doi}
    elsewhere = [(row_id, row.source) for row_id, row in tables.pooled.items()]
    elsewhere += [(f"parameter/{name}", row.source) for name, row in tables.parameters.items()]
    for row_id, source in elsewhere:
        for doi in _DOI.findall(source):
            if doi.lower() in papers:
                problem = f"its source {doi} is the paper of {papers[doi.lower()]}, a study of patients."
                yield from context.found(
                    FindingLevel.WARNING, "doi_of_another", row_id, problem, "Check that the figure is from that paper."
                )


def check_labels(context: StudyContext) -> Iterator[StudyFinding]:
    """An arm holds the control that its label names, and only one."""
    components = context.tables.components
    for (study_id, arm_id), arm in context.tables.arms.items():
        controls = sorted(part for part in arm.parts if part in components and components[part].family == "control")
        row = f"{study_id}/{arm_id}"
        if len(controls) > 1 and not {"saline", "midazolam"} & set(controls):
            problem = f"it holds two controls, {' and '.join(controls)}."
            yield from context.found(
                FindingLevel.WARNING, "control_node", row, problem, "Keep controls apart, unless people had both."
            )
        for words, allowed in context.tables.identifiers.control_words.items():
            if re.search(rf"\b{words}\b", arm.label, re.IGNORECASE):
                if not set(allowed) & arm.parts:
                    problem = f"its label says {words!r}, its components do not hold {' or '.join(allowed)}."
                    yield from context.found(
                        FindingLevel.ERROR, "control_node", row, problem, "Use the control that was given."
                    )
                break
