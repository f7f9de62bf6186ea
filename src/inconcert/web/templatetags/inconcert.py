"""How answers, dates, ranges and records are written on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inconcert.assessment.wording import ARMS
from inconcert.exchange.report import words as said

register = template.Library()

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

# Each state has a word, a shape and a color, so that none of them is needed alone. Paths are drawn in a 16 × 16 box.
_SHAPES = {
    "check": "M3 8.5 6.5 12 13 4.5",
    "cross": "M4 4 12 12 M12 4 4 12",
    "ring": "M8 2.5a5.5 5.5 0 1 0 .01 0",
    "pause": "M5.5 3.5v9 M10.5 3.5v9",
    "bar": "M8 1.8a6.2 6.2 0 1 0 .01 0 M3.8 12.2 12.2 3.8",
    "up": "M8 13V3.5 M4 7.2 8 3.2l4 4",
    "down": "M8 3v9.5 M4 8.8l4 4 4-4",
    "alert": "M8 2 14.5 13.5h-13z M8 6.5v3 M8 11.4v.4",
}
_ANSWERS = {
    "met": ("met", "check", "met"),
    "not_met": ("not met", "cross", "not-met"),
    "unknown": ("unknown", "ring", "unknown"),
    "cleared": ("cleared", "check", "met"),
    "hold": ("hold", "pause", "hold"),
    "never": ("never", "bar", "never"),
    "helps": ("helps", "up", "met"),
    "hinders": ("hinders", "down", "hold"),
    "present": ("present", "alert", "never"),
    "absent": ("absent", "check", "met"),
    "used": ("used", "check", "met"),
    "kept": ("kept, not used", "ring", "unknown"),
    "refused": ("refused", "cross", "not-met"),
    "read": ("read", "check", "met"),
    "waiting": ("waiting for you", "pause", "hold"),
    "red": ("red", "bar", "never"),
    "amber": ("amber", "alert", "hold"),
    "yellow": ("yellow", "alert", "hold"),
    "none": ("none found", "check", "met"),
    # where an authorization stands
    "draft": ("draft", "ring", "unknown"),
    "sent": ("sent", "up", "hold"),
    "pended": ("pended", "pause", "hold"),
    "approved": ("approved", "check", "met"),
    "denied": ("denied", "cross", "not-met"),
    "appealed": ("appealed", "up", "hold"),
    "overturned": ("overturned", "check", "met"),
    "upheld": ("upheld", "cross", "not-met"),
    "expired": ("expired", "bar", "unknown"),
    "withdrawn": ("withdrawn", "down", "unknown"),
    "modified": ("approved, but changed", "alert", "hold"),
    "partial": ("items differ", "alert", "hold"),
    "error": ("error", "alert", "not-met"),
}


@register.simple_tag
def mark(state: str | None, word: str = "") -> SafeString:
    """A state as word, shape and color; `word` replaces the usual one."""
    usual, shape, style = _ANSWERS.get(str(state or "unknown"), (words(state), "ring", "unknown"))
    return format_html(
        '<span class="state state-{}"><svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<path d="{}"></path></svg>{}</span>',
        style, _SHAPES[shape], word or usual,
    )  # fmt: skip


@register.filter
def day(value: object) -> str:
    """A date in words that cannot be read two ways: 22-Nov-2026, Nov-2026 or 2026, as far as it is known."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, Mapping):
        value = value.get("text") or _range_text(value)
    text = str(value or "")
    if "/" in text:
        first, _, last = text.partition("/")
        return f"{day(first)} to {day(last)}"
    match = _PARTIAL.match(text)
    if not match:
        return text
    year, month, of_month = match.groups()
    if month and not 1 <= int(month) <= 12:
        return text
    return "-".join(part for part in (of_month, _MONTHS[int(month) - 1] if month else None, year) if part)


def _range_text(value: Mapping[str, Any]) -> str:
    first, last = str(value.get("earliest", "")), str(value.get("latest", ""))
    return first if first == last else f"{first}/{last}"


@register.filter
def clock(value: datetime | None, zone: str = "UTC") -> str:
    """An instant on the clinic's own clock: 22-Nov-2026 14:05."""
    if value is None:
        return ""
    local = value.replace(tzinfo=value.tzinfo or UTC).astimezone(ZoneInfo(zone))
    return f"{day(local)} {local:%H:%M}"


@register.filter
def number(value: object) -> str:
    """A number without a useless .0."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


@register.filter
def full(value: object) -> str:
    """A number to six digits, for whoever wants to compute with it."""
    return f"{value:.6g}" if isinstance(value, float) else number(value)


@register.filter
def percent(share: object) -> str:
    """A share from 0 to 1 as a percentage; nothing where there is none, and never 0% for a little."""
    if not isinstance(share, float | int) or share <= 0.0005:
        return ""
    return f"{100 * share:.0f}%" if share >= 0.01 else "under 1%"


@register.filter
def parts(components: object) -> str:
    """What was given, as the tables join it, in words."""
    return words(components).replace("+", " + ")


@register.filter
def source_address(ref: object) -> str:
    """Where a source can be opened: its own address, that of a DOI or of a registration; '' for a citation in words."""
    text = str(ref or "").strip()
    if text.startswith(("https://", "http://")):
        return text
    if re.fullmatch(r"10\.\d{4,9}/\S+", text):
        return f"https://doi.org/{text}"
    if re.fullmatch(r"NCT\d{8}", text):
        return f"https://clinicaltrials.gov/study/{text}"
    return ""


@register.filter
def span(value: object) -> str:
    """A range: 6, 6–8 or at least 6."""
    if not isinstance(value, Mapping):
        return number(value)
    low, high = value.get("low"), value.get("high")
    if low is None and high is None:
        return "unknown"
    if high is None:
        return f"at least {number(low)}"
    return number(low) if low == high or low is None else f"{number(low)}–{number(high)}"


@register.filter
def tenths(value: object) -> str:
    """A range to one decimal: 6.7–13.3."""
    if not isinstance(value, Mapping):
        return number(value)
    return span({k: round(v, 1) if isinstance(v := value.get(k), float) else v for k in ("low", "high")} | _one(value))


def _one(value: Mapping[str, Any]) -> dict[str, Any]:
    """A Figure without an upper bound is a single value, a Span without one is open."""
    single = "kind" in value and value.get("high") is None and value.get("low") is not None
    return {"high": round(value["low"], 1)} if single else {}


@register.filter
def once(questions: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Questions that read alike, said once, with everything they settle: two arms may ask the same thing."""
    found: dict[str, dict[str, Any]] = {}
    for question in questions:
        same = found.setdefault(question["text"], {**question, "settles": ""})
        parts = [same["settles"], question.get("settles") or ""]
        same["settles"] = ", ".join(dict.fromkeys(part for part in parts if part))
    return list(found.values())


@register.filter
def only_main(figures: list[Mapping[str, Any]], main: bool) -> list[Mapping[str, Any]]:
    """The figures to show where room is short, or all the others."""
    return [figure for figure in figures if bool(figure.get("main")) is main]


@register.filter
def figure(value: Mapping[str, Any]) -> str:
    """A number with its unit: 6–8 weeks."""
    low, high = value.get("low"), value.get("high")
    text = number(low) if high is None or high == low else f"{number(low)}–{number(high)}"
    return f"{text} {words(value.get('unit'))}".strip()


@register.filter
def words(value: object) -> str:
    """An identifier as words."""
    return str(value if value is not None else "").replace("_", " ")


@register.filter
def sentence(value: object) -> str:
    """Words with a capital at the start."""
    text = words(value)
    return text[:1].upper() + text[1:]


@register.filter
def service(value: object) -> str:
    """A payer's service word as a reader says it."""
    return said.service(value)


@register.filter
def arm(value: object) -> str:
    """An arm of the safety screen as a reader says it."""
    return ARMS.get(str(value), words(value))


@register.filter
def get(value: Any, key: str) -> Any:
    """What a mapping holds under a key that is not known when the template is written."""
    return value.get(key) if isinstance(value, Mapping) else None


@register.filter
def is_mapping(value: object) -> bool:
    """Whether a value has names inside."""
    return isinstance(value, Mapping)


@register.filter
def is_list(value: object) -> bool:
    """Whether a value is a list."""
    return isinstance(value, list | tuple)


@register.filter
def items(value: Any) -> list[tuple[str, Any]]:
    """Names and values, blanks left out."""
    return [(k, v) for k, v in value.items() if v not in (None, "", [], {}, ())] if isinstance(value, Mapping) else []


@register.filter
def is_record(value: object) -> bool:
    """Whether a record id names a resource that can be opened."""
    kind, slash, name = str(value).partition("/")
    return bool(slash and name and kind.isalpha() and kind[:1].isupper())


@register.filter
def where_answer(rows: list[Mapping[str, Any]], states: str) -> list[Mapping[str, Any]]:
    """Rows whose `answer` is one of the states, written with commas."""
    wanted = states.split(",")
    return [row for row in rows if row.get("answer") in wanted]


@register.filter
def stays_open(judgement: Mapping[str, Any]) -> bool:
    """Whether a judgement with parts is worth opening: it is not met in all of them."""
    return judgement.get("answer") != "met"


@register.inclusion_tag("web/parts/basis.html", takes_context=True)
def basis(context: Context, value: Mapping[str, Any] | None, title: str = "Basis") -> dict[str, Any]:
    """A judgement's basis: rule and version, sources with how they are known, records used and rejected."""
    return {"b": value or {}, "title": title, "patient": context.get("patient"), "may": context.get("may")}


@register.inclusion_tag("web/parts/judgement.html", takes_context=True)
def judgement(context: Context, value: Mapping[str, Any]) -> dict[str, Any]:
    """A judgement with its parts, each opening to its basis."""
    return {"j": value, "patient": context.get("patient"), "may": context.get("may")}


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The page's own query with some values changed."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        values[key] = str(value)
    return f"?{values.urlencode()}"
