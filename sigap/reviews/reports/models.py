"""Reports, each with its findings and, once it is signed, with its frozen figures."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text, User

from .machine import DIGEST, REPORT


class Report(models.Model):
    """What a period was like, and what a person concludes from it."""

    MACHINE: ClassVar[Machine] = REPORT
    state = StateField(REPORT)
    version = models.IntegerField(default=0)
    first = models.DateField()
    last = models.DateField()
    # A code, not a key: an agency that is renamed or merged later does not touch it.
    agency = CodeField(blank=True)
    # The period that stands beside it, if any.
    compare_first = models.DateField(null=True)
    compare_last = models.DateField(null=True)
    edition = models.IntegerField(default=1)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="editions")
    findings = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_role = models.CharField(max_length=20, blank=True)
    # The whole document without the findings, as the bytes that were hashed.
    figures = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    findings_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            state_constraint(REPORT),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "dropped"), sha256="")
                | (Q(state__in=("signed", "replaced"), signed_at__isnull=False) & ~Q(sha256="")),
                name="report_signed_is_frozen",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state="dropped"), name="one_next_edition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d} – {self.last:%Y-%m-%d}"


class Digest(models.Model):
    """One week's digest on its way to those whom the installation names. To whom is nowhere in
    here, and what it says is worked out when it is sent. One mail goes to all; by WhatsApp each
    reader is one of their own, known by the place in the settings' list."""

    MACHINE: ClassVar[Machine] = DIGEST
    state = StateField(DIGEST)
    version = models.IntegerField(default=0)
    week = models.DateField()  # the day on which it was due
    channel = models.CharField(max_length=8, default="mail")
    reader = models.SmallIntegerField(default=0)
    tries = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            state_constraint(DIGEST),
            models.UniqueConstraint(fields=["week", "channel", "reader"], name="digest_once"),
        ]
