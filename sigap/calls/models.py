"""Calls to 112."""

import re
from datetime import datetime, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Contact, Text, User
from sigap.incidents.models import Incident
from sigap.places.models import Area

from .lines import line_of, words_of
from .machine import CALL, PARTY, REVIEW

CLASSES = (
    "emergency",
    "complaint",
    "information",
    "prank",
    "abandoned",
    "misdial",
    "silent",
    "noise",
    "repeat",
    "test",
    "out_of_area",
)
# The finer classes summed into the city's public table.
GHOST = ("misdial", "silent", "noise")
# How the gate may have let a call through, the one that says most first; `skipped` is a caller
# who need not pass it, `open` one whom it could not hear, `released` one whom a supervisor let
# through, `callback` one whom we rang back.
GATES = ("callback", "speech", "skipped", "open", "key", "noise", "released", "silent")
# Why an exchange decided so, as far as we know its words: any other is kept as "other", since a
# word that we do not know could name a person.
CAUSES = (
    *("off", "surge", "near_incident", "known", "no_control_room", "no_voice_detector"),
    *(
        "not_heard",
        "no_sound",
        "no_prompt",
        "recovered",
        "fault",
        "other_key",
        "no_sign",
        "some_sound",
    ),
    *("declined", "busy", "no_answer", "absent", "failed", "lost"),
)
# A person spoke.
SPOKE = tuple(sorted(set(CLASSES) - {*GHOST, "abandoned"}))
# The caller hung up before an answer, whatever was found out by ringing back. Of whom the gate
# heard nothing that is said only where a person has heard somebody after all.
UNANSWERED = Q(call_class="abandoned") | (
    Q(answered_at=None, callback_attempts__gt=0) & (~Q(gate="silent") | Q(was_somebody=True))
)
# A call that came in: one by which we ring back about another is that other call's.
INCOMING = Q(returns=None)


class Surge(models.Model):
    """A time in which a supervisor has declared that far more calls come than usual."""

    reason = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(ended_at=None),
                name="one_surge",
            )
        ]


class Call(models.Model):
    """One call, from the first ring to its class.

    Times that the exchange did not report stay empty: unknown is not zero.
    """

    MACHINE: ClassVar[Machine] = CALL
    state = StateField(CALL)
    version = models.IntegerField(default=0)
    source = models.CharField(max_length=32)  # which exchange, `manual`, or an import
    external_id = models.CharField(max_length=128, null=True)
    trunk = models.CharField(max_length=64, blank=True)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        related_name="calls",
        db_index=False,  # `call_history` begins with it
    )
    # One of GATES; empty while it has not decided, and where there is no gate.
    gate = models.CharField(max_length=10, blank=True)
    gate_reason = models.CharField(max_length=32, blank=True)
    # The lost call that this one rings back about.
    returns = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="returned_by",
        db_index=False,  # `call_returns` holds the few that do
    )

    presented_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_source = models.CharField(max_length=12, blank=True)
    held_at = models.DateTimeField(null=True)
    # The last one, so that a late or repeated "held" is known for what it is.
    resumed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # When the operator left it to the caller and an outside party.
    left_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The earliest time known of it: the period that it is counted in.
    began_at = models.DateTimeField(db_index=True)

    operator = models.ForeignKey(User, models.PROTECT, null=True, related_name="calls")
    claimed_at = models.DateTimeField(null=True)

    call_class = models.CharField(max_length=12, blank=True, db_index=True)
    # A complaint that somebody in the field dealt with without an incident here.
    field_action = models.BooleanField(default=False)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="calls")
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")

    callback_due_at = models.DateTimeField(null=True)
    callback_attempts = models.IntegerField(default=0)
    # While the exchange rings the caller back.
    dialled_at = models.DateTimeField(null=True)
    # How the last attempt failed: `no_answer` where a person said so, else as the exchange says.
    callback_result = models.CharField(max_length=32, blank=True)

    # A call that the gate kept off the operators, heard or looked at by a person since.
    reviewed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    was_somebody = models.BooleanField(null=True)

    class Meta:
        constraints = [
            state_constraint(CALL),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=Q(external_id__isnull=False),
                name="call_once",
            ),
            models.CheckConstraint(
                condition=Q(call_class__in=["", *CLASSES]), name="call_class_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(call_class=""), name="closed_call_has_class"
            ),
        ]
        indexes = [
            # Whole, not only of the open states: SQLite cannot match a partial index with a
            # list that is sent as parameters.
            models.Index(fields=["state", "began_at"], name="call_state"),
            models.Index(
                fields=["set_aside_at"],
                condition=Q(set_aside_at__isnull=False),
                name="call_set_aside",
            ),
            models.Index(
                fields=["callback_due_at"],
                condition=Q(callback_due_at__isnull=False),
                name="call_callback_due",
            ),
            models.Index(
                fields=["contact"],
                condition=Q(state__in=("callback_due", "no_answer")),
                name="call_owed",
            ),
            # All that a caller's history asks of a call, so that it is read from here alone.
            models.Index(
                fields=["contact", "began_at", "call_class", "returns"], name="call_history"
            ),
            models.Index(
                fields=["returns"], condition=Q(returns__isnull=False), name="call_returns"
            ),
            models.Index(
                fields=["contact", "began_at", "incident"],
                condition=Q(incident__isnull=False),
                name="call_reports",
            ),
        ]

    @property
    def ended_unopened(self) -> bool:
        """Whether it ended while only an operator's key said that it was answered: the
        caller may have been gone before the line opened."""
        return self.state == "wrap_up" and self.answered_source == "operator"

    @property
    def line(self) -> str:
        """The name of the line that it came in on."""
        return line_of(self.trunk)

    @property
    def said(self) -> str:
        """What the caller of a drill says."""
        return words_of(self.trunk)


def check_number(text: str) -> None:
    """Refuse what an exchange cannot dial."""
    if not re.fullmatch(r"\+?[0-9]{2,19}", text):
        raise ValidationError(_("A telephone number has 2 to 19 digits, and may begin with +."))


class PhoneBookEntry(models.Model):
    """Whom operators may bring into a call; the city's own list."""

    KINDS = tuple((kind, kind) for kind in ("agency", "interpreter", "centre", "other"))
    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    number = models.CharField(max_length=20, validators=[check_number])
    kind = models.CharField(max_length=12, choices=KINDS, default="agency")
    agency = models.CharField(max_length=32, blank=True)  # its code, where it is one's number
    rank = models.IntegerField(default=0)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


HOW = ("talk", "take", "listen", "whisper")
UNHEARD = ("listen", "whisper")  # parties whom the caller does not hear


class CallParty(models.Model):
    """Who else is or was on the line of a call: an entry of the phone book or a colleague.

    `how`: `talk` with the caller, `take` the call over, `listen` unheard, or `whisper` to the
    operator alone.
    """

    MACHINE: ClassVar[Machine] = PARTY
    state = StateField(PARTY)
    version = models.IntegerField(default=0)
    call = models.ForeignKey(Call, models.PROTECT, related_name="parties")
    entry = models.ForeignKey(PhoneBookEntry, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    how = models.CharField(max_length=8, default="talk")
    reason = models.CharField(max_length=32, blank=True)  # why it did not come
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(PARTY),
            models.CheckConstraint(condition=Q(how__in=HOW), name="party_how_known"),
            models.CheckConstraint(
                condition=Q(entry=None) ^ Q(user=None), name="party_is_entry_or_person"
            ),
        ]
        indexes = [
            # Whole, not only of those on the line: see `call_state`.
            models.Index(fields=["state", "user"], name="party_state"),
        ]

    def __str__(self) -> str:
        return str(self.entry or self.user or "")


class HandsetPosition(models.Model):
    """Where a caller's phone said that it was (AML). Each one is kept as it came, with the
    call that it is of once that is known. The point is personal data: it is erased when its
    call needs it no more. The phone's own numbers (IMEI, IMSI) are not kept at all."""

    external_id = models.CharField(max_length=64, unique=True)  # a keyed hash of the message
    via = models.CharField(max_length=8)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="positions")
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="positions")
    received_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    located_at = models.DateTimeField(null=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    radius_m = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    source = models.CharField(max_length=8)
    # Why it is not to be believed; see `handset.fault_of`.
    fault = models.CharField(max_length=8, blank=True)
    # None with a point: it lies outside the city.
    area = models.ForeignKey(Area, models.SET_NULL, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(call=None), name="position_alone"),
        ]

    @property
    def measured_at(self) -> datetime:
        """When the phone was there; when it came, where that was not said."""
        return self.located_at or self.received_at


class Recording(models.Model):
    """One recording of a call, both voices; the sound itself is an encrypted file, see `vault`.

    A call may have several, and a file that nobody can say the call of has none.
    """

    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="recordings")
    name = models.CharField(max_length=128, unique=True)
    state = models.CharField(max_length=10, default="expected")
    legs = models.CharField(max_length=8, blank=True)  # whose voices: both, caller, heard
    # When the exchange or the folder first told of it.
    heard_of_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("expected", "stored", "missing", "erased")),
                name="recording_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("stored", "erased")) | ~Q(sha256=""),
                name="kept_recording_has_hash",
            ),
        ]
        indexes = [models.Index(fields=["state", "heard_of_at"], name="recording_state")]

    @property
    def started_at(self) -> datetime | None:
        """When it began, where its end is known."""
        if self.ended_at is None or self.seconds is None:
            return None
        return self.ended_at - timedelta(seconds=self.seconds)


class Criterion(models.Model):
    """A question of the form on which calls are scored; the city's own."""

    KINDS = (("yes_no_na", "yes_no_na"), ("one_to_five", "one_to_five"))
    code = CodeField(unique=True)
    text = models.CharField(max_length=200)
    text_en = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=KINDS, default="yes_no_na")
    weight = models.IntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    rank = models.IntegerField(default=0)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.text


class Review(models.Model):
    """A call that was drawn for scoring."""

    MACHINE: ClassVar[Machine] = REVIEW
    state = StateField(REVIEW)
    version = models.IntegerField(default=0)
    call = models.OneToOneField(Call, models.PROTECT, related_name="review")
    operator = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    drawn_at = models.DateTimeField(db_index=True)
    reply = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [state_constraint(REVIEW)]
        indexes = [
            models.Index(fields=["state", "drawn_at"], name="review_state"),
            models.Index(fields=["operator", "drawn_at"], name="review_of_operator"),
        ]


class Scoring(models.Model):
    """What a call was given, on the form as it was then. Never changed: a correction is
    another one, and the last one counts."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="scorings")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    form = models.JSONField()  # the questions in their order, see quality.form_now
    answers = models.JSONField()  # question code to answer code
    percent = models.FloatField()
    reason = models.CharField(max_length=32, blank=True)
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
