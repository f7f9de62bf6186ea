"""YAML without its traps: no anchors, no repeated keys, `NO`, `12:30` and `017` stay the text they are.

YAML 1.1 turns NO into false, 12:30 into 750 and 017 into 15. In a file that decides about care that is a wrong dose or
a wrong payer, so only `true`, `false`, `null` and plain decimal numbers are anything but text.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml

_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAY_HOLD_ALIAS = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s,\[\]{}]", re.MULTILINE)
_MAX_BYTES = 2_000_000


class KnowledgeError(Exception):
    """A knowledge file that cannot be used: which file, which line, what is wrong and what would mend it."""

    def __init__(self, file: str, line: int | None, problem: str, mend: str) -> None:
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {problem} Mend: {mend}")
        self.file, self.line, self.problem, self.mend = file, line, problem, mend


class _StrictLoader(_BaseLoader):  # type: ignore[misc]  # the base is chosen at run time (C where it was built)
    """Safe loader that refuses repeated keys and resolves only null, true, false and decimal numbers."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is a list or a mapping", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        result: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return result


_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"(?:~|null|)\Z", ["~", "n", ""]),
    ("tag:yaml.org,2002:bool", r"(?:true|false)\Z", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]*)\Z", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?\Z", list("-0123456789")),
):
    _StrictLoader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def parse(text: str, file: str) -> Any:
    """Parse one YAML document of at most 2 MB. Raises KnowledgeError naming file and line."""
    if len(text) > _MAX_BYTES:
        raise KnowledgeError(file, None, "The file is larger than 2 MB.", "Split it.")
    if _MAY_HOLD_ALIAS.search(text):
        _refuse_anchors(text, file)
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise KnowledgeError(file, line, f"Not readable as YAML: {error.problem}.", "Correct that line.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise KnowledgeError(file, None, f"Not readable as YAML: {error}.", "Correct the file.") from error


def read(path: Path) -> Any:
    """Read and parse one file. Raises KnowledgeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(
            str(path), None, f"The file cannot be read: {error}.", "Check its name and UTF-8."
        ) from error
    return parse(text, str(path))


def line_of(text: str, path: str) -> int | None:
    """The line of `$.a[2].b` in a YAML text, or of its nearest parent that exists; None if nothing matches."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    line = None
    for step in _steps(path):
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode) and isinstance(step, str):
            pair = next(((k, v) for k, v in node.value if k.value == step), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _steps(path: str) -> Iterator[str | int]:
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        yield name or int(index)


def _refuse_anchors(text: str, file: str) -> None:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else None
                raise KnowledgeError(
                    file, line, "Anchors and aliases (& and *) are not allowed.", "Write the value out."
                )
    except yaml.YAMLError:
        return  # the real parse that follows reports it with its line
