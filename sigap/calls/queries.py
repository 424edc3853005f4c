"""Reads about calls that are used in more than one place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Missing
from sigap.core.models import JobRun, Shift
from sigap.core.parameters import value
from sigap.core.personal import is_ordinary_number
from sigap.core.queries import fetch

from .machine import LIVE, ON_THE_LINE, REVIEW, RINGING, TALKING
from .models import (
    INCOMING,
    UNHEARD,
    Call,
    CallParty,
    HandsetPosition,
    PhoneBookEntry,
    Recording,
    Surge,
)

# So long it may take to write down what a caller wanted.
WRITING = timedelta(minutes=15)
# By so much clocks may differ.
TOLERANCE = timedelta(seconds=60)
# What an exchange that listens to our orders is called among the jobs, and for how long after
# its last sign of life we still count on it.
EXCHANGE = "exchange:"
HEARD = timedelta(seconds=30)
PROMPTS_S = 40  # all that a gate says takes no longer
# Of a caller's incidents before.
SHOWN_REPORTS = 5
# So long a recording that was lost is shown.
LOST_DAYS = 30


def get(call_id: int) -> Call:
    """The call; Missing when there is none. Its caller, operator and incident are asked for
    where they are needed: most commands need none of them."""
    return fetch(Call, pk=call_id)


def live() -> QuerySet[Call]:
    """Ringing and talking calls, the longest waiting first."""
    return (
        Call.objects.select_related("contact", "operator")
        .filter(state__in=LIVE)
        .order_by("began_at", "id")
    )


@dataclass(frozen=True)
class History:
    """What is known of a caller: calls per class in the last days, and real reports before."""

    classes: dict[str, int]
    total: int
    days: int
    incidents: list[int]  # the latest first


def caller_histories(contact_ids: Collection[int]) -> dict[int, History]:
    """The histories of several callers at once, without the calls that are still open."""
    days = int(value("calls.history_days"))
    calls = Call.objects.filter(contact_id__in=contact_ids)
    since = clock.now() - timedelta(days=days)
    lately = calls.filter(INCOMING, began_at__gte=since).exclude(call_class="")
    tallies = lately.values_list("contact_id", "call_class").annotate(n=Count("*"))
    classes: dict[int | None, dict[str, int]] = {pk: {} for pk in contact_ids}
    for contact, name, n in tallies:
        classes[contact][name] = n
    reports = calls.filter(incident__isnull=False).values_list("contact_id", "incident_id")
    incidents: dict[int | None, list[int]] = {pk: [] for pk in contact_ids}
    for contact, incident, _last in reports.annotate(last=Max("began_at")).order_by("-last"):
        incidents[contact].append(incident or 0)  # never none: the filter says so
    return {
        pk: History(classes[pk], sum(classes[pk].values()), days, incidents[pk][:SHOWN_REPORTS])
        for pk in contact_ids
    }


def abandoned() -> QuerySet[Call]:
    """Abandoned callers who are still to be rung back: first those whom nobody has rung, the
    longest waiting in front; then those who did not answer, the newest in front."""
    lost = Call.objects.select_related("contact").filter(state__in=("callback_due", "no_answer"))
    tried = Case(When(state="no_answer", then=F("began_at")), default=None)
    return lost.order_by("state", tried.desc(nulls_first=True), "began_at")


def surge() -> Surge | None:
    """The surge that is declared now."""
    return Surge.objects.filter(ended_at=None).first()


def set_aside_since(before: datetime) -> QuerySet[Call]:
    """Calls that the gate has set aside since before this time."""
    return Call.objects.filter(state="set_aside", set_aside_at__lte=before)


def kept_off() -> QuerySet[Call]:
    """Calls in which the gate heard nobody and that no person has answered: those to be reviewed,
    and those that were."""
    alone = Q(state="closed", answered_at=None, callback_attempts=0)
    calls = Call.objects.filter(alone | Q(state__in=("callback_due", "no_answer")))
    return calls.filter(gate="silent", set_aside_at__isnull=False)


def at_gate(now: datetime) -> Q:
    """Calls that a gate is asking for a sign just now: they ring for nobody yet. Without an
    exchange that listens, or when it takes longer than it may, they ring."""
    asked = timedelta(seconds=value("gate.first_s") + value("gate.second_s") + PROMPTS_S)
    asking = Q(source__in=exchanges_that_dial(now), began_at__gt=now - asked)
    return Q(asking, state="presented", gate="")


def silent_before(now: datetime) -> datetime:
    """A console that was heard of last before this has fallen silent."""
    missed = value("calls.heartbeat_s") * value("calls.missed_heartbeats")
    return now - timedelta(seconds=missed)


def free_shifts() -> QuerySet[Shift]:
    """The shifts of those who can take a call now: at their desk, not paused, with no call in
    hand, not even one that is still to be closed, and on nobody else's line."""
    busy = Call.objects.filter(state__in=TALKING, operator__isnull=False).values("operator_id")
    there = Shift.objects.filter(ended_at=None, heartbeat_at__gt=silent_before(clock.now()))
    on_a_line = parties().filter(user__isnull=False).values("user_id")
    free = there.filter(paused_at=None).exclude(user_id__in=busy)
    return free.exclude(user_id__in=on_a_line)


def parties() -> QuerySet[CallParty]:
    """Who else rings for or is on a call now, in the order of their invitation."""
    found = CallParty.objects.filter(state__in=ON_THE_LINE)
    return found.select_related("entry", "user").order_by("id")


def hidden_listening() -> list[str]:
    """How those take part of whom nobody is to see on the screens: the journal has them, and the
    supervisors' own screen."""
    return [] if value("calls.listening_shows") else list(UNHEARD)


def phone_book() -> QuerySet[PhoneBookEntry]:
    """Whom operators may bring into a call."""
    return PhoneBookEntry.objects.filter(active=True).order_by("rank", "id")


def dial_next(now: datetime) -> Call | None:
    """The caller who is to be rung back first, while a line is free: an operator has nothing to
    do, nobody waits, and no other is being rung."""
    lost = Call.objects.filter(state="callback_due", contact__isnull=False)
    if (
        Call.objects.filter(state__in=RINGING).exists()
        or not free_shifts().filter(role="call_taker").exists()
    ):
        return None
    if lost.filter(dialled_at__isnull=False).exists():
        return None
    due = lost.filter(Q(callback_due_at__lte=now) | Q(callback_due_at=None))
    talking = Call.objects.filter(state__in=LIVE, contact__isnull=False).values("contact_id")
    ours = due.filter(source__in=exchanges_that_dial(now)).exclude(contact_id__in=talking)
    for call in ours.select_related("contact").order_by("began_at", "id"):
        if call.contact and is_ordinary_number(call.contact.number):  # others a person rings
            return call
    return None


def dialled_in_vain(before: datetime) -> list[Call]:
    """Callers whom an exchange began to ring before this, of whom nothing has been heard since."""
    rung = Call.objects.filter(state="callback_due", dialled_at__lte=before)
    return list(rung.exclude(returned_by__state__in=LIVE))


def exchanges_that_dial(now: datetime) -> list[str]:
    """The exchanges that listen to our orders."""
    heard = JobRun.objects.filter(name__startswith=EXCHANGE, ended_at__gt=now - HEARD)
    return [name.removeprefix(EXCHANGE) for name in heard.values_list("name", flat=True)]


def unmatched() -> QuerySet[HandsetPosition]:
    """What phones told that belongs to no call, until it is erased; the newest first."""
    alone = HandsetPosition.objects.filter(call=None, erased_at=None)
    return alone.select_related("area").order_by("-received_at")


def ringing_since(before: datetime) -> QuerySet[Call]:
    """Calls that have rung since before this time; one that waits since a gate let it through
    rings since then."""
    queued = Q(queued_at=None) | _is_past("queued_at", before)
    ringing = Call.objects.filter(_is_past("began_at", before), queued, state__in=RINGING)
    return ringing.exclude(at_gate(clock.now()))


def with_silent_console(before: datetime) -> QuerySet[Call]:
    """Open calls whose operator's console has not been heard since before this time."""
    alive = Shift.objects.filter(ended_at=None, heartbeat_at__gt=before).values("user_id")
    return (
        Call.objects.filter(state__in=TALKING, operator__isnull=False)
        .filter(_is_past("claimed_at", before) | Q(claimed_at=None))
        .exclude(operator_id__in=alive)
    )


def unattended(before: datetime) -> QuerySet[Call]:
    """Answered calls that nobody has looked after since before this time: callers on hold,
    and calls without an operator; and callers reached by hand of whom nobody has said for long
    what they wanted."""
    on_hold = Q(_is_past("held_at", before), state="held")
    alone = Q(_is_past("answered_at", before), operator=None)
    reached = Q(_is_past("claimed_at", before - WRITING), state="reached")
    return Call.objects.filter(Q(on_hold | alone, state__in=TALKING) | reached)


def reached_by(user_id: int) -> QuerySet[Call]:
    """Callers whom somebody has reached by ringing back, and whose call is still to be closed."""
    return Call.objects.filter(state="reached", operator_id=user_id).order_by("id")


def _is_past(column: str, before: datetime) -> Q:
    """A time before this one; or one in the future, since then the clock was set back and
    nobody knows for how long it has been so."""
    ahead = clock.now() + TOLERANCE
    return Q(**{f"{column}__lte": before}) | Q(**{f"{column}__gt": ahead})


def call_of(name: str) -> Call | None:
    """The call that a recording's name belongs to: whoever records calls it by the call's
    number at the exchange, with a count behind it. None when that is none, or not one alone."""
    external, _, count = name.rpartition("_")
    counted = count.partition(".")[0].isdigit()
    found = list(Call.objects.filter(external_id=external)[:2]) if counted else []
    return found[0] if len(found) == 1 else None


def to_look_after() -> Q:
    """Recordings of no known call, and those that were lost lately."""
    since = clock.now() - timedelta(days=LOST_DAYS)
    return Q(state="stored", call=None) | Q(state="missing", heard_of_at__gte=since)


def _hearable(actor: Actor) -> QuerySet[Recording]:
    """The recordings that this person may listen to: supervisors to all; an operator to the
    calls of the own last shift, and to what the own work was scored by."""
    rows = Recording.objects.select_related("call").order_by("heard_of_at", "id")
    if actor.may(Permission.SUPERVISE):
        return rows
    if actor.user_id is None or not actor.may(Permission.TAKE_CALLS):
        return rows.none()
    shift = Shift.objects.filter(user_id=actor.user_id).order_by("-started_at", "-id").first()
    scored = Q(call__review__operator=actor.user_id) & ~Q(call__review__state=REVIEW.initial)
    lately = Q()
    if shift is not None:
        lately = Q(call__claimed_at__gte=shift.started_at)
        lately |= Q(call__claimed_at=None, call__began_at__gte=shift.started_at)
    return rows.filter(scored | lately if lately else scored, call__operator=actor.user_id)


def to_hear(recording_id: int, actor: Actor) -> Recording:
    """The recording, when it is there and this person may listen to it."""
    actor.require(Permission.TAKE_CALLS)
    recording = fetch(Recording.objects.select_related("call"), pk=recording_id)
    if not _hearable(actor).filter(pk=recording_id).exists():
        raise Forbidden(_("You may listen to your own calls of your last shift."), code="others")
    if recording.state != "stored":
        raise Missing(_("This recording is not there any more."), code=recording.state)
    return recording


def audible(calls: Collection[int], actor: Actor) -> dict[int, list[Recording]]:
    """The recordings of these calls that this person may listen to, in their order."""
    found: dict[int, list[Recording]] = {}
    for recording in _hearable(actor).filter(call_id__in=calls, state="stored"):
        found.setdefault(recording.call_id or 0, []).append(recording)
    return found
