"""What the site keeps. Charts are kept as they came; answers are computed from them and only cached."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from inconcert.web.fields import JsonText
from inconcert.web.permissions import ROLE_NAMES, Role


class Clinic(models.Model):
    """A clinic. Nothing of one clinic is ever seen from another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC")  # times are kept in UTC and shown in this zone
    invented = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a clinic."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, ROLE_NAMES[role]) for role in Role])

    class Meta:
        """One role in one clinic."""

        constraints = [models.UniqueConstraint(fields=["user", "clinic"], name="one_role_a_clinic")]

    def __str__(self) -> str:
        return f"membership {self.pk}"

    @property
    def role_name(self) -> str:
        """The role in words."""
        return ROLE_NAMES[Role(self.role)]


class Patient(models.Model):
    """A person of a clinic, as the list shows them. What is known of them medically stands in their charts.

    `who`, `paid` and `safety` repeat the last computed answer so that the list can be filtered; `answered_as_of` and
    `answered_by_version` say how old they are.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.CharField(max_length=200, blank=True)
    given = models.CharField(max_length=200, blank=True)
    birth = models.CharField(max_length=30, blank=True)  # as the record writes it: it may be a year only
    sex = models.CharField(max_length=30, blank=True)
    region = models.CharField(max_length=60, blank=True)
    invented = models.BooleanField(default=False)
    lesson = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=20, blank=True)
    paid = models.CharField(max_length=20, blank=True)
    safety = models.CharField(max_length=20, blank=True)
    questions = models.PositiveIntegerField(default=0)
    answered_as_of = models.DateField(null=True)
    answered_by_version = models.CharField(max_length=80, blank=True)

    class Meta:
        """Listed by name."""

        ordering = ["family", "given", "pk"]
        indexes = [models.Index(fields=["clinic", "family", "given"])]

    def __str__(self) -> str:
        return f"patient {self.public_id}"  # no name: this reaches logs

    @property
    def display_name(self) -> str:
        """FAMILY, Given: as a chart's banner writes it."""
        return ", ".join(part for part in (self.family.upper(), self.given) if part) or "(no name in the record)"


class ChartUpload(models.Model):
    """One file somebody gave us, whole, with the account of what became of it."""

    READ, WAITING, REFUSED = "read", "waiting", "refused"
    STATUSES = [(READ, "read"), (WAITING, "waiting for a person to be confirmed"), (REFUSED, "refused")]

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="uploads")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True)  # shown, never used as a path
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content = models.BinaryField()  # the file, byte for byte, compressed with zlib
    uploaded_by = models.CharField(max_length=150)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=STATUSES)
    account = JsonText(default=dict)
    note = models.TextField(blank=True)

    class Meta:
        """The same bytes are kept once a clinic."""

        ordering = ["-uploaded_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["clinic", "sha256"], name="same_file_once_a_clinic")]

    def __str__(self) -> str:
        return f"upload {self.public_id}"


class ChartPart(models.Model):
    """One person of an upload, and the patient they were found to be.

    `patient` is empty while a human must say whether this is `candidate` or somebody new.
    """

    upload = models.ForeignKey(ChartUpload, on_delete=models.PROTECT, related_name="parts")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="parts", null=True)
    candidate = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", null=True)
    candidate_why = models.CharField(max_length=200, blank=True)
    person_id = models.CharField(max_length=200)
    name = models.CharField(max_length=400, blank=True)
    birth = models.CharField(max_length=30, blank=True)
    facts = models.PositiveIntegerField(default=0)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """A person once an upload."""

        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["upload", "person_id"], name="one_part_a_person")]

    def __str__(self) -> str:
        return f"part {self.pk}"


class RawResource(models.Model):
    """One resource as it came. `owner` is the person it is about, empty where it is about nobody (a drug, a clinic)."""

    upload = models.ForeignKey(ChartUpload, on_delete=models.PROTECT, related_name="resources")
    key = models.CharField(max_length=300)  # ResourceType/id
    owner = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField()
    body = JsonText()

    class Meta:
        """Looked up by key."""

        ordering = ["position"]
        indexes = [models.Index(fields=["upload", "key"])]

    def __str__(self) -> str:
        return f"resource {self.pk}"


class KeptAssessment(models.Model):
    """An assessment computed before: the same chart, day, question and program give the same answer."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="assessments")
    chart_hash = models.CharField(max_length=64)
    as_of = models.DateField()
    version = models.CharField(max_length=80)
    body = JsonText()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One answer to one question."""

        constraints = [
            models.UniqueConstraint(fields=["patient", "chart_hash", "as_of", "version"], name="one_answer_kept")
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class AccessEvent(models.Model):
    """Who looked at or changed what, and when. Only ever added to.

    No foreign keys, so that nothing done elsewhere can change a row; no names of patients, no values. Each row's `hash`
    covers the row before it, so that a row changed, removed or swapped behind the program's back is found. The database
    itself refuses UPDATE and DELETE (migration 0002).
    """

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    username = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, blank=True)
    clinic = models.CharField(max_length=36, blank=True)
    action = models.CharField(max_length=60)
    kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=300, blank=True)
    patient = models.CharField(max_length=36, blank=True)
    outcome = models.CharField(max_length=20, default="allowed")
    address = models.CharField(max_length=45, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """Oldest first, as written."""

        ordering = ["sequence"]
        indexes = [models.Index(fields=["clinic", "-sequence"])]

    def __str__(self) -> str:
        return f"event {self.sequence}"


class Authorization(models.Model):
    """One request for authorization of one treatment for one patient. What happened to it stands in its entries.

    Only ever added to, like its entries and files: the database refuses UPDATE and DELETE (migration 0003).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorizations")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    started_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order they were started."""

        ordering = ["pk"]

    def __str__(self) -> str:
        return f"authorization {self.public_id}"


class AuthorizationEntry(models.Model):
    """One thing that happened to an authorization, as it was written down (see `inconcert.payers.authorization`).

    `happened_at` is empty where only the day is known. `public_id` comes from the form, so that a form sent twice is one
    entry. `hash` covers the entry before it.
    """

    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, related_name="entries")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    happened_on = models.DateField()
    happened_at = models.DateTimeField(null=True)
    utc_offset_minutes = models.SmallIntegerField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    role = models.CharField(max_length=20)
    facts = JsonText(default=dict)
    corrects = models.UUIDField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """As written down; two people cannot both write the same place."""

        ordering = ["authorization", "sequence"]
        constraints = [models.UniqueConstraint(fields=["authorization", "sequence"], name="one_entry_a_place")]

    def __str__(self) -> str:
        return f"entry {self.public_id}"


class AuthorizationFile(models.Model):
    """A request made for the payer, or an answer that came from there: byte for byte, with the account of what is in it."""

    REQUEST, RESPONSE = "request", "response"
    KINDS = [(REQUEST, "request made"), (RESPONSE, "answer received")]

    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, related_name="files")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    file_name = models.CharField(max_length=200, blank=True)  # shown, never used as a path
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()  # compressed with zlib
    received_by = models.CharField(max_length=150)
    received_at = models.DateTimeField(auto_now_add=True)
    account = JsonText(default=dict)

    class Meta:
        """The same bytes once an authorization."""

        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["authorization", "sha256"], name="same_answer_once")]

    def __str__(self) -> str:
        return f"payer file {self.public_id}"


class DeskNumber(models.Model):
    """One of the payer desk's warnings as a clinic set it; the latest row counts, the others stay."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="desk_numbers")
    setting = models.CharField(max_length=40)
    value = models.PositiveIntegerField()
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Oldest first."""

        ordering = ["pk"]

    def __str__(self) -> str:
        return f"desk number {self.pk}"


class KeptTreatments(models.Model):
    """What a chart shows of treatments given, kept so that the desk need not read every chart anew."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="kept_treatments")
    chart_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=80)
    body = JsonText()

    def __str__(self) -> str:
        return f"treatments {self.pk}"
