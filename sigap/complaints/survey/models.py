"""Answers to surveys, and what follows from a low mark. Of whom they are is nowhere in here."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text, User
from sigap.fleet.models import Agency
from sigap.incidents.models import Incident

from .ikm import AGES, EDUCATION, ELEMENTS, SEXES
from .machine import FOLLOW_UP, SURVEY

WAYS = ("callback", "whatsapp", "link")


class CaseSurvey(models.Model):
    """The one question, from 1 to 5, to the caller of an incident that is closed."""

    MACHINE: ClassVar[Machine] = SURVEY
    state = StateField(SURVEY)
    version = models.IntegerField(default=0)
    incident = models.OneToOneField(Incident, models.PROTECT, related_name="survey")
    channel = models.CharField(max_length=10)
    tries = models.IntegerField(default=1)
    asked_at = models.DateTimeField(db_index=True)  # first
    score = models.IntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(SURVEY),
            models.CheckConstraint(condition=Q(channel__in=WAYS), name="survey_way_known"),
            models.CheckConstraint(
                condition=Q(state="answered", score__range=(1, 5))
                | (~Q(state="answered") & Q(score=None)),
                name="survey_score_known",
            ),
        ]


class FollowUp(models.Model):
    """A low mark that somebody has to look into; about a complaint or an incident."""

    MACHINE: ClassVar[Machine] = FOLLOW_UP
    state = StateField(FOLLOW_UP)
    version = models.IntegerField(default=0)
    subject = models.CharField(max_length=40)  # "complaint:12"
    score = models.IntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=32, blank=True)
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            state_constraint(FOLLOW_UP),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="open"), name="one_follow_up_at_a_time"
            ),
        ]


class IkmAnswer(models.Model):
    """One respondent's nine answers, from 1 to 4. No name, no number."""

    year = models.IntegerField(db_index=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    service = CodeField(blank=True)  # which of its services, as the city calls them
    u1 = models.SmallIntegerField()
    u2 = models.SmallIntegerField()
    u3 = models.SmallIntegerField()
    u4 = models.SmallIntegerField()
    u5 = models.SmallIntegerField()
    u6 = models.SmallIntegerField()
    u7 = models.SmallIntegerField()
    u8 = models.SmallIntegerField()
    u9 = models.SmallIntegerField()
    age = models.CharField(max_length=8, blank=True)
    sex = models.CharField(max_length=8, blank=True)
    education = models.CharField(max_length=8, blank=True)
    # Of which file and line it is: the same file again adds nothing.
    line = models.CharField(max_length=80, unique=True, null=True)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            *(
                models.CheckConstraint(condition=Q(**{f"{u}__range": (1, 4)}), name=f"ikm_{u}")
                for u in ELEMENTS
            ),
            models.CheckConstraint(condition=Q(age__in=("", *AGES)), name="ikm_age_known"),
            models.CheckConstraint(condition=Q(sex__in=("", *SEXES)), name="ikm_sex_known"),
            models.CheckConstraint(
                condition=Q(education__in=("", *EDUCATION)), name="ikm_education_known"
            ),
        ]
