"""Quality measures on paper: as FHIR MeasureReports, as JSON and in a terminal."""

from inconcert.exchange.measures.fhir_report import individual_report, summary_report
from inconcert.exchange.measures.plain import as_json, in_words

__all__ = ["as_json", "in_words", "individual_report", "summary_report"]
