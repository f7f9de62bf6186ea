"""The letter of medical necessity, sentence by sentence, each with the rows of the chart it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from inconcert.assessment.wording import join
from inconcert.evidence.synthesis.what_is_known import what_is_known
from inconcert.exchange.packet import standing
from inconcert.exchange.packet.criteria import readings_of
from inconcert.exchange.packet.records import read_of
from inconcert.exchange.packet.scores import score_sentences
from inconcert.exchange.packet.trials import trial_sentence
from inconcert.exchange.packet.types import CriterionRow, LetterSection, PacketPart, Rests, Sentence
from inconcert.exchange.report.words import day, label, sentence
from inconcert.judgement import Answer
from inconcert.payers.combination import KETAMINES, STIMULATION, on_pair
from inconcert.staging.episode import procedures_of

if TYPE_CHECKING:
    from inconcert.exchange.packet.build import Gathered
    from inconcert.exchange.packet.records import RecordBook
    from inconcert.payers.types import Case

MOST_SCALES = 4
STAGE_LEADS = {
    "initial": "This is the first course asked for under this policy.",
    "continuation": "This asks for the course that is running to be continued.",
    "retreatment": "This asks for another course after an earlier one.",
    "maintenance": "This asks for treatments that keep up what an earlier course gained.",
}


def sections(gathered: Gathered) -> tuple[LetterSection, ...]:
    """The letter's sections in order; one without sentences is left out."""
    request = gathered.request
    stage = Sentence(text=STAGE_LEADS[request.stage], rests=Rests.REQUEST)
    found = [
        LetterSection(title="What is asked", paragraphs=((*who(gathered), stage),)),
        LetterSection(title="Diagnosis and present state", paragraphs=(tuple(state(gathered)),)),
        tried(gathered),
        *(criteria_section(part) for part in gathered.parts),
        *pair_section(gathered),
        LetterSection(title="Request", paragraphs=((standing.PLEASE_APPROVE, standing.PEER, *_open_points(gathered)),)),
    ]
    return tuple(section for section in found if any(section.paragraphs))


def _open_points(gathered: Gathered) -> tuple[Sentence, ...]:
    unknown = any(row.answer is Answer.UNKNOWN for part in gathered.parts for row in part.criteria)
    return (standing.OPEN_POINTS,) if unknown else ()


def who(gathered: Gathered) -> Iterator[Sentence]:
    """The person, and what is asked for them."""
    person, book = gathered.case.person, gathered.book
    name = person.name or "the person of this record"
    born = f", born {day(str(person.birth))}," if person.birth else ""
    treatments = join([part.service_name for part in gathered.parts])
    text = f"This letter is about {name}{born} for whom we ask for {treatments}."
    yield Sentence(text=text, rests=Rests.RECORD, records=book.cite([book.patient]))


def diagnosis_sentences(case: Case, book: RecordBook) -> tuple[Sentence, ...]:
    """The recorded diagnoses that the episode rests on, and when it began."""
    episode = case.history.episode
    facts = {fact.id: fact for fact in case.person.conditions}
    used = dict.fromkeys(
        use.record_id for use in (*episode.used, *episode.diagnosis.basis.used) if use.record_id in facts
    )
    rows = book.cite(used)
    if not rows:
        return (standing.NO_RECORD_OF_DIAGNOSIS,)
    said = [
        Sentence(text=sentence(f"Recorded diagnosis: {read_of(facts[row])}"), rests=Rests.RECORD, records=(row,))
        for row in rows
    ]
    if episode.onset is not None:
        text = f"The present episode is recorded as beginning in {day(str(episode.onset))}."
        dated = tuple(row for row in rows if facts[row].onset is not None) or rows
        said.append(Sentence(text=text, rests=Rests.RECORD, records=dated))
    return tuple(said)


def state(gathered: Gathered) -> Iterator[Sentence]:
    """The diagnosis, when the episode began, and the latest scores."""
    yield from diagnosis_sentences(gathered.case, gathered.book)
    lines = list(score_sentences(gathered.scores))
    yield from lines[:MOST_SCALES]
    if not lines:
        yield standing.NO_SCORES


def tried(gathered: Gathered) -> LetterSection:
    """What has been tried: a sentence for each trial that counts for a criterion, then other treatments."""
    counted = [line for line in gathered.trials if line.counted]
    chosen = counted or list(gathered.trials)
    said = [(trial_sentence(line),) for line in chosen]
    if not said:
        said = [(standing.NO_TRIALS,)]
    said += [(each,) for each in _other_treatments(gathered)]
    return LetterSection(title="What has been tried", paragraphs=tuple(said), bullets=True)


def _other_treatments(gathered: Gathered) -> Iterator[Sentence]:
    person, as_of, book = gathered.case.person, gathered.case.as_of, gathered.book
    facts = {fact.id: fact for fact in person.procedures}
    for kind, name in (("psychotherapy", "Psychotherapy"), ("ect", "ECT"), ("tms", "TMS")):
        for use in procedures_of(person, kind, as_of):
            done = facts.get(use.record_id)
            rows = book.cite([use.record_id])
            if done is not None and rows:
                yield Sentence(text=sentence(f"{name}: {read_of(done)}"), rests=Rests.RECORD, records=rows)


def criteria_section(part: PacketPart) -> LetterSection:
    """How the record meets what the policy asks: the criteria that are met, in the policy's order. None is argued that is not."""
    said = [tuple(met_sentences(row)) for row in part.criteria if row.answer is Answer.MET]
    title = f"{part.service_name}: what {part.policy.payer} asks and what the record shows"
    return LetterSection(title=title, paragraphs=tuple(paragraph for paragraph in said if paragraph), bullets=True)


def met_sentences(row: CriterionRow) -> Iterator[Sentence]:
    """What the policy asks, and what was found."""
    lead = f"Criterion {row.number}, " if row.number else ""
    yield Sentence(text=sentence(f"{lead}{row.asked}"), rests=Rests.POLICY, source=row.id)
    yield from row.findings


def pair_sentences(gathered: Gathered) -> tuple[Sentence, ...]:
    """What each policy says of the two together, and what is known of it. Empty for one treatment."""
    services = gathered.request.services
    if sum(s in STIMULATION or s in KETAMINES for s in services) < 2:
        return ()
    found = [standing.PAIR_APART]
    for each, part in zip(gathered.asked, gathered.parts, strict=True):
        reading = on_pair(each.policy, tuple(s for s in services if s != each.service))
        found.append(Sentence(text=sentence(reading.text), rests=Rests.POLICY, source=each.policy.id))
        if part.together is not None and part.together is not part.answer:
            text = f"With the other treatment running, {part.service_name} would be {label(part.together.value)} under this policy."
            found.append(Sentence(text=text, rests=Rests.POLICY, source=each.policy.id))
    return tuple(found)


def pair_section(gathered: Gathered) -> Iterator[LetterSection]:
    """The two together: the payers' clauses, then what is known from studies, told as it is."""
    said = pair_sentences(gathered)
    if not said:
        return
    known = what_is_known(gathered.case.as_of, services=gathered.request.services)
    sources = "; ".join(dict.fromkeys(source.ref for source in known.basis.sources))
    studies = [Sentence(text=known.headline, rests=Rests.STUDY, source=sources)]
    if known.caveat:
        studies.append(Sentence(text=known.caveat, rests=Rests.STUDY, source=sources))
    yield LetterSection(title="The two treatments together", paragraphs=(said, tuple(studies)))


def policy_readings(gathered: Gathered) -> tuple[str, ...]:
    """What we read into the policies where they leave a point open."""
    return readings_of(each.sent.criteria for each in gathered.asked)


def all_met(parts: Sequence[PacketPart]) -> bool:
    """True if every part's policy is met on what may leave."""
    return all(part.answer is Answer.MET for part in parts)
