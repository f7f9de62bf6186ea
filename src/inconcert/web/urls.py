"""Addresses. Each has a name, and each name stands in `permissions.DOORS`."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, path

from inconcert.web.desk_urls import desk_patterns
from inconcert.web.evidence_urls import evidence_patterns
from inconcert.web.views import access_log, cds, errors, home, knowledge, patients, records, reports, uploads

# Only the parts of allauth that are wanted: no e-mail, no password reset by link, no sign-up.
_account: list[URLPattern] = [
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/sign-up/", account.signup, name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "account/second-factor/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
]

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("health/", home.health, name="health"),
    path("patients/", patients.patient_list, name="patients"),
    path("patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("patients/<uuid:patient_id>/picture.json", patients.picture, name="patient_picture"),
    path("patients/<uuid:patient_id>/numbers.csv", patients.numbers, name="patient_numbers"),
    path("patients/<uuid:patient_id>/policy/<str:policy_id>/<str:service>/", patients.policy, name="patient_policy"),
    path("patients/<uuid:patient_id>/files/", records.files, name="patient_files"),
    path("patients/<uuid:patient_id>/record/<path:key>", records.record, name="patient_record"),
    path("patients/<uuid:patient_id>/report.<str:form>", reports.report, name="patient_report"),
    path("uploads/", uploads.upload_list, name="uploads"),
    path("uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("uploads/<uuid:upload_id>/match/<int:part_id>/", uploads.match, name="upload_match"),
    path("uploads/<uuid:upload_id>/original/", uploads.original, name="upload_original"),
    *desk_patterns,
    *evidence_patterns,
    path("library/", knowledge.shelves, name="knowledge"),
    path("library/<slug:shelf>/", knowledge.shelf, name="knowledge_shelf"),
    path("library/<slug:shelf>/<str:entry_id>/", knowledge.entry, name="knowledge_entry"),
    path("cds-services", cds.services, name="cds_services"),  # without a slash at the end, as CDS Hooks writes them
    path("cds-services/<str:service>", cds.service, name="cds_service"),
    path("dtr/<str:policy_id>.json", cds.form, name="dtr_form"),
    path("access-log/", access_log.access_log, name="access_log"),
    *_account,
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
