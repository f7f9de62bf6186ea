"""What is installed: the wheel holds all that runs, and the plain install runs without the site."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from email.parser import HeaderParser
from pathlib import Path

import pytest

# What a plain `pip install .` does not bring.
NOT_IN_THE_BASE = ("django", "allauth", "altair", "vl_convert", "typst", "psycopg", "whitenoise", "gunicorn")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as pip would build it but without a download."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_source(
    wheel: zipfile.ZipFile, files: Callable[..., list[Path]], root: Path
) -> None:
    """Code, YAML, CSV, Typst, templates and static files are all in the wheel, and nothing of the tests is."""
    source = {str(p.relative_to(root / "src")) for p in files("src", suffixes=("",))}
    packed = {name for name in wheel.namelist() if not name.split("/", maxsplit=1)[0].endswith(".dist-info")}
    assert source - packed == set()
    assert {name for name in packed - source if not name.startswith("inconcert/")} == set()
    assert [name for name in packed if "__pycache__" in name or name.endswith(".sqlite3")] == []


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    """Its metadata name the license, the Python it needs, the command, and a base without Django."""
    folder = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")).rpartition("/")[0]
    meta = HeaderParser().parsestr(wheel.read(f"{folder}/METADATA").decode())
    assert meta["License-Expression"] == "Apache-2.0"
    assert meta["Requires-Python"] == ">=3.11"
    base = [r for r in meta.get_all("Requires-Dist", []) if "extra ==" not in r]
    assert sorted(r.split(">")[0].split("<")[0].split(",")[0] for r in base) == ["msgspec", "pyyaml", "rich", "typer"]
    assert "inconcert = inconcert.cli:main" in wheel.read(f"{folder}/entry_points.txt").decode()
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()


@pytest.mark.parametrize(
    "arguments",
    [
        ("version",),
        ("scales",),
        ("policies",),
        ("protocols",),
        ("score", "phq9", "1", "1", "1", "1", "1", "1", "1", "1", "0"),
        ("schema",),
    ],
    ids=lambda a: a[0],
)
def test_the_plain_install_answers_without_the_site(
    wheel: zipfile.ZipFile, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Run from the unpacked wheel with Django and the picture libraries out of reach, the commands still answer."""
    wheel.extractall(tmp_path)
    block = f"import sys\nfor name in {NOT_IN_THE_BASE!r}: sys.modules[name] = None\n"
    program = f"{block}sys.path.insert(0, {str(tmp_path)!r})\nsys.argv = {['inconcert', *arguments]!r}\nfrom inconcert.cli import main\nmain()\n"
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.strip()
