"""Whatever a file holds, the answer is a sound network or a refusal in words."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import NetworkError, Scale

HEADERS = (
    "study,treatment,n,events",
    "study,treatment,n,mean,sd",
    "study,treatment,n,mean,se,weight,design",
    "study,treat1,treat2,TE,seTE,se_baseline,n1,n2",
    "study,treat1,treat2,OR,lower,upper",
    "study,treat1,treat2,effect,lower,upper,nct,year",
)
CELL = st.sampled_from(
    [
        "",
        "A",
        "B",
        "a",
        "b",
        "c",
        "a+b",
        "0",
        "1",
        "-1",
        "7",
        "12",
        "30",
        "0.5",
        "2.25",
        "1e308",
        "1e-308",
        "nan",
        "12,5",
        "5%",
        '"',
        "٣",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A known header over one to six rows of anything; often with names where names belong."""
    header = draw(st.sampled_from(HEADERS))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        cells = [
            draw(st.sampled_from("abc")) if name.startswith("treat") and draw(st.booleans()) else draw(CELL)
            for name in header.split(",")
        ]
        rows.append(",".join(cells))
    return "\n".join([header, *rows])


@settings(max_examples=300)
@given(files(), st.sampled_from([None, *Scale]))
def test_any_file_gives_a_sound_network_or_a_refusal(text: str, scale: Scale | None) -> None:
    """Never another error, never a number that is not one, never a variance of zero or below, and no row unaccounted for."""
    try:
        network = read_network(text, scale=scale)
    except NetworkError:
        return
    rows = [row for part in (network.studies, network.excluded) for one in part for row in one.row_ids]
    assert len(rows) == len(set(rows))
    blank = sum(not line.replace(",", "").strip() for line in text.split("\n")[1:])
    assert len(rows) == len(text.split("\n")) - 1 - blank
    for study in network.studies:
        assert np.isfinite(study.effects).all()
        assert np.linalg.eigvalsh(study.covariance)[0] > 0
