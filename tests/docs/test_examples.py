"""Every example in the documentation that can be run is run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)


def fences(page: Path, kind: str) -> list[str]:
    """The fenced blocks of one kind on a page."""
    return [m["body"] for m in FENCE.finditer(page.read_text(encoding="utf-8")) if m["kind"] == kind]


@pytest.fixture
def example(root: Path) -> Callable[[str, str], str]:
    """Gives the YAML example of a page that starts with `# example: <what>`."""

    def find(page: str, what: str) -> str:
        blocks = fences(root / "docs" / page, "yaml")
        return next(b for b in blocks if b.startswith(f"# example: {what}\n"))

    return find


def test_the_policy_in_the_guide_is_a_policy(example: Callable[[str, str], str]) -> None:
    """The policy file that the guide shows is well formed, as `inconcert policies check` would say."""
    from inconcert.knowledge.policies import policy_from_text

    policy = policy_from_text(example("how-to/add-a-policy.md", "policy"), "add-a-policy.md")
    assert policy.id == "example-plan-esketamine"


def test_the_scale_in_the_guide_is_a_scale(example: Callable[[str, str], str], tmp_path: Path) -> None:
    """The scale file that the guide shows loads without a problem."""
    from inconcert.knowledge import scales
    from inconcert.knowledge.loader import load

    path = tmp_path / "example3.yaml"
    path.write_text(example("how-to/add-a-scale.md", "scale"), encoding="utf-8")
    scale = load(path, scales.ScaleFile)
    assert list(scales._problems(scale)) == []


def test_json_in_the_documentation_is_json(files: Callable[..., list[Path]]) -> None:
    """Every JSON example can be read."""
    for page in files("docs", suffixes=(".md",)):
        for block in fences(page, "json"):
            try:
                json.loads(block)
            except json.JSONDecodeError as error:
                pytest.fail(f"{page.name}: {error}: {block[:60]}")


def test_every_command_shown_exists(files: Callable[..., list[Path]], root: Path) -> None:
    """Each `inconcert ...` and `make ...` shown in a console block is a command that there is."""
    import typer.main

    from inconcert.cli import app

    commands = set(typer.main.get_command(app).commands)
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    unknown = []
    for page in files(suffixes=(".md",)):
        for block in fences(page, "console"):
            unknown += [
                f"{page.name}: inconcert {c}"
                for c in re.findall(r"^\$ inconcert (\S+)", block, re.MULTILINE)
                if c not in commands
            ]
            unknown += [
                f"{page.name}: make {t}" for t in re.findall(r"^\$ make (\S+)", block, re.MULTILINE) if t not in targets
            ]
    assert unknown == []


def test_the_question_groups_in_the_guide_are_the_ones_we_read(root: Path) -> None:
    """The medication-trial group that the guide shows uses the field names of a reported trial."""
    from inconcert.record import ReportedTrial

    block = next(b for b in fences(root / "docs/how-to/read-your-own-files.md", "json") if "staging.trial" in b)
    group = msgspec.json.decode(block)
    assert group["linkId"] == "staging.trial"
    assert {item["linkId"] for item in group["item"]} <= set(ReportedTrial.__dataclass_fields__)


def test_the_protocol_in_the_guide_is_a_protocol(example: Callable[[str, str], str], tmp_path: Path) -> None:
    """The protocol entry that the guide shows loads as one."""
    from inconcert.knowledge import protocols
    from inconcert.knowledge.loader import load

    path = tmp_path / "example.yaml"
    path.write_text(example("how-to/add-a-protocol.md", "protocol"), encoding="utf-8")
    (entry,) = load(path, tuple[protocols.Protocol, ...])
    assert isinstance(entry, protocols.TmsProtocol)
    # 75 trains of 4 s at 10 Hz are 3,000 pulses; with 26 s between them they take 2,250 s less the last gap.
    assert entry.trains * entry.train_s * entry.frequency_hz == 3000
