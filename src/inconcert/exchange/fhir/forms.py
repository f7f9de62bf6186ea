"""Rating scales put together: a form may come as one QuestionnaireResponse, as a panel, or as loose Observations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from inconcert.exchange.fhir.account import Ledger, RawResource
from inconcert.exchange.fhir.node import Scope
from inconcert.exchange.fhir.scale_codes import ScaleCode
from inconcert.knowledge.scales import scale_files
from inconcert.record import Coding, Moment, Origin, ScaleForm
from inconcert.scales.totals import bounds


@dataclass(slots=True)
class Piece:
    """One Observation that is an item, a total or a panel of a scale. `values` are a panel's own components."""

    scope: Scope
    person: str
    code: ScaleCode
    origin: Origin
    path: str
    value: float | None = None
    values: list[tuple[ScaleCode, float | None, str]] = field(default_factory=list)
    taken: Moment | None = None
    members: tuple[int, ...] = ()  # numbers of the raw Observations a panel names
    derived_from: tuple[str, ...] = ()
    rater: str = ""
    status: str = ""
    codings: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def raw(self) -> RawResource:
        """The Observation it came from."""
        return self.scope.raw


@dataclass(slots=True)
class FormDraft:
    """A form being put together."""

    scope: Scope
    person: str
    scale: str
    id: str
    origin: Origin
    path: str
    taken: Moment | None = None
    rater: str = ""
    status: str = ""
    codings: tuple[Coding, ...] = ()
    text: str = ""
    items: dict[str, float | None] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    total: float | None = None
    sources: set[str] = field(default_factory=set)

    def answer(self, key: str, value: float | None, path: str) -> None:
        """Put in one answer. Two different answers to one item leave it blank, and are noted."""
        if key in self.doubtful:
            return
        before = self.items.get(key)
        if before is None or value is None:
            self.items[key] = value if before is None else before
        elif before != value:
            self.scope.problem(
                path, f"Item {key} of {self.scale} is answered {before:g} and {value:g}; it was left blank", "Keep one."
            )
            self.items[key] = None
            self.doubtful.add(key)

    def state_total(self, total: float | None, path: str) -> None:
        """Put in the total the source stated. Two different totals of one form are both left out, and noted."""
        if total is None or self.total == total:
            return
        if self.total is None and "total" not in self.doubtful:
            self.total = total
            return
        self.scope.problem(
            path, f"The form states two totals, {self.total} and {total:g}; neither was used", "Keep one."
        )
        self.total = None
        self.doubtful.add("total")

    @property
    def answered(self) -> bool:
        """True if the form says anything."""
        return self.total is not None or any(value is not None for value in self.items.values())

    def done(self) -> ScaleForm:
        """The finished form, after checking its stated total against its items."""
        self._check_total()
        return ScaleForm(
            id=self.id,
            origin=self.origin,
            codings=self.codings,
            text=self.text,
            status=self.status,
            scale=self.scale,
            items=tuple(
                (item.key, self.items[item.key]) for item in scale_files()[self.scale].items if item.key in self.items
            ),
            stated_total=self.total,
            taken=self.taken,
            rater=self.rater,
            derived_from=tuple(sorted(self.sources)),
        )

    def _check_total(self) -> None:
        if self.total is None or not self.items:
            return
        scale = scale_files()[self.scale]
        allowed = bounds(scale, {item.key: self.items.get(item.key) for item in scale.items})
        low, high = allowed.low, allowed.high
        if low <= self.total <= high:
            return
        gives = f"{low:g}" if low == high else f"between {low:g} and {high:g}"
        self.scope.problem(
            self.path,
            f"The stated total of {self.scale}, {self.total:g}, disagrees with its items, which give {gives}",
            "Check the form; both are kept, and the items decide.",
        )


def assemble(pieces: list[Piece], drafts: list[FormDraft], ledger: Ledger) -> dict[str, list[ScaleForm]]:
    """All forms, by person. Settles the outcome of every piece; the drafts are of QuestionnaireResponses."""
    by_number = {piece.raw.number: piece for piece in pieces}
    claimed: set[int] = set()
    made: list[FormDraft] = []
    for panel in sorted((p for p in pieces if p.code.role == "panel"), key=lambda p: p.raw.key):
        draft = _from_panel(panel, by_number, claimed)
        if draft.answered or draft.items:
            made.append(draft)
            ledger.use(panel.raw)
        else:
            ledger.keep(panel.raw, f"{panel.path}.hasMember", "A panel none of whose members is in this file.")
    loose = [p for p in pieces if p.code.role != "panel" and p.raw.number not in claimed]
    made.extend(_from_loose(loose, ledger))
    for piece in pieces:
        if piece.code.role != "panel":
            ledger.use(piece.raw)
    forms: dict[str, list[ScaleForm]] = defaultdict(list)
    for draft in _merged(drafts, made):
        forms[draft.person].append(draft.done())
    return forms


def _from_panel(panel: Piece, by_number: dict[int, Piece], claimed: set[int]) -> FormDraft:
    draft = _draft(panel, panel.raw.key)
    for code, value, path in panel.values:
        _put(draft, code, value, path)
    for number in panel.members:
        member = by_number.get(number)
        same = member is not None and (member.code.scale, member.person) == (panel.code.scale, panel.person)
        if member is None or not same or number in claimed or member.code.role == "panel":
            continue
        claimed.add(number)
        _add(draft, member)
    return draft


def _draft(piece: Piece, name: str) -> FormDraft:
    draft = FormDraft(piece.scope, piece.person, piece.code.scale, name, piece.origin, piece.path)
    draft.codings, draft.text = piece.codings, piece.text
    draft.taken, draft.rater, draft.status = piece.taken, piece.rater, piece.status
    draft.sources = {piece.raw.key, *piece.derived_from}
    return draft


def _put(draft: FormDraft, code: ScaleCode, value: float | None, path: str) -> None:
    if code.role == "item":
        draft.answer(code.key, value, path)
    elif code.role == "total":
        draft.state_total(value, path)


def _add(draft: FormDraft, piece: Piece) -> None:
    _put(draft, piece.code, piece.value, f"{piece.raw.key} {piece.path}")
    draft.taken = draft.taken or piece.taken
    draft.rater = draft.rater or piece.rater
    draft.sources |= {piece.raw.key, *piece.derived_from}


def _when(taken: Moment | None) -> str:
    """What makes two Observations of the same moment: the instant, else the day as written."""
    if taken is None:
        return ""
    return taken.instant.isoformat() if taken.instant else f"{taken.days.earliest}/{taken.days.latest}"


def _from_loose(loose: list[Piece], ledger: Ledger) -> Iterable[FormDraft]:
    """Items of the same scale, moment and source are one form; so is the total, where the instant is known."""
    groups: dict[tuple[str, ...], list[Piece]] = defaultdict(list)
    for piece in sorted(loose, key=lambda p: p.raw.key):
        groups[piece.person, piece.code.scale, _when(piece.taken), *piece.derived_from].append(piece)
    for group in groups.values():
        items = [p for p in group if p.code.role == "item"]
        totals = [p for p in group if p.code.role == "total"]
        exact = group[0].taken is not None and group[0].taken.instant is not None
        values = {p.value for p in totals}
        if len(totals) > 1 and (len(values) > 1 or not exact):
            for total in totals[1:] if len(values) == 1 else []:
                ledger.duplicate(total.raw, f"Same total on the same day as {totals[0].raw.key}.", "Check; both used.")
            yield from (_single(total) for total in totals)
            totals = []
        elif len(totals) > 1:
            for total in totals[1:]:
                ledger.duplicate(total.raw, f"Same total at the same instant as {totals[0].raw.key}; read as one form.")
        together = [*totals, *items]
        if together:
            name = totals[0].raw.key if totals else f"{items[0].raw.key}#{items[0].code.scale}"
            draft = _draft(together[0], name)
            for piece in together:
                _add(draft, piece)
            yield draft


def _single(piece: Piece) -> FormDraft:
    draft = _draft(piece, piece.raw.key)
    _add(draft, piece)
    return draft


def _merged(forms: list[FormDraft], observed: list[FormDraft]) -> list[FormDraft]:
    """A form and the Observations made from it are one: by `derivedFrom`, or by the same instant without contradiction."""
    result = sorted(forms, key=lambda f: f.id)
    for draft in sorted(observed, key=lambda f: f.id):
        twin = next((form for form in result if _same(form, draft)), None)
        if twin is None:
            result.append(draft)
            continue
        for key, value in draft.items.items():
            twin.answer(key, value, twin.path)
        twin.state_total(draft.total, twin.path)
        twin.sources |= draft.sources
        twin.codings = twin.codings or draft.codings
        twin.rater = twin.rater or draft.rater
        twin.taken = twin.taken or draft.taken
    return result


def _same(form: FormDraft, draft: FormDraft) -> bool:
    if (form.person, form.scale) != (draft.person, draft.scale):
        return False
    if form.id.partition("#")[0] in draft.sources:
        return True
    if form.taken is None or form.taken.instant is None or draft.taken is None:
        return False
    contradicts = any(
        value is not None and form.items.get(key) not in (None, value) for key, value in draft.items.items()
    )
    totals_differ = None not in (form.total, draft.total) and form.total != draft.total
    return form.taken.instant == draft.taken.instant and not contradicts and not totals_differ
