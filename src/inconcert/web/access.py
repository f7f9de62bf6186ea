"""The one doorway to each kind of private object. Nothing else may look a patient or an upload up.

An object of another clinic answers exactly as one that does not exist: 404, same page.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from inconcert.web.models import (
    AccessEvent,
    Authorization,
    AuthorizationFile,
    ChartPart,
    ChartUpload,
    Membership,
    Patient,
    RawResource,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ClinicRequest(HttpRequest):
    """A request that the doorkeeper let in: somebody signed in, with a role in a clinic."""

    membership: Membership
    user: User


def memberships_of(user: User) -> QuerySet[Membership]:
    """The clinics a person works in, and as what."""
    return Membership.objects.filter(user=user).select_related("clinic").order_by("pk")


def patients_for(member: Membership) -> QuerySet[Patient]:
    """The patients of the member's clinic."""
    return Patient.objects.filter(clinic=member.clinic_id)


def patient_for(member: Membership, public_id: uuid.UUID) -> Patient:
    """One patient of the member's clinic. Raises Http404 for any other."""
    patient = patients_for(member).filter(public_id=public_id).first()
    if patient is None:
        raise Http404
    return patient


def uploads_for(member: Membership) -> QuerySet[ChartUpload]:
    """The uploads of the member's clinic, without their bytes."""
    return ChartUpload.objects.filter(clinic=member.clinic_id).defer("content")


def upload_for(member: Membership, public_id: uuid.UUID) -> ChartUpload:
    """One upload of the member's clinic. Raises Http404 for any other."""
    upload = uploads_for(member).filter(public_id=public_id).first()
    if upload is None:
        raise Http404
    return upload


def part_for(member: Membership, upload_id: uuid.UUID, part_id: int) -> ChartPart:
    """One person of an upload of the member's clinic. Raises Http404 for any other."""
    part = (
        upload_for(member, upload_id).parts.select_related("candidate", "patient", "upload").filter(pk=part_id).first()
    )
    if part is None:
        raise Http404
    return part


def records_for(patient: Patient, key: str) -> list[RawResource]:
    """The raw resources a patient's uploads hold under a key, newest first.

    A resource about another person of the same file is not among them; one about nobody (a drug, a clinic) is.
    """
    found: list[RawResource] = []
    for part in patient.parts.select_related("upload").order_by("-upload__uploaded_at", "-pk"):
        found += RawResource.objects.filter(
            upload=part.upload_id, key=key, owner__in=["", part.person_id]
        ).select_related("upload")
    if not found:
        raise Http404
    return found


def authorizations_for(member: Membership) -> QuerySet[Authorization]:
    """The authorizations of the member's clinic, each with its patient."""
    return Authorization.objects.filter(patient__clinic=member.clinic_id).select_related("patient__clinic")


def authorization_for(member: Membership, public_id: uuid.UUID) -> Authorization:
    """One authorization of the member's clinic. Raises Http404 for any other."""
    found = authorizations_for(member).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def payer_file_for(member: Membership, public_id: uuid.UUID, file_id: uuid.UUID) -> AuthorizationFile:
    """One payer's file of an authorization of the member's clinic. Raises Http404 for any other."""
    found = authorization_for(member, public_id).files.filter(public_id=file_id).first()
    if found is None:
        raise Http404
    return found


def events_for(member: Membership) -> QuerySet[AccessEvent]:
    """The access log of the member's clinic, newest first."""
    return AccessEvent.objects.filter(clinic=str(member.clinic.public_id)).order_by("-sequence")
