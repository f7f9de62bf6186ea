"""The payer desk as its pages show it: every authorization of a clinic, told from its entries in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec

from inconcert.judgement import Answer, Refusal
from inconcert.payers.authorization import (
    AuthorizationState,
    AuthorizationStatus,
    Deadline,
    DeskLimits,
    Lane,
    TreatmentRecord,
    UnitUse,
    deadlines,
    fold,
    lane_of,
    treatment_record,
    unit_use,
)
from inconcert.web import answers, charts, desk_entries
from inconcert.web.access import authorizations_for
from inconcert.web.models import (
    Authorization,
    AuthorizationEntry,
    ChartPart,
    Clinic,
    DeskNumber,
    KeptTreatments,
    Membership,
    Patient,
)

_APPROVED = (AuthorizationState.APPROVED, AuthorizationState.OVERTURNED, AuthorizationState.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class DeskCard:
    """One authorization as the desk shows it. `problem` says why it could not be told, where that is so."""

    authorization: Authorization
    entries: tuple[AuthorizationEntry, ...]
    status: AuthorizationStatus | None
    clocks: tuple[Deadline, ...] = ()
    lane: Lane = Lane.UNKNOWN
    due: datetime | None = None
    use: UnitUse | None = None
    problem: str = ""

    @property
    def patient(self) -> Patient:
        """Whose it is."""
        return self.authorization.patient

    @property
    def clock(self) -> Deadline | None:
        """The deadline to show first: the nearest known one, else the first."""
        known = [(c.due, n) for n, c in enumerate(self.clocks) if c.due is not None]
        if known:
            return self.clocks[min(known)[1]]
        return self.clocks[0] if self.clocks else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be seen at once of an approval."""
        if self.use is None:
            return ()
        judged = (self.use.over, self.use.outside, self.use.few)
        return tuple(j.text for j in judged if j.answer is Answer.MET)


def zone_of(clinic: Clinic) -> ZoneInfo:
    """The clinic's zone."""
    return ZoneInfo(clinic.time_zone)


def limits_of(clinic: Clinic) -> DeskLimits:
    """From when on the desk warns: the clinic's latest numbers over the defaults."""
    own = {number.setting: number.value for number in DeskNumber.objects.filter(clinic=clinic).order_by("pk")}
    try:
        return DeskLimits.of(own)
    except Refusal:  # a range was narrowed after the clinic chose: the default is the safe reading
        return DeskLimits.of({})


def board(member: Membership, now: datetime) -> list[DeskCard]:
    """Every authorization of the member's clinic, the most pressing first."""
    found = list(authorizations_for(member))
    entries = _entries_of(found)
    told = [_tell(each, entries[each.pk], now, member.clinic) for each in found]
    approved = {card.patient.pk: card.patient for card in told if card.status is not None and card.status.approval}
    records = treatments_of(list(approved.values()), answers.today(member.clinic))
    limits = limits_of(member.clinic)
    cards = [_placed(card, told, records, limits, now) for card in told]
    order = list(Lane)
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(
        cards, key=lambda c: (order.index(c.lane), c.due or far, c.patient.family, c.patient.given, c.authorization.pk)
    )


def card_of(authorization: Authorization, now: datetime) -> DeskCard:
    """One authorization, with the others of the same patient taken into account."""
    patient, clinic = authorization.patient, authorization.patient.clinic
    found = list(Authorization.objects.filter(patient=patient).select_related("patient__clinic"))
    entries = _entries_of(found)
    told = [_tell(each, entries[each.pk], now, clinic) for each in found]
    one = next(card for card in told if card.authorization.pk == authorization.pk)
    approved = one.status is not None and one.status.approval is not None
    records = treatments_of([patient], answers.today(clinic)) if approved else {}
    return _placed(one, told, records, limits_of(clinic), now)


def _entries_of(found: Sequence[Authorization]) -> dict[int, list[AuthorizationEntry]]:
    entries: dict[int, list[AuthorizationEntry]] = defaultdict(list)
    for entry in AuthorizationEntry.objects.filter(authorization__in=found).order_by("authorization", "sequence"):
        entries[entry.authorization_id].append(entry)
    return entries


def _tell(authorization: Authorization, entries: list[AuthorizationEntry], now: datetime, clinic: Clinic) -> DeskCard:
    """Where it stands today. Entries that do not follow the table were changed behind the program's back: that is said."""
    today = now.astimezone(zone_of(clinic)).date()
    problem = ""
    if (place := desk_entries.broken_at(authorization, entries)) is not None:
        problem = (
            f"Entry {place} was changed behind the program's back. Do not rely on this page. "
            "Mend: tell your clinic's administrator."
        )
    try:
        status = fold(desk_entries.events_of(entries), today)
    except Refusal as refusal:
        return DeskCard(
            authorization=authorization, entries=tuple(entries), status=None, problem=problem or str(refusal)
        )
    return DeskCard(
        authorization=authorization, entries=tuple(entries), status=status, problem=problem,
        clocks=deadlines(status, now, zone_of(clinic)),
    )  # fmt: skip


def _placed(
    card: DeskCard, everyone: Sequence[DeskCard], records: dict[int, TreatmentRecord], limits: DeskLimits, now: datetime
) -> DeskCard:
    if card.status is None:
        return card
    lane, due = lane_of(card.status, card.clocks, now, zone_of(card.patient.clinic), limits)
    use = None
    record = records.get(card.patient.pk)
    if record is not None and card.status.approval is not None:
        others = _other_approvals(card, everyone)
        use = unit_use(card.status, record, limits, others)
    if lane is Lane.IN_USE and use is not None and Answer.MET in (use.over.answer, use.outside.answer, use.few.answer):
        lane = Lane.DUE_SOON
    return DeskCard(
        authorization=card.authorization, entries=card.entries, status=card.status, clocks=card.clocks, lane=lane, due=due,
        use=use, problem=card.problem,
    )  # fmt: skip


def _other_approvals(card: DeskCard, everyone: Iterable[DeskCard]) -> list[tuple[date, date]]:
    """The dates of other approvals of the same treatment for the same patient."""
    service = card.status.detail("service") if card.status is not None else ""
    return [
        (other.status.approval.starts_on, other.status.approval.ends_on)
        for other in everyone
        if other.authorization.pk != card.authorization.pk
        and other.patient.pk == card.patient.pk
        and other.status is not None
        and other.status.approval is not None
        and other.status.state in _APPROVED
        and other.status.detail("service") == service
    ]


def treatments_of(patients: Sequence[Patient], on: date) -> dict[int, TreatmentRecord]:
    """What the patients' charts show of treatments, from the shelf where chart and program are the same."""
    version = answers.program_version()
    parts: dict[int, list[ChartPart]] = defaultdict(list)
    wanted = ChartPart.objects.filter(patient__in=patients).select_related("upload").defer("upload__content")
    for part in wanted.order_by("upload__uploaded_at", "pk"):
        if part.patient_id is not None:
            parts[part.patient_id].append(part)
    kept = {row.patient_id: row for row in KeptTreatments.objects.filter(patient__in=patients)}
    found = {}
    for patient in patients:
        digest = answers.chart_hash(parts[patient.pk])
        row = kept.get(patient.pk)
        if row is not None and (row.chart_hash, row.version) == (digest, version):
            found[patient.pk] = msgspec.convert(row.body, TreatmentRecord)
            continue
        if not parts[patient.pk]:
            continue
        record = treatment_record(charts.combine([charts.person_of(part, on) for part in parts[patient.pk]]))
        KeptTreatments.objects.update_or_create(
            patient=patient, defaults={"chart_hash": digest, "version": version, "body": msgspec.to_builtins(record)}
        )
        found[patient.pk] = record
    return found
