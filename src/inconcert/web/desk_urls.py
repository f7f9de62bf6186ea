"""Addresses of the payer desk and of the comparison of policies. They stand before the library's own, which take any word."""

from __future__ import annotations

from django.urls import URLPattern, path

from inconcert.web.views import authorization_files, authorizations, desk, policies

desk_patterns: list[URLPattern] = [
    path("desk/", desk.desk, name="desk"),
    path("desk/states.svg", desk.states, name="desk_states"),
    path("desk/settings/", desk.settings, name="desk_settings"),
    path("desk/new/<uuid:patient_id>/", authorizations.new, name="authorization_new"),
    path("desk/<uuid:authorization_id>/", authorizations.authorization, name="authorization"),
    path("desk/<uuid:authorization_id>/do/<slug:move_id>/", authorizations.move, name="authorization_move"),
    path("desk/<uuid:authorization_id>/correct/<uuid:entry_id>/", authorizations.correct, name="authorization_correct"),
    path(
        "desk/<uuid:authorization_id>/packet-<slug:kind>.pdf", authorization_files.packet, name="authorization_packet"
    ),
    path("desk/<uuid:authorization_id>/bundle/", authorization_files.bundle, name="authorization_bundle"),
    path("desk/<uuid:authorization_id>/response/", authorization_files.response, name="authorization_response"),
    path("desk/<uuid:authorization_id>/file/<uuid:file_id>/", authorization_files.file, name="authorization_file"),
    path("library/policies/compare/", policies.compare, name="policy_compare"),
]
