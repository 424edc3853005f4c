"""What a crew's phone kept while it had no network arrives once, in order, with its own time."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.alarms import acknowledge_alarm, repeat_alarms
from sigap.core.actors import Actor, system
from sigap.core.models import Alarm, Journal, Text, User
from sigap.dispatch.actions import cancel_assignment, send_units, set_duty
from sigap.dispatch.field.models import CrewAct, FieldReport, OnBoard
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Equipment, EquipmentCheck, Hospital, Unit
from sigap.incidents.actions import open_incident

Who = Callable[[str], Actor]
SETUP = system("setup")
_names = count(1)


class Phone:
    """A crew's phone: keeps what is pressed and sends it when it can."""

    def __init__(self, browser: Client, user: int, unit: str = "AMB-01") -> None:
        self.browser, self.user, self.unit = browser, user, unit
        self.outbox: list[dict[str, Any]] = []
        self.wrong_s = 0.0  # how far its clock is off
        self.offset_ms: int | None = 0  # what it has measured of that

    def now_ms(self) -> int:
        return round((clock.now() + timedelta(seconds=self.wrong_s)).timestamp() * 1000)

    def press(self, name: str, **data: Any) -> str:
        act: dict[str, Any] = {"id": f"press-{next(_names):06}", "name": name, "data": data}
        act |= {"user": self.user, "unit": self.unit}
        self.outbox.append(act | {"phone_ms": self.now_ms(), "offset_ms": self.offset_ms})
        return str(act["id"])

    def send(self, *acts: dict[str, Any]) -> list[tuple[str, str]]:
        """Send all that waits, or these; what became of each, with the code of a refusal."""
        told = {"sent_ms": self.now_ms(), "acts": list(acts) or self.outbox}
        answer = self.browser.post("/crew/acts", told, content_type="application/json")
        assert answer.status_code == 200, answer.content
        self.said = answer.json()
        return [(one["outcome"], one.get("code", "")) for one in self.said["answers"]]


@pytest.fixture
def phone(browser_of: Callable[[str | None], Client], person: Callable[[str], User]) -> Phone:
    """The phone of AMB-01."""
    return Phone(browser_of("crew"), person("crew").pk)


@pytest.fixture
def mate(browser_of: Callable[[str | None], Client]) -> Phone:
    """A second phone on board, of somebody else."""
    user = create_user(
        "mate",
        name="Rekan",
        password="kata sandi uji coba",
        roles=["crew"],
        unit="AMB-01",
        actor=SETUP,
        must_change_password=False,
    )
    return Phone(browser_of("mate"), user.pk)


@pytest.fixture
def job(actor: Who) -> Callable[..., Assignment]:
    """Send a unit to a new incident."""

    def send(unit: str = "AMB-01", *, second: bool = False) -> Assignment:
        incident = open_incident("kecelakaan_lalin", actor=actor("dispatcher"), lat=-7.8, lng=112.0)
        return send_units(
            incident.pk, [unit], confirmed=second, choice="radio", actor=actor("dispatcher")
        )[0]

    return send


def times(assignment: Assignment) -> list[tuple[str, int, str]]:
    """The states that were reached, how many seconds after the notification, on whose word."""
    rows = list(assignment.times.order_by("occurred_at", "id"))
    began = rows[0].occurred_at
    return [(t.state, round((t.occurred_at - began).total_seconds()), t.source) for t in rows]


def test_a_whole_job_pressed_without_a_network_arrives_with_its_own_times(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    assignment = job()
    for command in ("acknowledge", "depart", "arrive", "complete"):
        time.forward(60)
        phone.press("step", assignment=assignment.pk, command=command)
    time.forward(900)
    assert phone.send() == [("done", "")] * 4
    assert times(assignment) == [
        ("notified", 0, "dispatcher"),
        ("acknowledged", 60, "crew"),
        ("en_route", 120, "crew"),
        ("on_scene", 180, "crew"),
        ("completed", 240, "crew"),
    ]
    assert phone.said["state"]["jobs"] == []


def test_a_repeat_of_a_batch_is_answered_as_before_and_does_nothing(
    phone: Phone, job: Callable[..., Assignment], journal: Callable[[], list[str]]
) -> None:
    """The answer was lost on the way, and meanwhile the dispatcher called the unit back."""
    assignment = job()
    phone.press("step", assignment=assignment.pk, command="acknowledge")
    phone.press("step", assignment=assignment.pk, command="reach")
    phone.press("note", assignment=assignment.pk, text="Jalan tertutup")
    first = phone.send()
    assert first == [("done", ""), ("refused", "refused"), ("done", "")]
    before = journal()
    assert phone.send() == first
    assert journal() == before
    assert Text.objects.filter(field="note", body="Jalan tertutup").count() == 1
    refused = phone.said["answers"][1]["message"]
    assert refused  # in words
    assert CrewAct.objects.count() == 3


@pytest.mark.parametrize("hours", [-30, -7, 5, 26])
def test_a_clock_that_is_hours_off_is_corrected_by_what_the_phone_measured(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen, hours: int
) -> None:
    assignment = job()
    phone.wrong_s, phone.offset_ms = hours * 3600, -hours * 3_600_000
    time.forward(90)
    key = phone.press("step", assignment=assignment.pk, command="depart")
    time.forward(600)
    assert phone.send() == [("done", "")]
    assert times(assignment)[1] == ("en_route", 90, "crew")
    row = CrewAct.objects.get(external_id=key)
    assert (row.clock, row.offset_ms) == ("corrected", -hours * 3_600_000)
    assert row.phone_ms == round((clock.now().timestamp() - 600 + hours * 3600) * 1000)


def test_a_phone_that_never_measured_its_clock_is_corrected_by_that_of_its_sending(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    assignment = job()
    phone.wrong_s, phone.offset_ms = 5 * 3600, None
    time.forward(90)
    phone.press("step", assignment=assignment.pk, command="depart")
    time.forward(600)
    assert phone.send() == [("done", "")]
    assert times(assignment)[1] == ("en_route", 90, "crew")


def test_a_clock_that_cannot_be_right_loses_no_step_and_vouches_for_no_time(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    """The battery was dead: the phone believes that it is 1970, or a day before the call."""
    assignment = job()
    time.forward(300)
    phone.press("step", assignment=assignment.pk, command="acknowledge")
    phone.outbox[-1] |= {"phone_ms": 12_000, "offset_ms": 0}
    phone.press("step", assignment=assignment.pk, command="depart")
    phone.outbox[-1]["phone_ms"] -= 86_400_000
    phone.press("step", assignment=assignment.pk, command="arrive")
    phone.outbox[-1]["phone_ms"] += 86_400_000
    phone.press("note", assignment=assignment.pk, text="Sampai")
    phone.outbox[-1]["phone_ms"] = 10**15
    assert phone.send() == [("done", "")] * 4
    assert times(assignment)[1:] == [
        ("acknowledged", 300, "derived"),
        ("en_route", 300, "derived"),
        ("on_scene", 300, "derived"),
    ]


def test_a_press_that_arrives_after_what_follows_it_still_tells_its_time(
    phone: Phone, mate: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    assignment = job()
    time.forward(60)
    phone.press("step", assignment=assignment.pk, command="depart")
    time.forward(60)
    mate.press("step", assignment=assignment.pk, command="arrive")
    time.forward(10)
    phone.press("step", assignment=assignment.pk, command="arrive")
    assert mate.send() == [("done", "")]
    assert phone.send() == [("done", ""), ("already", "")]
    assignment.refresh_from_db()
    assert assignment.state == "on_scene"
    assert [t[:2] for t in times(assignment)] == [
        ("notified", 0),
        ("en_route", 60),
        ("on_scene", 120),
    ]


def test_two_phones_on_one_unit_end_alike_whichever_is_heard_first(
    phone: Phone, mate: Phone, time: clock.Frozen
) -> None:
    """One ends the duty, the other begins it later; then one takes the unit out of service."""
    unit = Unit.objects.get(call_sign="AMB-01")
    for first, second in ((phone, mate), (mate, phone)):
        for one in (phone, mate):
            one.outbox.clear()
        time.forward(60)
        phone.press("duty", on_duty=False)
        phone.press("readiness", readiness="limited", reason="damaged")
        time.forward(60)
        mate.press("duty", on_duty=True)
        mate.press("readiness", readiness="ready")
        first.send()
        second.send()
        unit.refresh_from_db()
        assert (unit.on_duty, unit.readiness) == (True, "ready")
    time.forward(60)
    late = phone.press("availability", command="withdraw", reason="refuelling")
    time.forward(60)
    mate.press("availability", command="withdraw", reason="damaged")
    time.forward(60)
    mate.press("availability", command="return")
    mate.send(*mate.outbox[-2:])
    assert phone.send(phone.outbox[-1]) == [("refused", "overtaken")]
    unit.refresh_from_db()
    assert unit.state == "available"
    assert CrewAct.objects.get(external_id=late).message


def test_what_the_dispatcher_set_later_stands(phone: Phone, time: clock.Frozen, actor: Who) -> None:
    phone.press("duty", on_duty=False)
    time.forward(60)
    set_duty("AMB-01", on_duty=False, actor=actor("dispatcher"))
    set_duty("AMB-01", on_duty=True, actor=actor("dispatcher"))
    assert phone.send() == [("refused", "overtaken")]
    assert Unit.objects.get(call_sign="AMB-01").on_duty


def test_a_job_taken_away_meanwhile_keeps_what_was_done_and_refuses_the_rest(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen, actor: Who
) -> None:
    assignment = job()
    time.forward(60)
    phone.press("step", assignment=assignment.pk, command="depart")
    time.forward(60)
    cancel_assignment(assignment.pk, reason="closer_unit", actor=actor("dispatcher"))
    time.forward(60)
    phone.press("step", assignment=assignment.pk, command="arrive")
    phone.press("note", assignment=assignment.pk, text="Kami sudah di lokasi")
    assert phone.send() == [("done", ""), ("refused", "refused"), ("done", "")]
    assignment.refresh_from_db()
    assert assignment.state == "cancelled"
    assert ("en_route", 60, "crew") in times(assignment)


def test_only_the_own_units_jobs_can_be_acted_on(
    phone: Phone, job: Callable[..., Assignment]
) -> None:
    other = job("AMB-02")
    phone.press("step", assignment=other.pk, command="acknowledge")
    phone.press("photo", assignment=other.pk, size=10, sha256="0" * 64)
    phone.unit = "AMB-02"
    phone.press("duty", on_duty=False)
    assert phone.send() == [("refused", "missing"), ("refused", "missing"), ("refused", "unit")]
    other.refresh_from_db()
    assert other.state == "notified"
    assert Unit.objects.get(call_sign="AMB-02").on_duty


def test_an_act_belongs_to_the_account_that_pressed_it(
    phone: Phone, mate: Phone, job: Callable[..., Assignment]
) -> None:
    """Somebody else signed in on the phone: what the first one pressed stays there."""
    assignment = job()
    phone.press("step", assignment=assignment.pk, command="acknowledge")
    assert mate.send(*phone.outbox) == [("waiting", "account")]
    assert not CrewAct.objects.exists()
    assert phone.send() == [("done", "")]


def test_nobody_sends_without_being_signed_in(
    phone: Phone, browser_of: Callable[[str | None], Client]
) -> None:
    phone.press("duty", on_duty=False)
    answer = browser_of(None).post(
        "/crew/acts",
        {"acts": phone.outbox},
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 401
    assert phone.send() == [("done", "")]


def test_one_that_cannot_be_understood_does_not_hold_up_the_others(
    phone: Phone, job: Callable[..., Assignment]
) -> None:
    assignment = job()
    phone.press("step", assignment=assignment.pk, command="fly")
    phone.press("dance")
    phone.press("note", assignment=assignment.pk, text="x" * 5000)
    phone.press("step", assignment="none", command="depart")
    phone.press("duty", on_duty="perhaps")
    phone.press("mayday", lat=99, lng=0)
    phone.press("step", assignment=10**30, command="depart")
    phone.press("dance\0")
    phone.press("form", assignment=assignment.pk, form="action", counts={"x\0": 1})
    phone.press("form", assignment=assignment.pk, form="action", counts={"cpr": 10**30})
    phone.press("aboard", people=[10**30], count=1)
    phone.press("step", assignment=assignment.pk, command="decline", reason="\0")
    phone.press("photo", assignment=assignment.pk, size=10**30, sha256="0" * 64)
    phone.outbox += [{"id": "x"}, {"id": "press-without-more"}, {}]
    phone.press("step", assignment=assignment.pk, command="acknowledge")
    said = phone.send()
    assert [outcome for outcome, _code in said] == ["refused"] * 16 + ["done"]
    assert all(one.get("message") for one in phone.said["answers"][:16])


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"acts": 3}', '{"acts": [1]}', json.dumps({"acts": [{}] * 101})]
)
def test_a_batch_that_is_none_is_refused(phone: Phone, body: str) -> None:
    answer = phone.browser.post("/crew/acts", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_call_for_help_rings_at_the_dispatchers_and_the_crew_sees_who_heard(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen, actor: Who
) -> None:
    assignment = job()
    case = f"incident:{assignment.incident_id}"
    time.forward(60)
    phone.press("mayday", lat=-7.81, lng=112.01, accuracy_m=15, age_s=20)
    time.forward(120)
    assert phone.send() == [("done", "")]
    alarm = Alarm.objects.get(code="mayday")
    assert (alarm.owner, alarm.urgency, alarm.state, alarm.case) == ("dispatcher", 1, "new", case)
    unit = Unit.objects.get(call_sign="AMB-01")
    assert (unit.lat, unit.lng) == (-7.81, 112.01)
    assert unit.position_at == clock.now() - timedelta(seconds=140)
    row = Journal.objects.get(kind="unit.mayday")
    assert (row.case, row.occurred_at) == (case, clock.now() - timedelta(seconds=120))
    assert phone.said["state"]["mayday"]["heard_at"] is None

    acknowledge_alarm(alarm.pk, actor=actor("dispatcher"))
    mayday = phone.browser.get("/crew/state").json()["state"]["mayday"]
    assert mayday["heard_at"] == round(clock.now().timestamp() * 1000)
    time.forward(3600)
    repeat_alarms(actor=SETUP)  # it sounds again in the room; the crew was heard all the same
    assert phone.browser.get("/crew/state").json()["state"]["mayday"] == mayday

    phone.outbox.clear()
    phone.press("mayday")
    phone.press("mayday_over", reason="nonsense")
    phone.press("mayday_over", reason="by_accident")
    phone.press("mayday_over", reason="by_accident")
    said = phone.send()
    assert said == [("already", ""), ("refused", "reason"), ("done", ""), ("refused", "over")]
    alarm.refresh_from_db()
    assert alarm.state == "done"
    assert Journal.objects.filter(kind="unit.mayday_over", case=case).count() == 1
    assert phone.said["state"]["mayday"] is None


def test_help_is_called_for_without_a_job_and_without_a_position_too(phone: Phone) -> None:
    phone.press("mayday")
    assert phone.send() == [("done", "")]
    assert Alarm.objects.get(code="mayday").case == ""


def test_the_crew_asks_for_the_caller_and_sees_no_number(
    phone: Phone, job: Callable[..., Assignment], actor: Who
) -> None:
    assignment = job()
    phone.press("caller", assignment=assignment.pk)
    phone.press("caller", assignment=assignment.pk)
    assert phone.send() == [("done", ""), ("already", "")]
    alarm = Alarm.objects.get(code="wants_caller")
    assert (alarm.owner, alarm.case) == ("call_taker", f"incident:{assignment.incident_id}")
    acknowledge_alarm(alarm.pk, actor=actor("call_taker"))
    state = phone.browser.get("/crew/state").json()["state"]
    assert state["jobs"][0]["caller"]["heard_at"]
    assert state["room"]["number"]


def test_the_forms_keep_numbers_and_words_apart(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    assignment = job()
    told = clock.now()
    pair: dict[str, Any] = {"counts": {"red": 1, "green": 2, "black": 0}}
    pair["words"] = "Ke RS Baptis: Bu Kenari"
    phone.press("form", assignment=assignment.pk, form="patients", **pair)
    phone.press("form", assignment=assignment.pk, form="action", counts={"cpr": 1})
    phone.press("form", assignment=assignment.pk, form="materials", words="Semua perban")
    phone.press("form", assignment=assignment.pk, form="materials")
    phone.press("form", assignment=assignment.pk, form="action", counts={"magic": 1})
    phone.press("form", assignment=assignment.pk, form="patients", counts={"red": -1})
    phone.press("form", assignment=assignment.pk, form="poems", words="x")
    time.forward(900)
    said = phone.send()
    assert [one for one, _code in said] == ["done"] * 3 + ["refused"] * 4
    report = FieldReport.objects.order_by("id")[0]
    assert (report.counts, report.occurred_at) == ({"red": 1, "green": 2}, told)
    assert report.words and report.words.subject == f"incident:{assignment.incident_id}"
    row = Journal.objects.filter(kind="field.report").order_by("seq")[0]
    assert row.body["counts"] == {"red": 1, "green": 2}
    assert "Kenari" not in json.dumps(row.body)


def test_the_hospital_comes_with_the_step_and_may_be_another_later(
    phone: Phone, job: Callable[..., Assignment], time: clock.Frozen
) -> None:
    first, second = Hospital.objects.order_by("pk")[:2]
    assignment = job()
    for command in ("depart", "arrive"):
        phone.press("step", assignment=assignment.pk, command=command)
    phone.press("step", assignment=assignment.pk, command="transport", destination=first.code)
    phone.press("destination", assignment=assignment.pk, destination=second.code)
    phone.press("destination", assignment=assignment.pk, destination="nowhere")
    assert phone.send() == [("done", "")] * 4 + [("refused", "missing")]
    assignment.refresh_from_db()
    assert (assignment.state, assignment.destination) == ("to_destination", second)
    [told] = phone.browser.get("/crew/state").json()["state"]["jobs"]
    assert told["destination"]["code"] == second.code and len(told["destinations"]) > 1


def test_a_sheet_of_checks_counts_once_with_the_time_of_its_ticking(
    phone: Phone, time: clock.Frozen
) -> None:
    pieces = list(Equipment.objects.filter(unit__call_sign="AMB-01").values_list("pk", flat=True))
    ticked = {f"result-{pk}": "passed" for pk in pieces} | {"note": "Lengkap"}
    at = clock.now()
    phone.press("check", sheet=ticked)
    phone.press("check", sheet={f"result-{pieces[0]}": "passed"})
    time.forward(3600)
    assert phone.send() == [("done", ""), ("refused", "unconfirmed")]
    assert phone.send()[0] == ("done", "")
    checks = EquipmentCheck.objects.all()
    assert checks.count() == len(pieces)
    assert set(checks.values_list("occurred_at", "source")) == {(at, "crew")}


def test_a_shift_begins_with_who_is_on_board(phone: Phone, mate: Phone) -> None:
    people = [phone.user, mate.user]
    assert phone.browser.get("/crew/state").json()["state"]["colleagues"]
    phone.press("aboard", people=people, count=3)
    phone.press("duty", on_duty=True)
    phone.press("aboard", people=[1], count=1)  # the administrator rides with nobody
    phone.press("aboard", people=people, count=1)
    said = phone.send()
    assert [one for one, _code in said] == ["done", "done", "refused", "refused"]
    assert phone.said["state"]["aboard"] == {"people": sorted(people), "count": 3}
    assert Journal.objects.get(kind="unit.on_board").body["users"] == sorted(people)


def test_nobody_is_on_board_any_more(phone: Phone, time: clock.Frozen) -> None:
    phone.press("aboard", people=[phone.user], count=2)
    time.forward(3600)
    phone.press("aboard", people=[], count=0)
    phone.send()
    assert phone.said["state"]["aboard"] is None
    assert not OnBoard.objects.filter(until=None).exists()


def test_without_a_script_the_same_is_pressed_in_plain_forms(
    phone: Phone, job: Callable[..., Assignment]
) -> None:
    assignment = job()
    page = phone.browser.get("/crew").content.decode()
    assert 'action="/crew/act/mayday"' in page
    sent = {"external_id": "press-plain-1", "assignment": assignment.pk, "form": "patients"}
    for _twice in range(2):
        answer = phone.browser.post("/crew/act/form", sent | {"n.red": "2", "n.green": ""})
        assert (answer.status_code, answer["Location"]) == (302, "/crew")
    assert [r.counts for r in FieldReport.objects.all()] == [{"red": 2}]
    assert (
        phone.browser.post("/crew/act/mayday", {"external_id": "press-plain-2"}).status_code == 302
    )
    assert 'action="/crew/act/mayday_over"' in phone.browser.get("/crew").content.decode()
    over = {"external_id": "press-plain-3", "reason": "nonsense"}
    assert phone.browser.post("/crew/act/mayday_over", over).status_code == 409
    assert phone.browser.post("/crew/act/mayday", {}).status_code == 400


def test_what_the_phone_keeps_to_open_by_holds_nothing_of_a_job(
    phone: Phone, job: Callable[..., Assignment], actor: Who
) -> None:
    incident = open_incident("kecelakaan_lalin", actor=actor("dispatcher"), address="Jl. Mawar 9")
    send_units(incident.pk, ["AMB-01"], choice="radio", actor=actor("dispatcher"))
    shell = phone.browser.get("/crew/shell").content.decode()
    assert "Jl. Mawar" in phone.browser.get("/crew").content.decode()
    assert "Jl. Mawar" not in shell
    named = ("store", "outbox", "view", "dom", "render", "device", "photo", "crew")
    assert all(f"/static/crew/{name}.js" in shell for name in named)


def test_the_page_can_be_kept_as_an_app(browser_of: Callable[[str | None], Client]) -> None:
    stranger = browser_of(None)
    manifest = stranger.get("/crew/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert (manifest.json()["start_url"], manifest.json()["display"]) == ("/crew", "standalone")
    worker = stranger.get("/crew/sw.js")
    assert worker["Service-Worker-Allowed"] == "/crew"
    assert b"showNotification" in b"".join(worker.streaming_content)  # type: ignore[attr-defined]
