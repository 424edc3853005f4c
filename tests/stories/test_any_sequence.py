"""Whatever people do in whatever order, the record and the tables tell the same story."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import transaction as django
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigap.calls import actions as calls
from sigap.calls.models import CLASSES, Call
from sigap.core import clock
from sigap.core.actions import alarms, jobs, shifts
from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Actor, system
from sigap.core.errors import SigapError
from sigap.core.journal import subject_of, tip_seq, verify
from sigap.core.models import Alarm, Journal
from sigap.dispatch import actions as dispatch
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import is_served
from sigap.fleet.models import Unit
from sigap.incidents import actions as incidents
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier

from ..conftest import START

TIMER = system("timer")
UNITS = ("AMB-01", "AMB-02", "POL-01")
TYPES = ("kecelakaan_lalin", "kebakaran_bangunan")
HERE = {"lat": -7.8185, "lng": 112.0155}

small = st.integers(0, 5)


class Rollback(Exception):
    """Ends an example and takes back what it wrote."""


def nth(rows: Any, n: int) -> int:
    """The id of one of the newest rows, or of none that exists."""
    ids = list(rows.order_by("-pk").values_list("pk", flat=True)[:6])
    return int(ids[n % len(ids)]) if ids else 10**9


class City:
    """The commands that a sequence is made of; each takes two small numbers."""

    def __init__(self, actor: Callable[[str], Actor], time: clock.Frozen) -> None:
        self.taker, self.sender, self.boss, self.crew, self.agency = map(
            actor, ("call_taker", "dispatcher", "supervisor", "crew", "agency")
        )
        self.time = time
        self.rang = 0

    def ring(self, a: int, b: int) -> None:
        self.rang += 1
        self.phone("presented", f"s{self.rang}", f"08123345119{a}" if b else None)

    def early_event(self, a: int, b: int) -> None:
        self.phone(calls.EVENTS[b], f"s{a}", None)

    def event(self, a: int, b: int) -> None:
        self.phone(calls.EVENTS[6 + b], f"s{a}", None, heard_s=12.0)

    def last_event(self, a: int, b: int) -> None:
        self.phone(calls.EVENTS[12 + b % 2], f"s{a}", None, reason="busy" if b > 2 else "")

    def picks_up(self, a: int, b: int) -> None:
        self.rang += 1
        self.phone("presented", f"s{self.rang % 6 if b else 9}", None, returns=f"s{a}")

    def phone(self, kind: str, external_id: str, number: str | None, **more: Any) -> None:
        told = {"source": "pbx", "at": clock.now(), "operator": "call_taker", "actor": TIMER}
        calls.report_event(kind, external_id=external_id, number=number, **(told | more))

    def gate(self, a: int, b: int) -> None:
        if b < 3:
            calls.release_call(nth(Call.objects, a), actor=self.boss)
        else:
            calls.review_call(nth(Call.objects, a), was_somebody=b == 4, actor=self.boss)

    def surge(self, a: int, b: int) -> None:
        if b < 3:
            calls.declare_surge(reason="flood", actor=self.boss)
        else:
            calls.end_surge(actor=self.boss)

    def shift(self, a: int, b: int) -> None:
        verb = (shifts.heartbeat, shifts.resume_shift, shifts.be_on_shift, shifts.end_shift)
        if b > 3:
            shifts.pause_shift(reason="meal", actor=self.taker)
        else:
            verb[b](actor=self.taker)

    def take(self, a: int, b: int) -> None:
        calls.take_call(
            nth(Call.objects, a), actor=self.boss if b == 0 else self.taker, reason="no_response"
        )

    def talk(self, a: int, b: int) -> None:
        verb = (calls.hold_call, calls.resume_call, calls.end_call)[b % 3]
        verb(nth(Call.objects, a), actor=self.taker)

    def close_call(self, a: int, b: int) -> None:
        calls.close_call(nth(Call.objects, a), CLASSES[b], actor=self.taker)

    def reclassify(self, a: int, b: int) -> None:
        calls.reclassify_call(nth(Call.objects, a), CLASSES[b], actor=self.taker)

    def call_back(self, a: int, b: int) -> None:
        if b == 5:
            calls.waive_call_back(nth(Call.objects, a), reason="other", actor=self.taker)
        else:
            calls.report_call_back(nth(Call.objects, a), reached=b == 4, actor=self.taker)

    def open_for_call(self, a: int, b: int) -> None:
        calls.open_incident_for_call(
            nth(Call.objects, a), TYPES[b % 2], actor=self.taker, priority=b % 4 + 1, **HERE
        )

    def open(self, a: int, b: int) -> None:
        place = HERE if a % 2 else {}
        incidents.open_incident(TYPES[a % 2], actor=self.sender, priority=b % 4 + 1, **place)

    def link(self, a: int, b: int) -> None:
        calls.link_call(nth(Call.objects, a), nth(Incident.objects, b), actor=self.taker)

    def facts(self, a: int, b: int) -> None:
        incidents.change_facts(
            nth(Incident.objects, a), actor=self.sender, type_code=TYPES[b % 2], victims=b
        )

    def priority(self, a: int, b: int) -> None:
        incidents.set_priority(nth(Incident.objects, a), b % 4 + 1, actor=self.sender)

    def merge(self, a: int, b: int) -> None:
        incidents.merge_incident(
            nth(Incident.objects, a), nth(Incident.objects, b), actor=self.sender
        )

    def unmerge(self, a: int, b: int) -> None:
        dispatch.unmerge_incident(nth(Incident.objects, a), actor=self.sender)

    def end_incident(self, a: int, b: int) -> None:
        how: dispatch.End = ("resolve", "close", "cancel")[b % 3]
        dispatch.end_incident(
            nth(Incident.objects, a),
            how,
            disposition="handled",
            reason="other" if how == "cancel" else "",
            confirmed=b > 2,
            actor=self.sender,
        )

    def reopen(self, a: int, b: int) -> None:
        incidents.reopen_incident(nth(Incident.objects, a), reason="other", actor=self.sender)

    def send(self, a: int, b: int) -> None:
        sign, confirmed = UNITS[b % 3], b >= 3
        busy = self.other_jobs(sign, nth(Incident.objects, a))
        dispatch.send_units(
            nth(Incident.objects, a),
            [sign],
            actor=self.sender,
            confirmed=confirmed,
            choice="radio",
        )
        assert confirmed or not busy, "a second job that nobody confirmed"

    @staticmethod
    def other_jobs(sign: str, incident_id: int) -> bool:
        jobs = Assignment.objects.filter(unit__call_sign=sign, state__in=OPEN)
        return jobs.exclude(incident_id=incident_id).exists()

    def press(self, a: int, b: int) -> None:
        who = (self.crew, self.agency, self.sender)[a % 3]
        dispatch.step(
            nth(Assignment.objects, a),
            dispatch.STEPS[b + a % 2],
            actor=who,
            source="crew",
            reason="no_crew",
            external_id=f"{a}-{b}" if a == b else None,
        )

    def call_off(self, a: int, b: int) -> None:
        dispatch.cancel_assignment(nth(Assignment.objects, a), reason="other", actor=self.sender)

    def unit(self, a: int, b: int) -> None:
        commands = ("reserve", "release", "withdraw", "return")
        if b > 3:
            dispatch.set_duty(UNITS[a % 3], on_duty=b == 4, actor=self.sender)
        else:
            dispatch.set_availability(
                UNITS[a % 3], commands[b], reason="damaged", actor=self.sender
            )

    def alarm(self, a: int, b: int) -> None:
        number = nth(Alarm.objects, a)
        if b % 3 == 0:
            alarms.acknowledge_alarm(number, actor=self.sender)
        elif b % 3 == 1:
            alarms.shelve_alarm(number, minutes=1, reason="other", actor=self.sender)
        else:
            alarms.close_alarm(number, actor=self.sender)

    def wait(self, a: int, b: int) -> None:
        self.time.forward((-5, 1, 15, 30, 61, 600)[b])
        calls.alarm_ringing(actor=TIMER)
        calls.alarm_stale_claims(actor=TIMER)
        calls.alarm_unattended(actor=TIMER)
        calls.alarm_call_backs(actor=TIMER)
        calls.alarm_set_aside(actor=TIMER)
        if b > 3:
            calls.end_silent_calls(actor=TIMER)
        shifts.heartbeat(actor=self.taker)
        jobs.job_ended("exchange:pbx", every_s=10, done=0)
        calls.dial_due(actor=TIMER)
        incidents.alarm_undispatched(actor=TIMER)
        dispatch.alarm_unacknowledged(actor=TIMER)
        alarms.repeat_alarms(actor=TIMER)


COMMANDS = [name for name in vars(City) if name[0] != "_" and name not in ("phone", "other_jobs")]
# What takes several steps to get anywhere is tried more often.
OFTEN = [*COMMANDS, *["send", "press", "press", "press", "take", "wait", "close_call", "event"] * 2]
OFTEN += ["ring", "early_event", "last_event"]
sequences = st.lists(st.tuples(st.sampled_from(OFTEN), small, small), min_size=50, max_size=70)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(sequence=sequences)
def test_no_sequence_of_commands_breaks_the_record_or_doubles_a_job(
    sequence: list[tuple[str, int, int]],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    with suppress(Rollback), django.atomic():
        time.at = START
        begun = tip_seq()
        city = City(actor, time)
        set_parameter("gate.silent_end_s", 60, actor=actor("administrator"))
        for command, a, b in [("ring", 1, 1), ("open", 1, 0), ("open", 1, 1), *sequence]:
            with suppress(SigapError):
                getattr(city, command)(a, b)
            nobody_has_one_job_twice()
            nothing_is_forgotten()
            no_caller_is_dropped()
        states_follow_each_other(begun)
        raise Rollback


def nobody_has_one_job_twice() -> None:
    jobs = Assignment.objects.filter(state__in=("proposed", *OPEN))
    pairs = list(jobs.values_list("unit_id", "incident_id"))
    assert len(pairs) == len(set(pairs))


def nothing_is_forgotten() -> None:
    """Who works for what is over? Which urgent incident waits without anybody being told?"""
    over = ("closed", "cancelled")
    jobs = Assignment.objects.filter(state__in=("proposed", *OPEN))
    assert not jobs.filter(incident__state__in=over).exists()
    assert not jobs.filter(unit__state="unavailable").exclude(state="proposed").exists()
    told = set(Alarm.objects.exclude(state="done").values_list("code", "subject"))
    urgent = Incident.objects.filter(state__in=ACTIVE, priority__lte=2)
    for incident in urgent.filter(dispatch_due_at=None):
        assert is_served(incident) or ("undispatched", subject_of(incident)) in told
    for job in jobs.filter(incident__state="merged"):
        assert carrier(job.incident).state not in over


def no_caller_is_dropped() -> None:
    """The gate closes nobody's call by itself but one that it has set aside, and whoever hung up
    before an answer and left a number is owed a call, or somebody said why not."""
    alone = Call.objects.filter(state="closed", answered_at=None, callback_attempts=0)
    assert not alone.filter(set_aside_at=None).exists()
    unanswered = Call.objects.filter(call_class="abandoned", contact__isnull=False, returns=None)
    assert not unanswered.filter(state="abandoned").exists()
    for lost in Call.objects.filter(dialled_at__isnull=False):
        assert lost.state == "callback_due"


def states_follow_each_other(begun: int) -> None:
    """Each row's `before` is the `after` before it, and the last `after` is the row's state."""
    known: dict[str, str] = {subject_of(unit): Unit.MACHINE.initial for unit in Unit.objects.all()}
    previous = None
    for row in Journal.objects.filter(seq__gte=begun).order_by("seq"):
        assert previous is None or row.at >= previous.at
        previous = row
        if row.seq == begun or not row.after:
            continue
        assert row.before == known.get(row.subject, ""), (row.seq, row.kind, row.subject)
        known[row.subject] = row.after
    for model in (Call, Incident, Assignment, Alarm, Unit):
        states = {subject_of(row): row.state for row in model.objects.all()}
        assert states == {s: known[s] for s in states}
    assert verify().broken_seq is None
