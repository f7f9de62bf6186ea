"""The text of each generated reference page, as MyST."""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import inspect
import io
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import typer.main

import inconcert

# The site is described by its guide; importing it needs Django set up.
NOT_WALKED = ("inconcert.web",)


def cell(text: object) -> str:
    """Text as it may stand in one cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;") or " "


def code(text: object) -> str:
    """Text as code in one cell of a table."""
    plain = " ".join(str(text).split()).replace("|", "\\|")
    return f"`{plain}`" if plain else " "


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; the cells are ready to be shown."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of InConcert below the site, in the order of their names."""
    root = Path(inconcert.__path__[0])
    paths = (path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py"))
    names = {".".join(p.parts).removesuffix(".__init__") for p in paths}
    wanted = sorted(n for n in names if not n.startswith(NOT_WALKED) and not n.endswith("__main__"))
    return tuple(importlib.import_module(name) for name in wanted)


def classes(test: type | None = None, *, prefix: str = "inconcert.") -> Iterator[type]:
    """Every public class defined in those modules (subclasses of `test` where given), once, by module and line."""
    for module in modules():
        if not module.__name__.startswith(prefix):
            continue
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and value.__module__ == module.__name__
                and not name.startswith("_")
                and (test is None or issubclass(value, test))
            ):
                yield value


def field_comments(kind: type) -> dict[str, str]:
    """The comment that stands behind each field in the source of a class."""
    source = inspect.cleandoc("\n" + inspect.getsource(kind))
    lines = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and "noqa" not in token.string
    }
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        node.target.id: lines.get(node.end_lineno or node.lineno, "")
        for node in body.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def describe(kind: type) -> str:
    """One class: its own words, then a table of its fields."""
    anchor = f"{kind.__module__}.{kind.__name__}"
    text = [f"### {kind.__name__}\n", f"`{anchor}`\n", prose(kind) + "\n"]
    rows = list(enum_rows(kind)) if issubclass(kind, enum.Enum) else list(field_rows(kind))
    if rows:
        head = ("value", "meaning") if issubclass(kind, enum.Enum) else ("field", "type", "if absent", "meaning")
        text.append(table(head, rows))
    return "\n".join(text)


def prose(kind: type) -> str:
    """The docstring of a class, safe to stand in Markdown."""
    return (inspect.getdoc(kind) or "").replace("<", "&lt;")


def enum_rows(kind: type) -> Iterator[tuple[str, ...]]:
    """The values of an enumeration with the comment behind each."""
    source = inspect.getsource(kind).splitlines()
    for member in kind:  # type: ignore[attr-defined]
        line = next((s for s in source if s.strip().startswith(f"{member.name} =")), "")
        yield code(member.value), cell(line.partition("  # ")[2])


def field_rows(kind: type) -> Iterator[tuple[str, ...]]:
    """The fields of a dataclass or a msgspec structure."""
    notes = {name: note for base in reversed(kind.__mro__[:-1]) for name, note in comments_or_none(base).items()}
    annotations = {k: v for base in reversed(kind.__mro__[:-1]) for k, v in inspect.get_annotations(base).items()}
    for name, default in defaults(kind):
        yield code(name), code(annotations.get(name, "")), default, cell(notes.get(name, ""))


def comments_or_none(kind: type) -> dict[str, str]:
    """`field_comments`, or nothing for a class whose source is not Python."""
    try:
        return field_comments(kind)
    except (OSError, TypeError, SyntaxError):
        return {}


def defaults(kind: type) -> Iterator[tuple[str, str]]:
    """Each field with what stands in for it when it is absent, as shown in the table."""
    if issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield field.encode_name, "**required**" if field.required else code(repr(shown(field)))
    elif dataclasses.is_dataclass(kind):
        for plain in dataclasses.fields(kind):
            required = plain.default is dataclasses.MISSING and plain.default_factory is dataclasses.MISSING
            value = plain.default if plain.default is not dataclasses.MISSING else "empty"
            yield plain.name, "**required**" if required else code(repr(value))


def shown(field: msgspec.structs.FieldInfo) -> object:
    """The default of a structure's field."""
    return field.default if field.default is not msgspec.NODEFAULT else "empty"


def by_module(kinds: Iterable[type]) -> str:
    """Descriptions under one heading per module, with the first sentence of the module."""
    parts: list[str] = []
    last = ""
    for kind in kinds:
        if kind.__module__ != last:
            last = kind.__module__
            doc = inspect.getdoc(importlib.import_module(last)) or ""
            parts.append(f"## {last.removeprefix('inconcert.')}\n\n{doc.splitlines()[0] if doc else ''}\n")
        parts.append(describe(kind))
    return "\n".join(parts)


def record_page() -> str:
    """The data dictionary of facts about a person."""
    kinds = [k for k in classes(prefix="inconcert.record") if dataclasses.is_dataclass(k) or issubclass(k, enum.Enum)]
    return (
        "# Record: facts about one person\n\nEvery type of `inconcert.record`, generated from the code. Facts are frozen; a "
        "blank is `None` or empty and means *not known*.\n\n" + by_module(kinds)
    )


def answers_page() -> str:
    """The data dictionary of answers: judgement and the types of each room."""
    kinds = [
        k
        for k in classes()
        if (k.__module__ == "inconcert.judgement" or k.__module__.endswith(".types"))
        and (dataclasses.is_dataclass(k) or issubclass(k, enum.Enum))
    ]
    return (
        "# Answers: what each room returns\n\nThe shape every answer shares, then what each room on the road returns; "
        "generated from the code.\n\n" + by_module(kinds)
    )


def knowledge_page() -> str:
    """The data dictionary of knowledge files."""
    return (
        "# Knowledge files: every structure\n\nWhat may stand in a file below `inconcert/knowledge`, generated from the "
        "structures that check it. A field that is not listed is an error.\n\n"
        + by_module(k for k in classes(msgspec.Struct) if k.__module__ != "builtins")
    )


def commands_page() -> str:
    """Every command and option, from the command line itself."""
    from inconcert.cli import app

    root = typer.main.get_command(app)
    parts = ["# Commands\n\nGenerated from the command line itself; `inconcert COMMAND --help` prints the same.\n"]
    parts += list(command_sections(root, "inconcert"))
    return "\n".join(parts)


def command_sections(command: Any, path: str) -> Iterator[str]:
    """One section per command, deepest last. Typer carries its own Click, so commands are known by what they can do."""
    if hasattr(command, "list_commands"):
        context = typer.Context(command, info_name=path)
        if path != "inconcert":
            yield f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n"
        for name in command.list_commands(context):
            yield from command_sections(command.get_command(context, name), f"{path} {name}")
        return
    usage = " ".join(command.collect_usage_pieces(typer.Context(command, info_name=path)))
    help_text = inspect.cleandoc(command.help or "").replace("\f", "").replace("<", "&lt;")
    yield f"## {path}\n\n```text\n{path} {usage}\n```\n\n{help_text}\n"
    rows = [param_row(param) for param in command.params if not getattr(param, "hidden", False)]
    if rows:
        yield table(("argument or option", "default", "meaning"), rows)


def param_row(param: Any) -> tuple[str, ...]:
    """One line of a command's table."""
    is_option = param.param_type_name == "option"
    names = ", ".join([*param.opts, *param.secondary_opts]) if is_option else param.metavar or str(param.name).upper()
    plain = param.default in (None, (), False, "") or callable(param.default)
    default = "**required**" if param.required else " " if plain else code(param.default)
    return code(names), default, cell(getattr(param, "help", None) or "")
