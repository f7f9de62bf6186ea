"""The commands that the README promises, and what they lean on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


def run(command: list[str], cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command with only the variables named added."""
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def bare(root: Path, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Gives an environment in which only the named programs can be found, and apt is not among them."""

    def only(*programs: str) -> dict[str, str]:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for program in ("bash", "env", "dirname", "id", "sort", "sh", *programs):
            found = next(
                (Path(p) / program for p in os.environ["PATH"].split(":") if (Path(p) / program).exists()), None
            )
            if found and not (folder / program).exists():
                (folder / program).symlink_to(found)
        return {"PATH": str(folder), "CHROMIUM": ""}

    return only


def test_every_script_is_sound_and_can_be_run(files: Callable[..., list[Path]], root: Path) -> None:
    """Each shell script parses, and each that is a command may be executed."""
    for path in [*files("scripts", suffixes=(".sh",)), root / ".ci/run"]:
        assert run(["bash", "-n", str(path)], root).returncode == 0, path
        if path.read_text(encoding="utf-8").startswith("#!"):
            assert os.access(path, os.X_OK), path


def test_ci_runs_the_command_of_the_readme(root: Path) -> None:
    """`.ci/run` calls `make test` with an environment of its own, and hands on its code."""
    text = (root / ".ci/run").read_text(encoding="utf-8")
    assert re.search(r'^make test VENV="\$work/venv"', text, re.MULTILINE)
    assert text.rstrip().endswith('exit "$code"')


def test_make_help_names_both_commands(root: Path) -> None:
    """`make help` lists the commands of the README with a line each."""
    out = run(["make", "help"], root, MAKEFLAGS="").stdout
    assert re.search(r"^demo\s+\w", out, re.MULTILINE)
    assert re.search(r"^test\s+\w", out, re.MULTILINE)


def test_a_missing_browser_is_said_with_the_line_to_type(root: Path, bare: Callable[..., dict[str, str]]) -> None:
    """Where nothing may be installed, the one line to type is printed, and the tests go on without the browser."""
    result = run([str(root / "scripts/system_packages.sh"), "browser"], root, **bare())
    assert result.returncode == 0
    assert "sudo apt-get install --yes --no-install-recommends chromium" in result.stderr
    assert "skipped" in result.stderr


def test_a_missing_python_stops_with_the_line_to_type(root: Path, bare: Callable[..., dict[str, str]]) -> None:
    """Without Python nothing can go on: the line to type is printed and the command fails."""
    result = run([str(root / "scripts/system_packages.sh"), "python"], root, **bare(), PY="python3")
    assert result.returncode == 1
    assert "sudo apt-get install --yes --no-install-recommends python3 python3-venv" in result.stderr


def test_an_unknown_part_is_refused(root: Path) -> None:
    """A part that does not exist is named, with those that do."""
    result = run([str(root / "scripts/system_packages.sh"), "browzer"], root)
    assert result.returncode == 2
    assert "browzer" in result.stderr
    assert "postgres" in result.stderr


def test_the_code_of_the_tests_is_handed_on(root: Path) -> None:
    """The throw-away PostgreSQL, or its absence, changes nothing about whether the tests passed."""
    command = [str(root / "scripts/with_postgres.sh"), "bash", "-c", "exit 3"]
    assert run(command, root, INCONCERT_TEST_POSTGRES="").returncode == 3


@pytest.mark.slow
def test_the_throw_away_server_answers_and_is_gone_afterwards(root: Path) -> None:
    """While the command runs its server answers queries; afterwards its folder is gone."""
    program = (
        "import os, psycopg; url = os.environ['INCONCERT_TEST_POSTGRES'];"
        "print(psycopg.connect(url).execute('select 6 * 7').fetchone()[0], url.split('=')[1])"
    )
    import sys

    result = run(
        [str(root / "scripts/with_postgres.sh"), sys.executable, "-c", program], root, INCONCERT_TEST_POSTGRES=""
    )
    if "KeyError" in result.stderr:
        pytest.skip("PostgreSQL's programs are not installed here, or may not be started")
    answer, folder = result.stdout.split()
    assert answer == "42"
    assert not Path(folder).exists()
