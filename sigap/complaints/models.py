"""Complaints: what citizens report that is no emergency, and what became of it."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Contact, Text, User
from sigap.fleet.models import Agency
from sigap.incidents.models import Incident
from sigap.places.models import Area, Landmark

from .machine import COMPLAINT, REFERRAL

CHANNELS = ("whatsapp", "web", "open311", "call", "desk", "import")
# SP4N-LAPOR!: a complaint, one that needs supervision, a question, a wish.
CLASSES = ("complaint", "supervision", "information", "aspiration")
PUBLISH = ("never", "summary", "full")  # what the public list says of one: never is the default


class Category(models.Model):
    """What a complaint is about, as the city sorts it (street light, tree, water, ...)."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    group = CodeField(max_length=20)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # whose it usually is
    complaint_class = models.CharField(max_length=12, default="complaint")
    # Words and phrases by which a report is known, before the city has taught the model.
    words = models.JSONField(default=list, blank=True)
    publish = models.CharField(max_length=8, default="never")
    rank = models.IntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(complaint_class__in=CLASSES), name="category_class_known"
            ),
            models.CheckConstraint(condition=Q(publish__in=PUBLISH), name="category_publish_known"),
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class WorkingDay(models.Model):
    """A day of which the city says itself whether people work: a decree's, or a local one."""

    day = models.DateField(unique=True)
    works = models.BooleanField(default=False)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Complaint(models.Model):
    """One report of one citizen."""

    MACHINE: ClassVar[Machine] = COMPLAINT
    state = StateField(COMPLAINT)
    version = models.IntegerField(default=0)
    channel = models.CharField(max_length=10)
    # Of the channel: a repeat is the same complaint.
    external_id = models.CharField(max_length=128, null=True, blank=True)
    # By which the citizen finds it: to say aloud, and in a link that nobody guesses.
    number = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=43, unique=True)

    complaint_class = models.CharField(max_length=12, default="complaint")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="complaints")
    # What the rules or the model thought, beside what was chosen: [[code, confidence], ...].
    guesses = models.JSONField(default=list)
    guessed_by = models.CharField(max_length=20, blank=True)

    body = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    address = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    location_source = models.CharField(max_length=12, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="complaints")
    landmark = models.ForeignKey(Landmark, models.SET_NULL, null=True, related_name="+")
    asset = models.CharField(max_length=32, blank=True)  # the number on a lamp post

    reporter = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="complaints")
    reporter_name = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    anonymous = models.BooleanField(default=False)  # the name is hidden from agency and public
    secret = models.BooleanField(default=False)  # it is in no public list at all

    # The call, the incident or the other report that it came from, became, or is part of.
    origin = models.CharField(max_length=40, blank=True)  # "call:12"
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="complaints")
    attached_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="attached")

    filed_at = models.DateTimeField(db_index=True)
    disposed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Until when it is to be sent to an agency, and solved; the citizen has until the third.
    forward_due_at = models.DateTimeField(null=True)
    solve_due_at = models.DateTimeField(null=True)
    reply_due_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # the citizen was reminded once
    contests = models.IntegerField(default=0)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    score = models.IntegerField(null=True)  # 1 to 5, by the citizen
    legal_hold = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            state_constraint(COMPLAINT),
            models.UniqueConstraint(fields=["channel", "external_id"], name="complaint_once"),
            models.CheckConstraint(
                condition=Q(complaint_class__in=CLASSES), name="complaint_class_known"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__range=(1, 5)), name="complaint_score_known"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "solve_due_at"], name="complaint_due"),
            models.Index(fields=["category", "-filed_at"], name="complaint_category"),
            models.Index(fields=["area", "-filed_at"], name="complaint_area"),
        ]

    def __str__(self) -> str:
        return self.number


class Referral(models.Model):
    """What one agency has to do about a complaint (disposisi)."""

    MACHINE: ClassVar[Machine] = REFERRAL
    state = StateField(REFERRAL)
    version = models.IntegerField(default=0)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="referrals")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="referrals")
    officer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=32, blank=True)  # why it was refused
    plan = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    answer = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()
    plan_due_at = models.DateTimeField(null=True)
    planned_for = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(REFERRAL),
            models.UniqueConstraint(
                fields=["complaint", "agency"],
                condition=~Q(state__in=("refused", "recalled")),
                name="one_referral_per_agency",
            ),
        ]
        indexes = [models.Index(fields=["agency", "state"], name="referral_agency")]

    @property
    def due_at(self) -> datetime | None:
        """By when the agency has to do the next thing."""
        if self.state in ("sent", "accepted"):
            return self.plan_due_at
        return self.complaint.solve_due_at


class Attachment(models.Model):
    """A photo, voice note or document that belongs to a complaint; the file is encrypted beside
    the database."""

    ROLES = ("evidence", "progress", "before", "after")
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=64, unique=True)  # of the file: random
    kind = models.CharField(max_length=8)
    mime = models.CharField(max_length=32)
    role = models.CharField(max_length=8, default="evidence")
    digest = models.CharField(max_length=64)  # SHA-256 of what is kept
    size = models.IntegerField()
    author = models.CharField(max_length=40)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("image", "audio", "video", "document")),
                name="attachment_kind_known",
            ),
        ]


# Django looks for tables here.
from .chat.models import ChatMessage, Conversation, Reader  # noqa: E402, F401
