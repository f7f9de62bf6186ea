"""What of a record was known on one day: a later day is asked about without the facts that came in between.

The shortest way asks of a day to come. Where the day asked from lies back, the chart already holds facts of the time between;
somebody who stood there could not know them, so they are taken out before the record is carried forward.
"""

from __future__ import annotations

import dataclasses
from datetime import date

from inconcert.record import DateRange, Person


def known_on(person: Person, as_of: date) -> Person:
    """The record without every fact that surely dates from after `as_of`; the same object where there is none.

    A fact counts by the day that the rooms judge it by: a diagnosis by its onset, else by when it was put down; an order by
    when it was written and when it begins. A plan of cover that begins later is known before, and stays.
    """

    def later(*days: DateRange | None) -> bool:
        return any(day is not None and day.earliest > as_of for day in days)

    p = person
    kept = {
        "conditions": tuple(f for f in p.conditions if not later(f.onset or f.recorded)),
        "medications": tuple(f for f in p.medications if not later(f.authored, f.start)),
        "reported_trials": tuple(f for f in p.reported_trials if not later(f.reported_on, f.start)),
        "scale_forms": tuple(f for f in p.scale_forms if not later(f.taken.days if f.taken else None)),
        "measurements": tuple(f for f in p.measurements if not later(f.taken.days if f.taken else None)),
        "procedures": tuple(f for f in p.procedures if not later(f.performed_start or f.performed_end)),
        "allergies": tuple(f for f in p.allergies if not later(f.recorded)),
        "devices": tuple(f for f in p.devices if not later(f.recorded)),
        "encounters": tuple(f for f in p.encounters if not later(f.start)),
        "service_orders": tuple(f for f in p.service_orders if not later(f.authored)),
        "not_done": tuple(f for f in p.not_done if not later(f.said)),
        # An answer counts from the last day that its date can mean (`CaseView.attestation`).
        "attestations": tuple(f for f in p.attestations if f.answered_on is None or f.answered_on.latest <= as_of),
    }
    changed = {name: facts for name, facts in kept.items() if len(facts) != len(getattr(p, name))}
    if isinstance(p.deceased, DateRange) and p.deceased.earliest > as_of:
        changed["deceased"] = None  # type: ignore[assignment]  # the one field that is no list of facts
    return dataclasses.replace(p, **changed) if changed else p  # type: ignore[arg-type]  # each under its own name
