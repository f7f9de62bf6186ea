"""The report of an assessment: in a terminal, as one HTML page, as a PDF to sign, and its pictures as Vega-Lite.

All take the JSON form (`inconcert.assessment.as_json`). Libraries that draw and print (extra `report`) are imported
only when a picture or a PDF is asked for.
"""

from inconcert.exchange.report.html import render_html, write_html
from inconcert.exchange.report.pdf import render_pdf, write_pdf
from inconcert.exchange.report.pictures import (
    coverage_alt,
    coverage_waterfall_spec,
    timeline_alt,
    to_svg,
    trial_timeline_spec,
)
from inconcert.exchange.report.terminal import render_terminal

__all__ = [
    "coverage_alt",
    "coverage_waterfall_spec",
    "render_html",
    "render_pdf",
    "render_terminal",
    "timeline_alt",
    "to_svg",
    "trial_timeline_spec",
    "write_html",
    "write_pdf",
]
