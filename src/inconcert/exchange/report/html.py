"""The report as one HTML file: nothing is fetched, nothing runs, it prints, and a screen reader can walk it.

Every word from the record passes through `html.escape`; pictures are images inside the page, so that not even a
picture could run a script. A content security policy in the page says so to the browser as well.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.content import report_of
from inconcert.exchange.report.page import Block, Bullets, Fold, Para, Picture, Report, Section, Table
from inconcert.exchange.report.pictures import to_svg
from inconcert.exchange.report.words import Json, breakable

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.45 "Liberation Sans", Arial, Helvetica, sans-serif; color: #1b1b1b; background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1rem; }
header.person { border: 2px solid #1b1b1b; padding: .6rem .9rem; margin-bottom: 1rem; }
header.person p { margin: .2rem 0; }
header.person dl { display: flex; flex-wrap: wrap; gap: .1rem 1.6rem; margin: .3rem 0 0; }
header.person dt { font-weight: 700; display: inline; }
header.person dd { display: inline; margin: 0 0 0 .4rem; }
.invented { display: inline-block; background: #1b1b1b; color: #fff; padding: .1rem .5rem; font-weight: 700; }
h1 { font-size: 1.5rem; margin: .2rem 0; } h2 { font-size: 1.2rem; border-bottom: 1px solid #767676; margin-top: 1.8rem; }
p.lead { font-size: 1.05rem; } .warn { border-left: .4rem solid #a33a00; padding-left: .7rem; font-weight: 600; }
.muted { color: #4d4d4d; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 700; padding-bottom: .3rem; }
th, td { border: 1px solid #767676; padding: .25rem .4rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: #ececec; } td.mark { font-weight: 700; white-space: nowrap; }
th, td { min-width: 4.5rem; }
figure { margin: .8rem 0; } figure img { max-width: 100%; height: auto; }
details { margin: .6rem 0; } summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
footer { border-top: 1px solid #767676; margin-top: 2rem; padding-top: .5rem; font-size: .85rem; }
@media print {
  body { font-size: 10pt; max-width: none; padding: 0; } h2, caption { break-after: avoid; } tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } .wide { overflow: visible; }
}
"""


def write_html(assessment: Json, path: str | Path) -> None:
    """Write the report as one printable, self-contained HTML file.

    `assessment` is the JSON form. Raises ImportError where the extra `report` is not installed, OSError where the
    file cannot be written.
    """
    Path(path).write_text(render_html(assessment), encoding="utf-8")


def render_html(assessment: Json) -> str:
    """The report as HTML text. Raises ImportError where the extra `report` is not installed."""
    return html_of(report_of(clean(assessment)))


def html_of(report: Report) -> str:
    """Any report as HTML text. Raises ImportError where the extra `report` is not installed."""
    title = f"{report.title}: {report.name}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            *_header(report),
            "<main>",
            *(line for section in report.sections for line in _section(section)),
            "</main>",
            f"<footer><p>{escape(report.disclaimer)}</p><p>{escape(report.made_with)}, as of {escape(report.as_of)}.</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _header(report: Report) -> Iterable[str]:
    yield '<header class="person">'
    yield f"<p>{escape(report.title)}, as of {escape(report.as_of)}</p>"
    yield f"<h1>{escape(report.name)}</h1>"
    if report.invented:
        yield '<p><span class="invented">INVENTED PERSON, for demonstration</span></p>'
    yield "<dl>"
    for name, value in report.banner:
        yield f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
    yield "</dl>"
    yield "</header>"
    for warning in report.warnings:
        yield f'<p class="warn">{escape(warning)}</p>'


def _section(section: Section) -> Iterable[str]:
    yield f'<section id="{escape(section.id)}" aria-labelledby="{escape(section.id)}-title">'
    yield f'<h2 id="{escape(section.id)}-title">{escape(section.title)}</h2>'
    folded = section.place == "appendix"
    if folded:
        yield "<details><summary>Open the whole basis</summary>"
    for block in section.blocks:
        yield from _block(block)
    if folded:
        yield "</details>"
    yield "</section>"


def _block(block: Block) -> Iterable[str]:
    if isinstance(block, Para):
        tone = f' class="{escape(block.tone)}"' if block.tone else ""
        yield f"<p{tone}>{escape(block.text)}</p>"
    elif isinstance(block, Bullets):
        tone = f' class="{escape(block.tone)}"' if block.tone else ""
        yield f"<div{tone}><p>{escape(block.lead)}:</p><ul>"
        yield from (f"<li>{escape(item)}</li>" for item in block.items)
        yield "</ul></div>"
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Picture):
        yield from _picture(block)
    else:
        yield from _fold(block)


def _table(block: Table) -> Iterable[str]:
    # A table wider than the window scrolls by itself; the keyboard can reach it.
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(block.caption)}"><table>'
    yield f"<caption>{escape(block.caption)}</caption><thead><tr>"
    yield from (f'<th scope="col">{escape(header)}</th>' for header in block.headers)
    yield "</tr></thead><tbody>"
    for row in block.rows:
        cells = [f'<th scope="row">{_soft(row[0])}</th>']
        for column, cell in enumerate(row[1:], 1):
            mark = ' class="mark"' if column in block.marks else ""
            cells.append(f"<td{mark}>{_soft(cell)}</td>")
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"


def _soft(text: str) -> str:
    """Escaped text with places to break inside addresses and record ids, so that a column need not be as wide as they are."""
    return escape(breakable(text)).replace("\u200b", "<wbr>")


def _picture(block: Picture) -> Iterable[str]:
    data = base64.b64encode(to_svg(block.spec).encode("utf-8")).decode("ascii")
    yield f'<figure id="{escape(block.id)}-picture">'
    yield f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(block.alt)}">'
    yield f"<figcaption>{escape(block.title)}</figcaption>"
    yield "</figure>"


def _fold(block: Fold) -> Iterable[str]:
    yield f"<details><summary>{escape(block.summary)}</summary>"
    for inner in block.blocks:
        yield from _block(inner)
    yield "</details>"
