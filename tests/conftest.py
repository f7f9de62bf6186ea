"""What every test shares: how much Hypothesis tries, Django where it is installed, and the shared folder where it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "tests" / "web"
NOT_OURS = {
    ".inconcert-demo",
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    "_build",
    "generated",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}

# `dev` is what `make test` runs: the same examples each time, so that a red build is red for everyone.
# `search` looks for new failures; each one found becomes an @example.
settings.register_profile(
    "dev", max_examples=50, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("INCONCERT_HYPOTHESIS", "dev"))

# Playwright's own event loop runs in the thread that serves the page in a browser test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-django start Django where a test of the site may run; the other rooms are tested without it."""
    asked = {Path(str(argument).split("::")[0]).resolve() for argument in config.args}
    if any(path in WEB.parents or path == WEB or WEB in path.parents for path in asked):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inconcert.web.settings_test")
        from django.conf import settings as site

        # pytest-django starts Django only where the settings have been read by now, not where they are merely named.
        site.INSTALLED_APPS  # noqa: B018 - reading is the point


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared example files beside the project; a test that wants it is skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with example FHIR files is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The address of a throw-away PostgreSQL server that `make test` started."""
    url = os.environ.get("INCONCERT_TEST_POSTGRES", "")
    if not url:
        pytest.skip("INCONCERT_TEST_POSTGRES is not set: no PostgreSQL programs were found to start a test server")
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the system's Chromium; Playwright's own download is never wanted."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium found: install the package chromium, or name one in CHROMIUM")
    return {**browser_type_launch_args, "executable_path": program}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in git; in an unpacked archive every file that is not built."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout.decode()
        names = [name for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if not NOT_OURS & set(p.relative_to(ROOT).parts)]
    paths = (ROOT / name for name in sorted(set(names)))
    return tuple(path for path in paths if path.is_file())


@pytest.fixture(scope="session")
def files() -> Callable[..., list[Path]]:
    """Project files below the folders named (all where none is named) that end in one of the suffixes."""

    def below(*folders: str, suffixes: Iterable[str] = (".py",)) -> list[Path]:
        wanted = [ROOT / folder for folder in folders] or [ROOT]
        ends = tuple(suffixes)
        return [p for p in project_files() if p.name.endswith(ends) and any(w == p or w in p.parents for w in wanted)]

    return below
