"""Words in a record: named, denied, in doubt (hazard H08: negation)."""

from __future__ import annotations

import pytest

from inconcert.safety.words import Said, said_of

SEIZURE = ("seizure", "seizures", "epilepsy")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seizure disorder", Said.NAMED),
        ("h/o seizures", Said.NAMED),
        ("History of single seizure (situation)", Said.NAMED),
        ("denies seizures", Said.DENIED),
        ("Patient denies any history of seizure", Said.DENIED),
        ("no seizures", Said.DENIED),
        ("No history of stroke, epilepsy since 2010", Said.NAMED),
        ("no stroke; seizure in 2019", Said.NAMED),
        ("no headache but seizures at night", Said.NAMED),
        ("seizure ruled out", Said.DENIED),
        ("rule out seizure", Said.DOUBTFUL),
        ("seizure?", Said.DOUBTFUL),
        ("family history of seizures", Said.DOUBTFUL),
        ("mother with epilepsy", Said.DOUBTFUL),
        ("possible seizure; denies seizures before", Said.DOUBTFUL),
        ("seizure precautions", Said.DOUBTFUL),
        ("pseudoseizures", Said.SILENT),
        ("non-seizure event", Said.SILENT),
        ("migraine", Said.SILENT),
        ("", Said.SILENT),
    ],
)
def test_how_words_speak_of_a_hazard(text: str, expected: Said) -> None:
    """A plain mention is named; denial, doubt and a relative's illness are not; a part of another word is nothing."""
    assert said_of(text, SEIZURE) is expected
