"""From a sketch to the Bundle a clinic's EHR would export."""

from __future__ import annotations

import copy
import random
from datetime import date
from typing import Any

from inconcert.synthetic import chart
from inconcert.synthetic.chart import INVENTED_TAG
from inconcert.synthetic.codes import Resource
from inconcert.synthetic.dates import moved
from inconcert.synthetic.intake import intake_resources
from inconcert.synthetic.medications import medication_resources
from inconcert.synthetic.people import PersonSketch, demo_as_of, sketches
from inconcert.synthetic.scales import scale_resources

__all__ = ["INVENTED_TAG", "clinic", "person_bundle"]


def clinic(seed: int = 1, as_of: date | None = None) -> dict[str, dict[str, Any]]:
    """The demonstration clinic: for each person's id a FHIR R4 collection Bundle, in the order of the sketches.

    The same seed gives the same bytes; it decides only what no lesson hangs on (record numbers, telephones). `as_of`
    moves every date so that the clinic stands on that day as it was sketched for `demo_as_of`.
    """
    days = 0 if as_of is None else (as_of - demo_as_of()).days
    return {sketch.id: person_bundle(sketch, seed=seed, days=days) for sketch in sketches().people}


def person_bundle(sketch: PersonSketch, *, seed: int = 1, days: int = 0) -> dict[str, Any]:
    """One person's Bundle, every date moved by `days`. Raises KeyError for a name the codebook does not hold."""
    draw = random.Random(f"{seed}/{sketch.id}")  # keyed to the person: adding one changes nobody else
    resources: list[Resource] = [
        chart.patient(sketch, draw),
        *chart.coverages(sketch.id, sketch.plans),
        *chart.problems(sketch.id, sketch.diagnoses),
        *chart.devices(sketch.id, sketch.devices),
        *chart.allergies(sketch.id, sketch.allergies),
        *chart.procedures(sketch.id, sketch.procedures),
        *medication_resources(sketch.id, sketch.medications),
        *scale_resources(sketch.id, "phq9", sketch.phq9),
        *scale_resources(sketch.id, "gad7", sketch.gad7),
        *scale_resources(sketch.id, "cssrs-screener", sketch.cssrs),
        *chart.measurements(sketch.id, sketch.measurements),
        *intake_resources(sketch.id, sketch.intake),
        *copy.deepcopy(list(sketch.as_exported)),
    ]
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": f"{sketch.id}-bundle",
        "meta": {"tag": [INVENTED_TAG]},
        "type": "collection",
        "timestamp": f"{demo_as_of().isoformat()}T06:00:00Z",
        "entry": [
            {"fullUrl": f"http://clinic.invalid/fhir/{each['resourceType']}/{each['id']}", "resource": each}
            for each in resources
        ],
    }
    result: dict[str, Any] = moved(bundle, days)
    return result
