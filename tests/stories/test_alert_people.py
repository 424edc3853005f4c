"""Exactly those on duty for a unit are alerted, and never nobody without it being said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actions.accounts import change_user
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, of_user
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.models import Alarm, User
from sigap.dispatch.field.actions import set_on_board
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import set_duty
from sigap.fleet.models import Unit
from sigap.notify.actions import (
    begin_duty,
    end_duty,
    enter_duty,
    follow_jobs,
    note_screen,
    remove_duty,
)
from sigap.notify.models import Alert, Duty
from sigap.notify.recipients import on_duty, recipients

from .alerting import WORKER, Far, crew, states

Actors = Callable[[str], Actor]


def roster(person: User, actor: Actor, hours: float = 8, unit: str = "AMB-01") -> Duty:
    """On the roster from now on."""
    now = clock.now()
    return enter_duty(
        person.pk,
        call_sign=unit,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=hours),
        actor=actor,
    )


def found() -> tuple[list[str], str]:
    who = recipients(Unit.objects.select_related("agency").get(call_sign="AMB-01"), clock.now())
    return [person.username for person in who.people], who.gap


def test_who_is_on_the_roster_is_alerted_and_who_is_not_is_left_alone(
    far: Far, actor: Actors, job: Callable[[], Assignment]
) -> None:
    here, off = crew("ani", WORKER), crew("budi", WORKER)
    far.phone_of(here), far.phone_of(off)
    roster(here, actor("agency"))
    job()
    far.work()
    assert len(far.shown(here)) == 1
    assert far.shown(off) == []
    assert Alert.objects.get().gap == ""


def test_a_crew_of_another_unit_is_not_alerted(
    far: Far, actor: Actors, job: Callable[[], Assignment]
) -> None:
    here, other = crew("ani", WORKER), crew("candra", WORKER, unit="AMB-02")
    far.phone_of(here), far.phone_of(other)
    roster(here, actor("agency")), roster(other, actor("agency"), unit="AMB-02")
    job()
    far.work()
    assert (len(far.shown(here)), far.shown(other)) == (1, [])


def test_who_helps_out_on_a_unit_today_is_alerted_with_it(actor: Actors) -> None:
    helper = crew("candra", WORKER, unit="AMB-02")
    roster(helper, actor("agency"))
    assert found() == (["candra"], "")


def test_an_account_that_may_not_sign_in_is_not_alerted(actor: Actors) -> None:
    gone, stays = crew("ani", WORKER), crew("budi", WORKER)
    roster(gone, actor("agency")), roster(stays, actor("agency"))
    change_user(gone, is_active=False, actor=WORKER)
    assert found() == (["budi"], "")


def test_who_ended_early_is_off_duty_at_once(actor: Actors, time: clock.Frozen) -> None:
    ani, budi = crew("ani", WORKER), crew("budi", WORKER)
    duty = roster(ani, actor("agency"))
    roster(budi, actor("agency"))
    time.forward(3600)
    assert end_duty(duty.pk, actor=actor("agency")) == 1
    assert found() == (["budi"], "")
    assert end_duty(duty.pk, actor=actor("agency")) == 0


def test_the_last_one_who_ended_early_is_not_called_back_by_the_empty_roster(
    actor: Actors, person: Callable[[str], User]
) -> None:
    ani = crew("ani", WORKER)
    roster(ani, actor("agency"))
    end_duty(actor=of_user(ani))
    assert found() == (["crew"], "no_roster")


def test_a_duty_counts_from_its_beginning_to_its_end(actor: Actors, time: clock.Frozen) -> None:
    ani = crew("ani", WORKER)
    now = clock.now()
    enter_duty(
        ani.pk,
        call_sign="AMB-01",
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        actor=actor("agency"),
    )
    for seconds, gap in ((3599, "no_roster"), (1, ""), (3599, ""), (1, "no_roster")):
        time.forward(seconds)
        assert found()[1] == gap


def test_a_shift_begun_on_the_phone_counts_until_it_is_ended_or_forgotten(
    actor: Actors, time: clock.Frozen
) -> None:
    duty = begin_duty(actor=actor("crew"))
    assert begin_duty(actor=actor("crew")).pk == duty.pk
    assert found() == (["crew"], "")
    assert [d.pk for d in on_duty(clock.now())] == [duty.pk]
    assert end_duty(actor=actor("crew")) == 1
    assert found()[1] == "no_roster"
    begin_duty(actor=actor("crew"))
    time.forward(24 * 3600)
    assert list(on_duty(clock.now())) == []


def test_a_unit_that_its_crew_puts_on_duty_begins_their_shift_and_off_duty_ends_it(
    actor: Actors, browser_of: Callable[[str | None], Client]
) -> None:
    follow_jobs(actor=WORKER)
    phone = browser_of("crew")
    for said in ("false", "true"):
        assert phone.post("/crew/duty", {"on_duty": said}).status_code == 302
        follow_jobs(actor=WORKER)
    assert found() == (["crew"], "")
    assert Duty.objects.get().source == "phone"
    set_duty("AMB-01", on_duty=False, actor=actor("dispatcher"))
    follow_jobs(actor=WORKER)
    assert list(on_duty(clock.now())) == []
    set_duty("AMB-01", on_duty=True, actor=actor("dispatcher"))
    follow_jobs(actor=WORKER)
    assert Duty.objects.count() == 1, "a dispatcher begins nobody's shift"


def test_who_is_on_board_as_the_phone_says_is_on_duty(actor: Actors) -> None:
    follow_jobs(actor=WORKER)
    unit = Unit.objects.get(call_sign="AMB-01")
    ani, budi = crew("ani", WORKER), crew("budi", WORKER)
    for people, count in (([ani.pk, budi.pk], 3), ([budi.pk], 2), ([], 2)):
        set_on_board(unit, people=people, count=count, actor=actor("crew"))
        follow_jobs(actor=WORKER)
    assert found() == (["budi"], "")
    set_on_board(unit, people=[], count=0, actor=actor("crew"))
    follow_jobs(actor=WORKER)
    assert list(on_duty(clock.now())) == []


def test_without_a_roster_all_of_the_unit_are_alerted_and_the_gap_is_named(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("crew"))
    job()
    far.work()
    assert len(far.shown(person("crew"))) == 1
    assert Alert.objects.get().gap == "no_roster"
    assert not Alarm.objects.exists()


def test_without_any_crew_the_board_of_the_agency_is_left_and_silence_is_an_alarm(
    far: Far, actor: Actors, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("agency"))  # alerts are in use here, but not by this unit
    change_user(person("crew"), is_active=False, actor=WORKER)
    sent = job()
    far.work()
    assert states() == [("board", "queued")]
    assert Alert.objects.get().gap == "nobody"
    alarm = Alarm.objects.get(code="unreached")
    assert (alarm.owner, alarm.subject) == ("dispatcher", f"assignment:{sent.pk}")
    assert Assignment.objects.filter(incident=sent.incident, state="proposed").exists()


def test_a_board_that_somebody_looks_at_is_no_silence(
    far: Far,
    browser_of: Callable[[str | None], Client],
    person: Callable[[str], User],
    job: Callable[[], Assignment],
) -> None:
    change_user(person("crew"), is_active=False, actor=WORKER)
    agency = browser_of("agency")
    assert agency.get("/agency").status_code == 200
    job()
    far.work()
    assert not Alarm.objects.filter(code="unreached").exists()
    agency.get("/agency/rows")
    assert states() == [("board", "delivered")]


def test_the_agency_s_officers_on_duty_are_told_where_no_crew_is(
    far: Far, actor: Actors, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    change_user(person("crew"), is_active=False, actor=WORKER)
    far.phone_of(person("agency"))
    roster(person("agency"), actor("agency"), unit="")
    job()
    far.work()
    assert len(far.shown(person("agency"))) == 1
    assert far.shown(person("agency"))[0]["url"] == "/agency"


def test_a_city_that_alerts_nobody_this_way_is_not_flooded_with_alarms(
    far: Far, job: Callable[[], Assignment]
) -> None:
    job()
    far.work()
    assert Alert.objects.get().gap == "not_set_up"
    assert not Alarm.objects.exists()


def test_an_agency_rosters_its_own_people_only(
    actor: Actors, person: Callable[[str], User]
) -> None:
    own, now = crew("ani", WORKER), clock.now()
    fire = crew("dedi", WORKER, unit=_of_another_agency())
    hours = {"starts_at": now, "ends_at": now + timedelta(hours=8)}
    for someone, unit in ((fire, "AMB-01"), (own, _of_another_agency())):
        with pytest.raises(Forbidden):
            enter_duty(someone.pk, call_sign=unit, **hours, actor=actor("agency"))
    with pytest.raises(Forbidden):
        enter_duty(own.pk, call_sign="AMB-01", **hours, actor=actor("crew"))
    first = enter_duty(own.pk, call_sign="AMB-01", **hours, actor=actor("agency"))
    assert enter_duty(own.pk, call_sign="AMB-01", **hours, actor=actor("agency")) == first


@pytest.mark.parametrize(
    ("starts", "ends"), [(0, 0), (2, 1), (-3, -1), (0, 49), (24 * 63, 24 * 63 + 1)]
)
def test_a_duty_has_a_possible_time(starts: int, ends: int, actor: Actors) -> None:
    ani, now = crew("ani", WORKER), clock.now()
    with pytest.raises(Invalid):
        enter_duty(
            ani.pk,
            call_sign="AMB-01",
            starts_at=now + timedelta(hours=starts),
            ends_at=now + timedelta(hours=ends),
            actor=actor("agency"),
        )


def test_what_has_begun_is_ended_and_what_has_not_is_taken_out(actor: Actors) -> None:
    ani, now = crew("ani", WORKER), clock.now()
    begun = roster(ani, actor("agency"))
    later = enter_duty(
        ani.pk,
        call_sign="AMB-01",
        starts_at=now + timedelta(hours=9),
        ends_at=now + timedelta(hours=10),
        actor=actor("agency"),
    )
    with pytest.raises(Refused):
        remove_duty(begun.pk, actor=actor("agency"))
    with pytest.raises(Refused):
        end_duty(later.pk, actor=actor("agency"))
    remove_duty(later.pk, actor=actor("agency"))
    assert list(Duty.objects.all()) == [begun]


def test_a_job_that_is_answered_before_it_is_read_alerts_nobody(
    far: Far, actor: Actors, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    from sigap.dispatch.actions import step

    far.phone_of(person("crew"))
    step(job().pk, "acknowledge", source="crew", actor=actor("crew"))
    assert follow_jobs(actor=WORKER) > 0
    assert not Alert.objects.exists()


def test_reading_the_journal_again_alerts_nobody_twice(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    from sigap.notify.models import Cursor

    far.phone_of(person("crew"))
    before = Cursor.objects.get().seq
    job()
    far.work()
    Cursor.objects.update(seq=before)
    far.work()
    assert len(far.shown(person("crew"))) == 1


def test_a_crew_in_need_itself_is_told_to_its_colleagues_until_it_is_over(
    far: Far, actor: Actors, browser_of: Callable[[str | None], Client]
) -> None:
    unit = Unit.objects.get(call_sign="AMB-01")
    here, near, off = (
        crew("ani", WORKER),
        crew("budi", WORKER, unit="AMB-02"),
        crew("candra", WORKER, unit="AMB-03"),
    )
    for one in (here, near, off):
        far.phone_of(one)
    roster(here, actor("agency")), roster(near, actor("agency"), unit="AMB-02")
    station = browser_of("agency")
    station.get("/station/rows")
    raise_alarm("mayday", unit, owner="dispatcher", actor=actor("crew"), urgency=1)
    far.work()
    assert [len(far.shown(one)) for one in (here, near, off)] == [0, 1, 0]
    assert far.shown(near)[0]["urgent"]
    (shown,) = station.get("/station/rows").json()["jobs"]
    assert (shown["unit"], shown["urgency"], shown["test"]) == ("AMB-01", 1, False)
    finish_alarm("mayday", unit, actor=actor("crew"))
    far.work()
    assert station.get("/station/rows").json()["jobs"] == []
    assert not Alert.objects.get().stands


def test_a_screen_needs_a_unit_or_an_agency(actor: Actors) -> None:
    with pytest.raises(Invalid):
        note_screen("station", actor=actor("dispatcher"))


def _of_another_agency() -> str:
    return str(Unit.objects.exclude(agency__code="psc119").values_list("call_sign", flat=True)[0])
