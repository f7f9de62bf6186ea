"""Validators that know nothing of us, from the npm registry. They are run where somebody has installed them: nothing is fetched here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/validate_pas.py"


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the script with this Python."""
    known = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **env}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], env=known, capture_output=True, text=True, timeout=300, check=False
    )


def test_without_node_the_script_says_that_it_was_skipped(tmp_path: Path):
    """Where node is not there, nothing fails and nothing is claimed: the script says what is missing."""
    done = run(PATH=str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith("SKIPPED: node and npm")


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["2.2.1", "2.0.1"])
def test_the_bundles_pass_the_installed_validators(shape: str):
    """TMS, esketamine, the pair and the inquiry pass both validators, which find the spoiled copies."""
    folder = os.environ.get("INCONCERT_PAS_VALIDATORS")
    if not folder:
        pytest.skip("set INCONCERT_PAS_VALIDATORS to a folder kept by scripts/validate_pas.py --folder")
    package = os.environ.get(f"INCONCERT_PAS_GUIDE_{shape.replace('.', '')}")
    done = run("--folder", folder, "--shape", shape, *(["--package", package] if package else []))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" passes") == 8
    assert "NOT FOUND" not in done.stdout
