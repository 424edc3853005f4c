"""Neighbouring centres, and what is agreed with them: calls handed over, units lent, records
shared.

Each row exists at both centres, under the same `reference`. `ours` says that it began here.
"""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.calls.models import Call, check_number
from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident, IncidentType

from .machine import AID, HANDOVER, LOAN, SHARE

HERE = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def check_url(text: str) -> None:
    """Refuse an address over which what is sent could be read on the way."""
    plain = text.startswith(HERE) and text[len("http://") :].count("/") == 0
    if not (plain or (text.startswith("https://") and len(text) > len("https://"))):
        raise ValidationError(_("The address begins with https:// and has no path."))


class Centre(models.Model):
    """A neighbouring 112 centre. Without an address all goes by link and by telephone."""

    code = CodeField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    area = models.CharField(max_length=80)
    # What callers say who are there: its districts and villages.
    places = models.JSONField(default=list, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True, validators=[check_number])
    url = models.CharField(max_length=200, blank=True, validators=[check_url])
    known_as = CodeField(max_length=20, blank=True)  # what it calls us; empty: our city's code
    # Encrypted, see `seal`: what we sign with, what it signs with, what opens our links.
    secret_out = models.CharField(max_length=400, blank=True)
    secret_in = models.CharField(max_length=400, blank=True)
    access_code = models.CharField(max_length=400, blank=True)
    example = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    # A sign of life, not history: written outside the journal.
    heard_at = models.DateTimeField(null=True, blank=True)
    ok_at = models.DateTimeField(null=True, blank=True)
    fault_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.name


class TypeCode(models.Model):
    """What a neighbour's code or words for a type of incident mean here."""

    code = models.CharField(max_length=80, unique=True)
    type = models.ForeignKey(IncidentType, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.code


class Between(models.Model):
    """What all agreements have: with whom, under which name, about what, until when."""

    version = models.IntegerField(default=0)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")
    ours = models.BooleanField()
    reference = models.CharField(max_length=200)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="%(class)ss")
    created_at = models.DateTimeField(db_index=True)
    answer_due_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["centre", "reference"], name="%(class)s_once")
        ]


class Handover(Between):
    """A call, or an incident, that is the other centre's to look after."""

    MACHINE: ClassVar[Machine] = HANDOVER
    state = StateField(HANDOVER)
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="handovers")
    type = models.ForeignKey(IncidentType, models.SET_NULL, null=True, related_name="+")
    # The state of our incident as the other centre was last told.
    told_state = models.CharField(max_length=20, blank=True)

    class Meta(Between.Meta):
        constraints = [*Between.Meta.constraints, state_constraint(HANDOVER)]
        indexes = [
            models.Index(
                fields=["answer_due_at"],
                condition=Q(answer_due_at__isnull=False),
                name="handover_answer_due",
            )
        ]


class Aid(Between):
    """Units that one centre asks of the other."""

    MACHINE: ClassVar[Machine] = AID
    state = StateField(AID)
    capability = CodeField()
    count = models.IntegerField(default=1)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    until = models.DateTimeField()
    reason = models.CharField(max_length=32, blank=True)

    class Meta(Between.Meta):
        constraints = [*Between.Meta.constraints, state_constraint(AID)]


class Loan(models.Model):
    """A unit that works for the other centre for a time: one of ours, or a guest here. It ends
    by a person's press only: whether a unit is back nobody knows by the clock."""

    MACHINE: ClassVar[Machine] = LOAN
    state = StateField(LOAN)
    version = models.IntegerField(default=0)
    aid = models.ForeignKey(Aid, models.PROTECT, related_name="loans")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="loans")
    guest = models.BooleanField()  # theirs, working here
    sign = CodeField()  # its call sign at its own centre
    arrives_at = models.DateTimeField(null=True)
    until = models.DateTimeField()
    told_back_at = models.DateTimeField(null=True)  # the other centre says that it needs it no more
    returned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(LOAN),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state="lent"), name="one_loan_at_a_time"
            ),
        ]


class Share(Between):
    """An incident's live record that the other centre may read until a time: two people here and
    one there want it so."""

    MACHINE: ClassVar[Machine] = SHARE
    state = StateField(SHARE)
    parts = models.JSONField(default=list)
    hours = models.FloatField()
    until = models.DateTimeField(null=True)
    proposed_by = models.IntegerField(null=True)
    ended_why = models.CharField(max_length=10, blank=True)  # here, there, time
    # Somebody here asked for it anew; the worker fetches it.
    wanted_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=32, blank=True)

    class Meta(Between.Meta):
        constraints = [*Between.Meta.constraints, state_constraint(SHARE)]


class Link(models.Model):
    """An unguessable address at which a centre reads a record without an account."""

    handover = models.ForeignKey(Handover, models.CASCADE, null=True, related_name="links")
    share = models.ForeignKey(Share, models.CASCADE, null=True, related_name="links")
    nonce = models.CharField(max_length=32)
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.IntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handover=None) ^ Q(share=None), name="link_is_of_one"
            )
        ]


class Parcel(models.Model):
    """Something on its way to a centre. What it says is kept as erasable words; it goes until it
    has arrived, in the order in which it was written."""

    KINDS = ("record", "note")

    centre = models.ForeignKey(Centre, models.PROTECT, related_name="parcels")
    about = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    content = models.ForeignKey(Text, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["centre", "id"], condition=Q(due_at__isnull=False), name="parcel_waiting"
            )
        ]
