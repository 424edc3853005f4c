"""Reads that the conversation and its screens need."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from sigap.core import clock
from sigap.core.models import Contact
from sigap.core.queries import city_zone, fetch

from ..models import Complaint
from ..survey.queries import mobile_of
from .models import ChatMessage, Conversation

WINDOW = timedelta(hours=24)  # within it after their last message, free text may be sent
RECENT = timedelta(hours=24)  # for so long what is written may be about the last report
SHOWN_REPORTS = 3
CALLERS_UNASKED = {
    "whatsapp": lazy("WhatsApp is not set up: callers can only be rung back."),
    "template": lazy(
        "No approved template for the question is set (SIGAP_WHATSAPP_SURVEY_TEMPLATE): callers "
        "can only be rung back."
    ),
}


def conversation(conversation_id: int) -> Conversation:
    """The conversation; Missing when there is none."""
    return fetch(Conversation, pk=conversation_id)


def reports_of(chat: Conversation) -> QuerySet[Complaint]:
    """What this person has reported here, the newest first."""
    own = ChatMessage.objects.filter(conversation=chat, complaint__isnull=False)
    return Complaint.objects.filter(pk__in=own.values("complaint")).order_by("-filed_at", "-id")


def lately(chat: Conversation) -> Complaint | None:
    """The report that they were told of since yesterday."""
    told = chat.messages.filter(incoming=False, complaint__isnull=False)
    last = told.filter(at__gte=clock.now() - RECENT).order_by("-id").first()
    return last.complaint if last else None


def may_ask_callers() -> str:
    """Empty where callers of 112 can be asked here how it was; else what is missing for it."""
    env = settings.ENV
    if not (env.whatsapp_token.get_secret_value() and env.whatsapp_phone_id):
        return "whatsapp"
    return "" if env.whatsapp_survey_template else "template"


def writable_callers(incidents: Sequence[int]) -> dict[int, Contact]:
    """Whom of those who called about these one may ask here: not who has told us to stop."""
    mobile = mobile_of(incidents)
    stopped = Conversation.objects.filter(messages__survey__state="refused")
    gone = set(stopped.filter(contact__in=mobile.values()).values_list("contact", flat=True))
    return {incident: who for incident, who in mobile.items() if who.pk not in gone}


def chats_about(complaint_id: int) -> list[Conversation]:
    """Who reported it here."""
    told = Conversation.objects.filter(messages__complaint=complaint_id, messages__incoming=True)
    return list(told.distinct().order_by("id"))


def files_of_draft(chat: Conversation) -> int:
    """How many files there are with the report that is being made."""
    files = chat.messages.filter(draft=chat.draft, complaint=None)
    return files.exclude(file_state="").count()


def is_open(chat: Conversation, now: datetime) -> bool:
    """Whether free text may be sent to them."""
    return chat.heard_at is not None and now - chat.heard_at < WINDOW


def listed(only: str = "") -> QuerySet[Conversation]:
    """Conversations: those that wait for a person first, then by the last message."""
    chats = Conversation.objects.select_related("operator", "contact", "name")
    # Whom we have only asked something has not begun to talk.
    chats = chats.filter(moved_to=None, heard_at__isnull=False)
    if only == "waiting":
        chats = chats.filter(waiting_at__isnull=False)
    elif only == "person":
        chats = chats.filter(state="person")
    elif only == "marked":
        chats = chats.exclude(mark="")
    first = F("waiting_at").asc(nulls_last=True)
    return chats.order_by(first, F("heard_at").desc(nulls_last=True), "-id")


def transcript(chat: Conversation) -> QuerySet[ChatMessage]:
    """All messages in the order in which they came: their clock counts in whole seconds, and so
    would put an answer behind the next question."""
    rows = ChatMessage.objects.filter(conversation=chat).select_related("text", "complaint")
    return rows.order_by("id")


def paid(now: datetime) -> tuple[int, int]:
    """How many messages that cost something were sent today and this month, by the city's days."""
    local = now.astimezone(city_zone())
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    counts = ChatMessage.objects.filter(billable=True, at__gte=day.replace(day=1)).aggregate(
        month=Count("pk"), day=Count("pk", filter=Q(at__gte=day))
    )
    return counts["day"], counts["month"]
