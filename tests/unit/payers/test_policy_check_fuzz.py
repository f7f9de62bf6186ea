"""Whatever becomes of a policy file, the check answers with findings: it never falls over, and no finding lacks its mend."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from inconcert.knowledge.policies import FOLDER
from inconcert.payers.policy_check import Level, check_policy_text

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
SCRAPS = st.sampled_from([
    "", "null", "~", "NO", "017", "12:30", "yes", "[]", "{}", "- ", "\t", "&a x", "*a", "!!binary x", "---", "'", '"', ": ", "all:", "not:",
    "fact: age", "{fact: age, max: -1}", "9" * 400, "1e999", "2026-02-30", "\x00", "\u2028", "é", "- - -", "?", "<<: {}", "criteria: x",
    "{fact: severity_score, any_of: []}", "{any: []}", "{never: x}",
])  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A policy file with a few lines lost, repeated, cut, moved to another depth, or filled with something else."""
    lines = draw(st.sampled_from(TEXTS)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["lose", "repeat", "cut", "indent", "value", "line"]))
        if how == "lose" and len(lines) > 1:
            del lines[at]
        elif how == "repeat":
            lines.insert(at, lines[at])
        elif how == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif how == "indent":
            lines[at] = "  " + lines[at]
        elif how == "value":
            lines[at] = lines[at].partition(":")[0] + ": " + draw(SCRAPS)
        else:
            lines.insert(at, draw(SCRAPS))
    return "\n".join(lines) + draw(st.sampled_from(["\n", ""]))


@given(damaged())
def test_a_damaged_file_ends_in_findings(text: str) -> None:
    """The check never raises; every finding names its file, its record, what is wrong and what mends it."""
    for found in check_policy_text(text, "damaged.yaml", today=date(2026, 11, 22)):
        assert found.level in Level
        assert found.file == "damaged.yaml"
        assert found.record
        assert found.problem
        assert found.mend
        assert found.line is None or 1 <= found.line <= text.count("\n") + 2


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_ends_in_findings(text: str) -> None:
    """What is no policy at all is an error, and not a crash."""
    assert any(f.level is Level.ERROR for f in check_policy_text(text, "damaged.yaml", library={}))
