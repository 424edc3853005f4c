"""The tables that everything stands on: people, the journal, the inbox, personal data."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from .codes import CodeField
from .machine import Machine, StateField, state_constraint
from .personal import spoken_number

ALARM = Machine(
    "alarm",
    {
        # `repeat`: the time to be quiet is over, or it has become more urgent.
        "new": {
            "acknowledge": "acknowledged",
            "shelve": "shelved",
            "repeat": "new",
            "finish": "done",
        },
        "acknowledged": {"repeat": "new", "shelve": "shelved", "finish": "done"},
        "shelved": {"repeat": "new", "acknowledge": "acknowledged", "finish": "done"},
        "done": {},
    },
    names={
        "new": lazy("New"),
        "acknowledged": pgettext_lazy("alarm", "Acknowledged"),
        "shelved": lazy("Shelved"),
        "done": lazy("Done"),
    },
)


class UserManager(BaseUserManager["User"]):
    """Looks people up; accounts are made by `core.actions.accounts.create_user`."""


class User(AbstractBaseUser):
    """A person with an account. Never deleted, since the journal names it by id."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    roles = models.JSONField(default=list)
    # Codes, not keys: agencies and units live in rooms above this one.
    agency = models.CharField(max_length=32, blank=True)
    unit = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=5, default="id", choices=settings.LANGUAGES)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    totp_secret = models.CharField(max_length=255, blank=True)  # encrypted, see core.accounts
    totp_last_step = models.BigIntegerField(default=0)
    # Raised at each change of password or rights: sessions of the older epoch are over.
    epoch = models.IntegerField(default=0)

    USERNAME_FIELD = "username"
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name


class SignInThrottle(models.Model):
    """Failed sign-ins of one name or one address (kept as a keyed hash)."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.IntegerField(default=0)
    last_at = models.DateTimeField()


class Deployment(models.Model):
    """One row: which city this database serves, and whether it is a drill's."""

    city = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    pack = models.JSONField(default=dict)
    drill = models.BooleanField(default=False)
    created_at = models.DateTimeField()


class Shift(models.Model):
    """A person at a desk, from the start of the shift to its end."""

    user = models.ForeignKey(User, models.PROTECT, related_name="shifts")
    role = models.CharField(max_length=20)
    desk = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Presence, not history: written every 15 s by the open console and not journalled.
    heartbeat_at = models.DateTimeField()
    # Away from the desk, with the city's reason: no call is offered meanwhile.
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_open_shift_per_user"
            )
        ]


class Journal(models.Model):
    """The append-only record. Triggers in the database refuse UPDATE and DELETE."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    occurred_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40, db_index=True)
    # The case that the row belongs to in a timeline, e.g. an assignment's incident.
    case = models.CharField(max_length=40, blank=True, db_index=True)
    before = models.CharField(max_length=32, blank=True)
    after = models.CharField(max_length=32, blank=True)
    body = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)


class JournalDay(models.Model):
    """A day of the journal as it was published, and never changes: triggers refuse it. What the
    roots are over, `core.days` says. A day without rows has none."""

    day = models.DateField(primary_key=True)  # of the city
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField(unique=True)
    head = models.CharField(max_length=64)  # the hash of its last row
    root = models.CharField(max_length=64)  # over its rows
    cases_root = models.CharField(max_length=64)  # over the cases in which something happened
    published_at = models.DateTimeField()


class Inbox(models.Model):
    """What came from outside, kept before it is understood."""

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=255)
    payload = models.TextField()  # emptied once it is done: it may hold personal data
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="inbox_once")]
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="inbox_waiting")]


class JobRun(models.Model):
    """When a job of the worker last ran, and how it went; shown to the supervisor."""

    name = models.CharField(max_length=40, primary_key=True)
    every_s = models.FloatField()
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    done = models.IntegerField(default=0)


class Parameter(models.Model):
    """A number that the city has set away from its default; see core.parameters."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.FloatField()


class ReasonCode(models.Model):
    """A reason that people choose from. Only these codes may enter the journal as reasons:
    words that somebody typed could name a person."""

    purpose = models.CharField(max_length=20)
    code = CodeField()
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "code"], name="reason_once")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A caller's number. After its retention only the keyed hash is left, so that a
    returning caller is still recognised while nobody can read the number back."""

    number = models.CharField(max_length=20, blank=True)
    key = models.CharField(max_length=64, unique=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    legal_hold = models.CharField(max_length=32, blank=True)  # why it must not be erased

    @property
    def spoken(self) -> str:
        """The number as people say it."""
        return spoken_number(self.number)


class Text(models.Model):
    """Words that somebody typed: an address, a chronology, a note. Never edited: a new
    row of the same field replaces the old one, and a struck note stays readable."""

    subject = models.CharField(max_length=40)
    field = models.CharField(max_length=32)
    body = models.TextField(blank=True)
    author = models.CharField(max_length=40)
    at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "field"])]


class JournalReader(models.Model):
    """How far somebody who acts on the journal has read it."""

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Alarm(models.Model):
    """Something that a person must do by a time: it has an action, an owner, a deadline."""

    MACHINE: ClassVar[Machine] = ALARM
    state = StateField(ALARM)
    version = models.IntegerField(default=0)
    code = models.CharField(max_length=32)
    subject = models.CharField(max_length=40)
    case = models.CharField(max_length=40, blank=True)
    owner = models.CharField(max_length=20)  # a role
    urgency = models.IntegerField(default=2)  # 1 most urgent .. 3
    details = models.JSONField(default=dict)  # codes and numbers only
    raised_at = models.DateTimeField(db_index=True)
    # Acknowledged or shelved: when it comes back, unless its cause has gone by then.
    quiet_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(ALARM),
            models.UniqueConstraint(
                fields=["code", "subject"], condition=~Q(state="done"), name="one_alarm_at_a_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["quiet_until"], condition=Q(quiet_until__isnull=False), name="alarm_quiet"
            )
        ]
