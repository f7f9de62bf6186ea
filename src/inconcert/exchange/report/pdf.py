"""The report as a PDF that a clinician can sign: tagged, archivable (PDF/A-2a), accessible (PDF/UA-1), made by Typst.

The data reaches the template as JSON; the template prints strings as strings, so that no word of a record can become
markup. No package and no font is fetched: the fonts are those inside Typst's wheel.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.content import report_of
from inconcert.exchange.report.page import Block, Bullets, Fold, Para, Picture, Report, Table
from inconcert.exchange.report.pictures import PDF_FONT, to_svg
from inconcert.exchange.report.words import Json, breakable

LOOK = Path(__file__).parent / "look.typ"
TEMPLATE = Path(__file__).parent / "report.typ"
STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
NO_FONT = (
    "Some letters of this record stand as boxes, because no installed font has them, and this PDF is not an archival one. "
    "Mend: install a font for that script (such as Debian's fonts-noto) and print again, or use --html."
)


def write_pdf(assessment: Json, path: str | Path) -> None:
    """Write the report as PDF/A-2a and PDF/UA-1.

    `assessment` is the JSON form. Raises ImportError where the extra `report` is not installed, OSError where the
    file cannot be written.
    """
    Path(path).write_bytes(render_pdf(assessment))


def render_pdf(assessment: Json) -> bytes:
    """The report as the bytes of a PDF. Raises ImportError where the extra `report` is not installed.

    Where no font on this machine has a letter of the record, the archival standards cannot be kept: the PDF then says so
    on its first page, names the mend, and claims no standard.
    """
    safe = clean(assessment)
    return pdf_of(report_of(safe), date.fromisoformat(str(safe.get("as_of") or "1970-01-01")[:10]))


def pdf_of(report: Report, as_of: date) -> bytes:
    """Any report as the bytes of a PDF, dated `as_of`. Raises ImportError where the extra `report` is not installed."""
    return print_pdf(TEMPLATE, _data(report, as_of))


def print_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """Print a template (joined behind `look.typ`) with its data as PDF/A-2a and PDF/UA-1.

    `data` is JSON that holds nothing unsafe to show (`clean`), with a list `warnings` that the template prints. Where no
    font has a letter of it, a warning is added and no standard is claimed. Raises ImportError where typst is absent.
    """
    import typst

    try:
        return _compile(template, data, STANDARDS)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    return _compile(template, {**data, "warnings": [*data["warnings"], NO_FONT]}, [])


def _compile(template: Path, data: dict[str, Any], standards: list[Literal["a-2a", "ua-1"]]) -> bytes:
    import typst

    # System fonts stay in: a name in a script that the wheel's fonts lack is printed where the machine has one.
    rendered: bytes = typst.compile(
        LOOK.read_bytes() + template.read_bytes(), sys_inputs={"data": json.dumps(data)}, pdf_standards=[*standards]
    )
    return rendered


def _data(report: Report, as_of: date) -> dict[str, Any]:
    return {
        "title": report.title,
        "name": report.name,
        "invented": report.invented,
        "banner": [list(pair) for pair in report.banner],
        "as_of": report.as_of,
        "date": [as_of.year, as_of.month, as_of.day],
        "made_with": report.made_with,
        "warnings": list(report.warnings),
        "disclaimer": report.disclaimer,
        "sections": _sections(report),
    }


def _sections(report: Report) -> list[dict[str, Any]]:
    """The sections to print: what a reader may fold away on a screen stands in an appendix before the basis."""
    body = [
        {
            "title": section.title,
            "place": section.place,
            "blocks": [part for block in section.blocks if not isinstance(block, Fold) for part in _parts(block)],
        }
        for section in report.sections
    ]
    folds = [block for section in report.sections for block in section.blocks if isinstance(block, Fold)]
    details = [part for fold in folds if fold.printed for part in _parts(fold)]
    unprinted = [fold.summary for fold in folds if not fold.printed]
    if unprinted:
        lead = "Not printed; in the HTML page and the JSON"
        details.append({"kind": "bullets", "tone": "muted", "lead": lead, "items": unprinted})
    if details:
        place = next((n for n, section in enumerate(body) if section["place"] == "appendix"), len(body))
        body.insert(place, {"title": "Details", "place": "appendix", "blocks": details})
    return body


def _parts(block: Block) -> list[dict[str, Any]]:
    if isinstance(block, Para):
        return [{"kind": "para", "tone": block.tone, "text": breakable(block.text)}]
    if isinstance(block, Bullets):
        items = [breakable(item) for item in block.items]
        return [{"kind": "bullets", "tone": block.tone, "lead": block.lead, "items": items}]
    if isinstance(block, Table):
        return [
            {
                "kind": "table",
                "caption": block.caption,
                "headers": list(block.headers),
                "rows": [[breakable(cell) for cell in row] for row in block.rows],
                "widths": list(block.widths) or [1] * len(block.headers),
                "marks": list(block.marks),
            }
        ]
    if isinstance(block, Picture):
        return [{"kind": "picture", "title": block.title, "alt": block.alt, "svg": to_svg(block.spec, PDF_FONT)}]
    assert isinstance(block, Fold)  # noqa: S101 - the last kind of block
    inner = [part for each in block.blocks for part in _parts(each)]
    return [{"kind": "lead", "text": block.summary}, *inner]
