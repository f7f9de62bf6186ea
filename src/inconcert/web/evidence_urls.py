"""Addresses of the answer on the pair, and of the studies behind it."""

from __future__ import annotations

from django.urls import URLPattern, path

from inconcert.web.views import evidence, studies

evidence_patterns: list[URLPattern] = [
    path("evidence/", evidence.page, name="evidence"),
    path("evidence/number/", evidence.number, name="evidence_number"),
    path("evidence/every-way/", evidence.ways, name="evidence_ways"),
    path("evidence/picture/<slug:name>.json", evidence.picture, name="evidence_picture"),
    path("evidence/file/<str:name>", evidence.file, name="evidence_file"),
    path("evidence/studies/", studies.browse, name="evidence_studies"),
    path("evidence/studies/<str:study_id>/", studies.study, name="evidence_study"),
    path("evidence/row/<path:row_id>", studies.row, name="evidence_row"),
]
