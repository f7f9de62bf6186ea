"""The reference pages of the policy language: every word with its fields, and the JSON Schema of a file."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from _pages import cell, code, table


def criteria_page() -> str:
    """Every kind of criterion a policy file may use, by group, with each of its fields and the words it takes."""
    from inconcert.knowledge.policy_schema.leaves import GROUPS

    intro = (
        "# Kinds of criterion\n\nWhat may stand after `fact:` in a policy file, beside `all`, `any`, `not` and `never`. "
        "How the words are used is shown in [the policy language](../../explanation/the-policy-language.md). "
        "Every criterion may also carry `label`, `note`, "
        "`provenance` (how this one is known) and `conflicting_values` (what disagreeing sources say, by field).\n"
    )
    parts = [intro]
    for group, kinds in GROUPS.items():
        parts.append(f"## {group[:1].upper()}{group[1:]}\n")
        for kind in kinds:
            parts.append(f"### `{kind.__struct_config__.tag}`\n")
            parts.append(_plain(kind.__doc__ or ""))
            rows = [_row(kind, field) for field in msgspec.structs.fields(kind) if field.name not in _SHARED]
            if rows:
                parts.append(table(("field", "takes", "if it is not written"), rows))
    return "\n".join(parts)


_SHARED = frozenset({"provenance", "conflicting_values", "note"})


def _plain(doc: str) -> str:
    return " ".join(doc.split()) + "\n"


def _row(kind: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> tuple[str, str, str]:
    hints = typing.get_type_hints(kind)
    words = list(dict.fromkeys(_takes(hints[field.name])))
    takes = " or ".join(w for w in words if not (w == _TYPES[int] and _TYPES[float] in words))
    if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT:
        absent = "must be written"
    else:
        absent = _absent(field.default)
    return code(field.encode_name), takes, absent


def _absent(default: Any) -> str:
    if default in (None, False, (), "", msgspec.NODEFAULT):
        return "not asked"
    return code(default)


_TYPES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def _takes(hint: Any) -> Iterator[str]:
    """What a field takes, in words: a closed list of words is written out."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is type(None):
        return
    if hint in _TYPES:
        yield _TYPES[hint]
    elif origin is Literal:
        yield ", ".join(code(str(v).lower() if isinstance(v, bool) else v) for v in inner)
    elif origin is tuple:
        what = [w for i in inner if i is not Ellipsis for w in _takes(i)]
        yield ("a list of " if Ellipsis in inner else f"{len(inner)} of ") + " or ".join(dict.fromkeys(what))
    elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield f"a mapping of {', '.join(code(f.encode_name) for f in msgspec.structs.fields(hint))}"
    elif inner:
        for each in inner:
            yield from _takes(each)
    else:
        yield cell(hint)


def policy_schema_page() -> str:
    """The JSON Schema of a policy file."""
    from inconcert.knowledge.policy_schema.json_schema import policy_json_schema

    schema = json.dumps(policy_json_schema(), indent=1, ensure_ascii=False)
    return (
        "# JSON Schema of a policy file\n\n`inconcert policies schema` prints it. It is made from the structures that read "
        "the file, and knows shapes and words; what numbers can be, which dates fit and whether criteria contradict each "
        "other is asked by `inconcert policies check`.\n\n"
        f"```json\n{schema}\n```\n"
    )
