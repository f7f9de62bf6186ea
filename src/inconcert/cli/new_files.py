"""Whether files can be written, asked before the work is done: nothing is written over, and nobody waits for a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from inconcert.cli.console import MISUSE, fail


def refuse_unwritable(wanted: Iterable[tuple[str, Path | None]]) -> None:
    """End the command where a file of `wanted` (option, file) is there already, or two are the same, or it has no folder."""
    seen: dict[Path, str] = {}
    for option, path in wanted:
        if path is None:
            continue
        if path.exists():
            fail(f"{option}: {path} is there already. Mend: name another file, or move this one away.", MISUSE)
        if not path.parent.is_dir():
            fail(f"{option}: there is no folder {path.parent}. Mend: make it, or name another file.", MISUSE)
        other = seen.setdefault(path.resolve(), option)
        if other != option:
            fail(f"{other} and {option} name the same file, {path}. Mend: name two.", MISUSE)


def refuse_filled(option: str, folder: Path | None, names: Iterable[str]) -> None:
    """End the command where the folder holds one of these files already, or is no folder."""
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        fail(f"{option}: {folder} is a file. Mend: name a folder.", MISUSE)
    there = [name for name in names if (folder / name).exists()]
    if there:
        fail(f"{option}: {folder} holds {there[0]} already. Mend: name another folder.", MISUSE)
