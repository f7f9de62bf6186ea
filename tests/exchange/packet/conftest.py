"""The words of a printed packet."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def pdf_text(tmp_path: Path) -> Callable[..., str]:
    """The words of a PDF on one line (of some pages only where `first` and `last` are given)."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")

    def read(pdf: bytes, first: int = 1, last: int = 999) -> str:
        path = tmp_path / "packet.pdf"
        path.write_bytes(pdf)
        command = [str(program), "-f", str(first), "-l", str(last), str(path), "-"]
        out = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
        return " ".join(out.split())

    return read
