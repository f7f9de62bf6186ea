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
_BOM = "\ufeff"
# What YAML 1.1 would turn into something else where it stands without quotes; here it stays text.
_TRAPS = (
    (
        re.compile(r"(?:yes|no|on|off|y|n)\Z", re.IGNORECASE),
        "true or false",
        "Put it in quotes, or write true or false.",
    ),
    (
        re.compile(r"(?:True|TRUE|False|FALSE)\Z"),
        "true or false",
        "Write true or false in small letters, or put it in quotes.",
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"),
        "a number to the base of 60",
        "Put it in quotes.",
    ),
    (re.compile(r"[-+]?0[0-7_]+\Z"), "an octal number", "Put it in quotes, or write the number without the zero."),
    (
        re.compile(r"[-+]?0[0-9_]+\Z"),
        "text with a leading zero",
        "Put it in quotes, or write the number without the zero.",
    ),
    (
        re.compile(r"[-+]?0[xX][0-9a-fA-F_]+\Z|[-+]?0b[01_]+\Z"),
        "a number to another base",
        "Write it as a plain number.",
    ),
    (
        re.compile(r"[-+]?[0-9][0-9,_]*[,_][0-9,_]*[0-9]\Z"),
        "a number without its separators",
        "Write the digits alone.",
    ),
    (
        re.compile(r"\+[0-9.]+\Z|[-+]?\.[0-9]+\Z|[-+]?[0-9]+\.\Z|[-+]?[0-9.]+[eE][-+]?[0-9]+\Z"),
        "a number",
        "Write it as a plain number.",
    ),
    (re.compile(r"[-+]?\.(?:inf|nan)\Z", re.IGNORECASE), "no finite number", "Write a number."),
    (re.compile(r"(?:Null|NULL)\Z"), "nothing", "Write null, or put it in quotes."),
)


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
    text = text.removeprefix(_BOM)
    if len(text) > _MAX_BYTES:
        raise KnowledgeError(file, None, "The file is larger than 2 MB.", "Split it.")
    if _MAY_HOLD_ALIAS.search(text):
        _refuse_anchors(text, file)
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise KnowledgeError(file, line, f"Not readable as YAML: {error.problem}.", _mend_of(error, text)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"A character that no text holds (code {error.character!r})"
        raise KnowledgeError(file, line, f"Not readable as YAML: {problem}.", "Remove it.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise KnowledgeError(file, None, f"Not readable as YAML: {error}.", "Correct the file.") from error


def _mend_of(error: yaml.MarkedYAMLError, text: str) -> str:
    """What mends the commonest slips."""
    problem = error.problem or ""
    lines = text.splitlines()
    at = error.problem_mark.line if error.problem_mark else -1
    if "\\t" in problem or (0 <= at < len(lines) and "\t" in lines[at][: len(lines[at]) - len(lines[at].lstrip())]):
        return "Use spaces, not tabs, at the start of that line."
    if "stands twice" in problem:
        return "Keep one of the two."
    if "another document" in problem or "single document" in problem:
        return "Keep one document: remove the line --- and what follows it."
    return "Correct that line."


def read_text(path: Path) -> str:
    """The text of a file, without a byte order mark. Raises KnowledgeError naming the line of the first byte that is no UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(str(path), None, f"The file cannot be read: {error}.", "Check its name.") from error
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise KnowledgeError(str(path), 1, "The file is UTF-16.", "Save it as UTF-8.") from error
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"The byte 0x{data[error.start]:02x} is no UTF-8 (the file may be Latin-1 or Windows-1252)."
        raise KnowledgeError(str(path), line, problem, "Save it as UTF-8.") from error


def read(path: Path) -> Any:
    """Read and parse one file. Raises KnowledgeError."""
    return parse(read_text(path), str(path))


def surprises(text: str) -> Iterator[tuple[int, str, str]]:
    """Words without quotes that another YAML reader would turn into something else: line, what, mend. Here they stay text."""
    try:
        for event in yaml.parse(text, Loader=_BaseLoader):
            if not isinstance(event, yaml.ScalarEvent) or event.style:  # quoted or folded
                continue
            for pattern, other, mend in _TRAPS:
                if pattern.match(event.value):
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    yield line, f"{event.value!r} is read as the text it is; other readers make it {other}.", mend
                    break
    except (yaml.YAMLError, RecursionError):
        return  # what cannot be read is told by `parse`


def line_of(text: str, path: str) -> int | None:
    """The line of `$.a[2].b` in a YAML text, or of its nearest parent that exists; None if nothing matches."""
    try:
        node = yaml.compose(text, Loader=_BaseLoader)
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
        for event in yaml.parse(text, Loader=_BaseLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else None
                raise KnowledgeError(
                    file, line, "Anchors and aliases (& and *) are not allowed.", "Write the value out."
                )
    except yaml.YAMLError:
        return  # the real parse that follows reports it with its line
