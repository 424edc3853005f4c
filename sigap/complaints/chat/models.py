"""Conversations on WhatsApp, and their messages."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Contact, JournalReader, Text, User
from sigap.places.models import Area, Landmark

from .machine import CHAT

MARKS = ("", "child", "abuse", "spam", "prank")
# Of a message that is to go out: `sending` while it is on its way, `unsure` when the answer was
# lost and a receipt may yet tell, `failed` when it is given up and a person must see it.
OUT_STATES = ("due", "sending", "unsure", "sent", "failed")
# Of a file that came in: `waiting` to be fetched, `stored` on the disk, part of a complaint, or
# refused, with the reason in `error`.
FILE_STATES = ("", "waiting", "stored", "attached", "refused")


class Conversation(models.Model):
    """One person's chat with the city, and the report that they are making."""

    MACHINE: ClassVar[Machine] = CHAT
    state = StateField(CHAT)
    version = models.IntegerField(default=0)
    # Whom it is with: the key is a hash by which they are found, `who` what is sent to; `who`,
    # number and name can be erased.
    key = models.CharField(max_length=64, unique=True)
    who = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="conversations")
    name = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=2, default="id")
    # Somebody who has a new number goes on there.
    moved_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="moved_from")

    # The report that they are making. Its number makes old buttons known for what they are.
    draft = models.IntegerField(default=1)
    turns = models.IntegerField(default=0)
    body = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    category = models.CharField(max_length=32, blank=True)
    sorted = models.BooleanField(default=False)  # asked and answered, or not to be asked
    guesses = models.JSONField(default=list)
    guessed_by = models.CharField(max_length=20, blank=True)
    address = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    landmark = models.ForeignKey(Landmark, models.SET_NULL, null=True, related_name="+")
    placed = models.BooleanField(default=False)
    anonymous = models.BooleanField(default=False)
    secret = models.BooleanField(default=False)
    # Which report is being added to, or contested.
    about = models.ForeignKey("complaints.Complaint", models.SET_NULL, null=True, related_name="+")

    operator = models.ForeignKey(User, models.PROTECT, null=True, related_name="conversations")
    waiting_at = models.DateTimeField(null=True)  # since then a person of the desk is wanted
    offered_at = models.DateTimeField(null=True)  # an emergency was offered, not yet answered
    mark = models.CharField(max_length=8, blank=True)
    began_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)  # the last message of theirs: 24 hours from it
    noticed_at = models.DateTimeField(null=True)  # they were told what becomes of their data
    asked_at = models.DateTimeField(null=True)  # "are you still there?" was asked
    ask_at = models.DateTimeField(null=True)  # when to ask that, or to keep the draft
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_constraint(CHAT),
            models.CheckConstraint(condition=Q(mark__in=MARKS), name="chat_mark_known"),
        ]
        indexes = [
            models.Index(
                fields=["waiting_at"], condition=Q(waiting_at__isnull=False), name="chat_waiting"
            ),
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="chat_ask"),
            models.Index(fields=["-heard_at"], name="chat_heard"),
        ]

    @property
    def has_draft(self) -> bool:
        """Whether something of a report is there already."""
        return self.body_id is not None or self.placed


class ChatMessage(models.Model):
    """One message, theirs or ours."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages")
    incoming = models.BooleanField()
    wamid = models.CharField(max_length=200, unique=True, null=True)  # WhatsApp's name for it
    kind = models.CharField(max_length=12)
    text = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()  # when it was written
    by = models.CharField(max_length=40, blank=True)  # who of us wrote it; empty: the bot
    # Which report it is part of: one that is being made, or one that was filed.
    draft = models.IntegerField(default=0)
    complaint = models.ForeignKey(
        "complaints.Complaint", models.SET_NULL, null=True, related_name="chat_messages"
    )
    # The question to a caller of 112 that it puts.
    survey = models.ForeignKey(
        "complaints.CaseSurvey", models.SET_NULL, null=True, related_name="messages"
    )

    # A file that came with it.
    media_id = models.CharField(max_length=200, blank=True)
    media_sum = models.CharField(max_length=200, blank=True)  # the checksum that they announce
    file_state = models.CharField(max_length=8, blank=True)
    file = models.CharField(max_length=64, blank=True)  # its name on the disk
    digest = models.CharField(max_length=64, blank=True)

    # A message that is to go out: what is sent, emptied once it is.
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=8, blank=True)
    rank = models.IntegerField(default=0)  # how far the receipts say that it came
    due_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    error = models.CharField(max_length=20, blank=True)
    # What it costs, as the receipts say.
    billable = models.BooleanField(default=False)
    category = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("", *OUT_STATES)), name="chat_out_known"),
            models.CheckConstraint(condition=Q(file_state__in=FILE_STATES), name="chat_file_known"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="chat_transcript"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="chat_due",
            ),
            models.Index(fields=["at"], condition=Q(billable=True), name="chat_billable"),
        ]

    @property
    def reference(self) -> str:
        """What we call it; the receipts repeat that."""
        return f"m{self.pk}"


class Reader(JournalReader):
    """How far the chat has read in the journal."""
