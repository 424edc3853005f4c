"""Bulk mode: a plan made to happen through the product's own actions, under a clock that
runs as fast as the machine can, many actions to a commit."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import singledispatchmethod

from sigap.calls.actions import (
    alarm_call_backs,
    alarm_ringing,
    close_call,
    link_call,
    open_incident_for_call,
    report_call_back,
    report_event,
    take_call,
)
from sigap.core import clock
from sigap.core.actions.shifts import end_shift, start_shift
from sigap.core.actors import Actor, of_user, system
from sigap.core.models import User
from sigap.core.transaction import transaction
from sigap.dispatch.actions import (
    alarm_unacknowledged,
    end_incident,
    send_units,
    set_availability,
    step,
)
from sigap.dispatch.actions import report_position
from sigap.incidents.actions import alarm_undispatched

from . import events as e

EXCHANGE = "pbx"
TIMER = system("timer")
COMMIT_EVERY = timedelta(hours=12)


def run(plan: e.Plan, *, progress: Callable[[e.Event], None] | None = None) -> None:
    """Make a plan happen, one commit per half day."""
    hands = Actions()
    with hands.clock():
        for part in _parts(plan):
            with transaction():
                for event in part:
                    hands.do(event)
                    if progress:
                        progress(event)


def _parts(plan: e.Plan) -> Iterable[list[e.Event]]:
    part: list[e.Event] = []
    for event in plan:
        if part and event.at - part[0].at > COMMIT_EVERY:
            yield part
            part = []
        part.append(event)
    if part:
        yield part


class Actions:
    """Does planned events by calling actions; remembers which row is which of the plan."""

    def __init__(self) -> None:
        users = {u.username: of_user(u) for u in User.objects.all()}
        self._people = users
        self._crews: dict[str, Actor] = {a.unit: a for a in users.values() if a.unit}
        self._calls: dict[str, int] = {}
        self._incidents: dict[str, int] = {}
        self._assignments: dict[tuple[str, str], int] = {}
        self._now = datetime.min.replace(tzinfo=UTC)

    def clock(self) -> "_Clock":
        """The product's clock shows the time of the event that is being done."""
        return _Clock(lambda: self._now)

    def do(self, event: e.Event) -> None:
        """Make one event happen at its time."""
        self._now = event.at
        self._do(event)

    @singledispatchmethod
    def _do(self, event: e.Event) -> None:
        raise TypeError(f"nothing does {type(event).__name__}")

    @_do.register
    def _(self, event: e.Ring) -> None:
        call = self._report("presented", event, event.number, event.trunk)
        self._calls[event.call] = call

    @_do.register
    def _(self, event: e.Queued) -> None:
        self._report("queued", event)

    @_do.register
    def _(self, event: e.HangUp) -> None:
        self._report("ended", event)

    def _report(
        self,
        kind: str,
        event: e.Ring | e.Queued | e.HangUp,
        number: str | None = None,
        trunk: str = "",
    ) -> int:
        call = report_event(
            kind,
            source=EXCHANGE,
            external_id=event.call,
            at=event.at,
            number=number,
            trunk=trunk,
            actor=system(EXCHANGE),
        )
        return call.pk

    @_do.register
    def _(self, event: e.Take) -> None:
        take_call(self._calls[event.call], actor=self._people[event.operator])

    @_do.register
    def _(self, event: e.Close) -> None:
        close_call(
            self._calls[event.call],
            event.call_class,
            field_action=event.field_action,
            actor=self._people[event.operator],
        )

    @_do.register
    def _(self, event: e.CallBack) -> None:
        report_call_back(
            self._calls[event.call], reached=event.reached, actor=self._people[event.operator]
        )

    @_do.register
    def _(self, event: e.Open) -> None:
        pointed = event.lat is not None
        incident = open_incident_for_call(
            self._calls[event.call],
            event.type,
            actor=self._people[event.operator],
            address=event.address,
            chronology=event.chronology,
            reporter=event.reporter,
            victims=event.victims,
            answers=event.answers,
            area_code="" if pointed else event.area,
            lat=event.lat,
            lng=event.lng,
            location_source="map" if pointed else "",
        )
        self._incidents[event.incident] = incident.pk

    @_do.register
    def _(self, event: e.Link) -> None:
        link_call(
            self._calls[event.call],
            self._incidents[event.incident],
            actor=self._people[event.operator],
        )

    @_do.register
    def _(self, event: e.Send) -> None:
        sent = send_units(
            self._incidents[event.incident],
            event.units,
            actor=self._people[event.dispatcher],
            choice="radio",
        )
        for assignment in sent:
            self._assignments[event.incident, assignment.unit.call_sign] = assignment.pk

    @_do.register
    def _(self, event: e.Step) -> None:
        step(
            self._assignments[event.incident, event.unit],
            event.command,
            actor=self._people[event.dispatcher] if event.dispatcher else self._crews[event.unit],
            source="dispatcher" if event.dispatcher else "crew",
            occurred_at=event.occurred_at,
            reason=event.reason,
        )

    @_do.register
    def _(self, event: e.Position) -> None:
        report_position(
            event.unit,
            event.lat,
            event.lng,
            at=event.at,
            accuracy_m=event.accuracy_m,
            actor=self._crews[event.unit],
        )

    @_do.register
    def _(self, event: e.Finish) -> None:
        end_incident(
            self._incidents[event.incident],
            "close",
            disposition=event.disposition,
            actor=self._people[event.dispatcher],
        )

    @_do.register
    def _(self, event: e.Availability) -> None:
        actor = self._people[event.dispatcher]
        set_availability(event.unit, event.command, reason=event.reason, actor=actor)

    @_do.register
    def _(self, event: e.Shift) -> None:
        actor = self._people[event.person]
        if event.begins:
            start_shift(role=event.role, desk=event.desk, actor=actor)
        else:
            end_shift(actor=actor)

    @_do.register
    def _(self, event: e.Timers) -> None:
        timers()


def timers() -> None:
    """What the product's worker does at every turn."""
    alarm_ringing(actor=TIMER)
    alarm_call_backs(actor=TIMER)
    alarm_undispatched(actor=TIMER)
    alarm_unacknowledged(actor=TIMER)


class _Clock:
    def __init__(self, source: Callable[[], datetime]) -> None:
        self._source = source

    def __enter__(self) -> None:
        clock.run_from(self._source)

    def __exit__(self, *_error: object) -> None:
        clock.run_from(None)
