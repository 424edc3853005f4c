"""Complaints: what citizens report that is no emergency, and what became of it."""

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

from .machine import COMPLAINT, GONE, REFERRAL

CHANNELS = ("whatsapp", "web", "open311", "call", "desk", "import")
# SP4N-LAPOR!: a complaint, one that needs supervision, a question, a wish.
CLASSES = ("complaint", "supervision", "information", "aspiration")
DANGER_LISTS = ("words", "maybe", "cries", "figures", "denials", "softens", "past")
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
    # What programs of others ask (Open311): code, name, name_en, datatype, required, values.
    attributes = models.JSONField(default=list, blank=True)
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


class DaysInForce(models.Model):
    """The working days by which the deadlines now kept were reckoned: one row. Where the city's
    own list says something else, actions.days moves them."""

    leave_is_free = models.BooleanField(default=False)
    own = models.JSONField(default=dict)  # {"2026-12-24": false}


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
    # Who chose the category: rules, model, citizen or person; nobody yet where it is empty.
    sorted_by = models.CharField(max_length=10, blank=True)

    body = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    # What of it the public list may show: a person says so, and takes out who it is about.
    released_text = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
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

    danger = models.BooleanField(default=False)  # the citizen's words tell of danger now

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
    # The one of them that counts now; kept by actions.steps.
    due_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # the citizen was reminded once
    contests = models.IntegerField(default=0)
    score = models.IntegerField(null=True)  # 1 to 5, by the citizen
    supporters = models.IntegerField(default=0)  # who said "me too" on the public list
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
            models.Index(fields=["state", "due_at"], name="complaint_due"),
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
    due_at = models.DateTimeField(null=True)  # kept by actions.steps
    reminded_at = models.DateTimeField(null=True)  # the agency
    escalated_at = models.DateTimeField(null=True)  # to the head of the agency
    seen_at = models.DateTimeField(null=True)  # by the head, who said what follows
    planned_for = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(REFERRAL),
            models.UniqueConstraint(
                fields=["complaint", "agency"],
                condition=~Q(state__in=GONE),
                name="one_referral_per_agency",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state", "due_at"], name="referral_agency"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="referral_due"),
        ]


class Supporter(models.Model):
    """Somebody who said on the public list that it is theirs too: a keyed hash, nothing else."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "key"], name="supporter_once"),
        ]


class AnswerTemplate(models.Model):
    """Words with which an agency often answers; without an agency or category, those of all."""

    name = models.CharField(max_length=80)
    body = models.TextField(max_length=2000)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name


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


class Apart(models.Model):
    """Two reports of which a person has said that they are not about the same: this is not
    suggested again. `one` is the older."""

    one = models.ForeignKey(Complaint, models.PROTECT, related_name="+")
    other = models.ForeignKey(Complaint, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="apart_once")]


class DangerWords(models.Model):
    """What the chatbot listens for, so that it tells somebody in danger to call: one list of words
    and phrases each; what they are for says classify.danger."""

    code = CodeField(unique=True, choices=[(code, code) for code in DANGER_LISTS])
    phrases = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.code


class ModelRun(models.Model):
    """One time that a model was to be trained on the city's own reports: how it fared on the
    newest, which it had not seen, whether it is in use since, and why."""

    at = models.DateTimeField(db_index=True)
    learned = models.IntegerField()  # reports
    judged = models.IntegerField(default=0)  # of the newest, by which the figures were had
    accuracy = models.FloatField(null=True)
    macro_f1 = models.FloatField(null=True)
    top3 = models.FloatField(null=True)
    calibration = models.FloatField(null=True)
    # The confidence from which it is believed, and the share of the reports that reach it.
    threshold = models.FloatField(null=True)
    sure = models.FloatField(null=True)
    # Macro-F1 of what was in use (a model, or the rules) and of the new one, on the same reports.
    compared = models.IntegerField(default=0)
    before_f1 = models.FloatField(null=True)
    after_f1 = models.FloatField(null=True)
    kept = models.BooleanField(default=False)
    why = CodeField(max_length=20)
    file = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)  # when the newest report came that it learned from
    confused = models.JSONField(default=list)  # [what it was, what was guessed, how often]
    confidences = models.JSONField(default=list)  # by which later weeks are measured

    class Meta:
        indexes = [models.Index(fields=["-id"], condition=Q(kept=True), name="model_in_use")]


# Django looks for tables here.
from .chat.models import ChatMessage, Conversation, Reader  # noqa: E402, F401
from .outreach.models import Outreach  # noqa: E402, F401
from .survey.models import CaseSurvey, FollowUp, IkmAnswer  # noqa: E402, F401
