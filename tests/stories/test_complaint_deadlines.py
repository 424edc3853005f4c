"""What happens to complaints by the clock, by the numbers that the city sets; what is forgotten."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pydantic import SecretStr

from sigap.calls.retention import erase_expired
from sigap.complaints import actions as complaints
from sigap.complaints.files import KEPT, checked
from sigap.complaints.models import Complaint, Referral, Supporter
from sigap.complaints.retention import contacts_in_use, erase_old, remove_erased_files
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.personal import hold
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.models import Alarm, Contact, Journal, Text
from sigap.fleet.models import Agency
from sigap.incidents.actions import cancel_incident

from .proofs import proves

SETUP, WEB, TIMER = system("setup"), system("web"), system("timer")
WIB = ZoneInfo("Asia/Jakarta")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
Who = Callable[[str], Actor]
Put = Callable[[str, float], None]


def filed(**more: Any) -> Complaint:
    """A report about a street light."""
    told = {"channel": "web", "body": "Lampu jalan mati", "number": "081234567890"}
    return complaints.file_complaint(actor=WEB, **({"category": "pju"} | told | more))


def sent(actor: Who, **more: Any) -> Referral:
    """One that the agency has."""
    complaint = filed(**more)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    return Referral.objects.get(complaint=complaint)


def person(name: str, role: str) -> Actor:
    """Somebody of the agency."""
    told = {"name": name, "password": "kata sandi uji coba", "roles": [role], "agency": "dishub"}
    return of_user(create_user(name, actor=SETUP, **told))


def done(actor: Who) -> Complaint:
    """One that was answered and checked."""
    referral = sent(actor)
    complaints.answer_referral(referral.pk, answer="Diganti", actor=person("pju1", "agency"))
    return complaints.approve_answer(referral.complaint_id, actor=actor("supervisor"))


def day(at: datetime | None) -> str:
    """The last day of a deadline, as the city has it."""
    assert at is not None
    return (at - timedelta(seconds=1)).astimezone(WIB).strftime("%Y-%m-%d")


# The frozen clock begins on Monday, 2 November 2026, and no holiday falls into that month.


@proves("complaints.forward_days")
def test_a_report_is_with_an_agency_within_the_citys_days(put: Put) -> None:
    put("complaints.forward_days", 2)
    assert day(filed().forward_due_at) == "2026-11-04"


@proves("complaints.plan_days")
def test_an_agency_plans_within_the_citys_days(put: Put, actor: Who) -> None:
    put("complaints.plan_days", 5)
    assert day(sent(actor).plan_due_at) == "2026-11-09"


@proves("complaints.solve_days")
@proves("complaints.supervision_days")
@proves("complaints.information_days")
def test_each_class_is_answered_within_its_own_days(put: Put, actor: Who) -> None:
    put("complaints.solve_days", 3)
    put("complaints.supervision_days", 4)
    put("complaints.information_days", 1)
    complaint = sent(actor).complaint
    for kind, last in (
        ("complaint", "2026-11-05"),
        ("aspiration", "2026-11-05"),
        ("supervision", "2026-11-06"),
        ("information", "2026-11-03"),
    ):
        complaint = complaints.sort_complaint(
            complaint.pk, category="pju", complaint_class=kind, actor=actor("call_taker")
        )
        assert day(complaint.solve_due_at) == day(complaint.due_at) == last


@proves("complaints.reply_days")
def test_a_citizen_has_the_citys_days_to_reply(put: Put, actor: Who, time: clock.Frozen) -> None:
    put("complaints.reply_days", 2)
    complaint = done(actor)
    assert day(complaint.reply_due_at) == "2026-11-04"
    time.forward(2 * 86_400)
    assert complaints.close_unanswered(actor=TIMER) == 0
    time.forward(86_400)
    assert complaints.close_unanswered(actor=TIMER) == 1
    complaint.refresh_from_db()
    assert (complaint.state, complaint.score) == ("closed", None)


@proves("complaints.contest_days")
def test_a_contested_answer_is_mended_within_the_citys_days(put: Put, actor: Who) -> None:
    put("complaints.contest_days", 2)
    complaint = complaints.contest_complaint(done(actor).pk, why="masih mati", actor=WEB)
    assert day(complaint.solve_due_at) == "2026-11-04"
    [referral] = complaint.referrals.all()
    assert (referral.state, referral.due_at) == ("planned", complaint.solve_due_at)


@proves("complaints.leave_is_free")
def test_collective_leave_is_a_working_day_unless_the_city_wants_it_free(
    put: Put, time: clock.Frozen
) -> None:
    put("complaints.forward_days", 5)
    time.forward((datetime(2026, 12, 21, 2, tzinfo=WIB) - clock.now()).total_seconds())
    usual = day(filed().forward_due_at)
    put("complaints.leave_is_free", 1)
    assert day(filed().forward_due_at) > usual


@proves("complaints.remind_days")
def test_an_agency_is_reminded_once_before_the_deadline(
    put: Put, actor: Who, time: clock.Frozen
) -> None:
    put("complaints.plan_days", 5)
    put("complaints.remind_days", 1)
    referral = sent(actor)
    assert complaints.remind_agencies(actor=TIMER) == 0
    time.forward(5 * 86_400)  # Saturday: one working day is left
    assert complaints.remind_agencies(actor=TIMER) == 1
    assert complaints.remind_agencies(actor=TIMER) == 0
    referral.refresh_from_db()
    assert referral.reminded_at and Journal.objects.filter(kind="referral.reminded").count() == 1


@proves("complaints.ask_again_days")
def test_a_silent_citizen_is_asked_again_once(put: Put, actor: Who, time: clock.Frozen) -> None:
    put("complaints.ask_again_days", 2)
    complaint = filed()
    complaints.hold_complaint(
        complaint.pk, reason="details", question="Nomor tiang?", actor=actor("call_taker")
    )
    assert complaints.ask_citizens_again(actor=TIMER) == 0
    time.forward(2 * 86_400)
    assert complaints.ask_citizens_again(actor=TIMER) == 1
    assert complaints.ask_citizens_again(actor=TIMER) == 0


def test_what_is_late_goes_to_the_head_and_as_one_alarm_to_the_supervisor(
    actor: Who, time: clock.Frozen
) -> None:
    one, two = sent(actor), sent(actor, body="Lampu lain")
    time.forward(10 * 86_400)
    assert complaints.mind_deadlines(actor=TIMER) >= 3
    [alarm] = Alarm.objects.exclude(state="done")
    dishub = Agency.objects.get(code="dishub")
    assert (alarm.code, alarm.subject) == ("unplanned", f"agency:{dishub.pk}")
    head = person("kadis", "agency_head")
    with pytest.raises(Invalid):
        complaints.see_escalated(one.pk, note=" ", actor=head)
    seen = complaints.see_escalated(one.pk, note="Besok dikerjakan", actor=head)
    assert seen.seen_at
    with pytest.raises(Forbidden):
        complaints.see_escalated(two.pk, note="ya", actor=person("pju1", "agency"))
    for referral in (one, two):
        complaints.plan_referral(referral.pk, plan="Ganti lampu", actor=head)
    time.forward(20 * 86_400)
    complaints.alarm_deadlines(actor=TIMER)
    codes = set(Alarm.objects.exclude(state="done").values_list("code", flat=True))
    assert codes == {"unsolved"}, "planned in the end, but still not answered"


def test_what_is_not_late_is_not_put_before_the_head(actor: Who) -> None:
    referral = sent(actor)
    assert complaints.escalate_late(actor=TIMER) == 0
    with pytest.raises(Refused):
        complaints.see_escalated(referral.pk, note="ya", actor=person("kadis", "agency_head"))


def test_reports_that_wait_at_the_desk_are_one_alarm(time: clock.Frozen) -> None:
    for _ in range(3):
        filed()
    time.forward(10 * 86_400)
    assert complaints.alarm_deadlines(actor=TIMER) == 1
    assert complaints.alarm_deadlines(actor=TIMER) == 0


def test_no_agency_is_late_while_the_citizen_is_asked(actor: Who, time: clock.Frozen) -> None:
    referral = sent(actor)
    complaints.hold_complaint(referral.complaint_id, reason="details", actor=actor("call_taker"))
    time.forward(60 * 86_400)
    assert complaints.escalate_late(actor=TIMER) == 0
    assert complaints.alarm_deadlines(actor=TIMER) == 0
    complaints.answer_question(referral.complaint_id, "Tiang nomor 7", actor=WEB)
    referral.refresh_from_db()
    assert referral.due_at and referral.due_at > clock.now()


# --- what is forgotten -----------------------------------------------------------------


def closed(actor: Who) -> Complaint:
    """One with a photo and a supporter, that the citizen has confirmed."""
    complaint = done(actor)
    file = checked(PNG)
    complaints.attach_file(complaint.pk, file, complaints.store(file), actor=WEB)
    complaints.add_supporter(complaint.pk, "key", actor=WEB)
    return complaints.confirm_complaint(complaint.pk, score=5, actor=WEB)


def test_nothing_is_forgotten_of_a_complaint_that_is_young_or_open(
    actor: Who, time: clock.Frozen
) -> None:
    closed(actor)
    time.forward(1800 * 86_400)
    filed(number="081200000001")
    assert sum(erase_old(actor=TIMER).values()) == 0
    assert erase_expired(actor=TIMER, others=contacts_in_use())["contact"] == 0


def test_after_its_period_words_number_photo_and_place_are_forgotten(
    actor: Who, time: clock.Frozen
) -> None:
    complaint = closed(actor)
    [photo] = complaint.attachments.all()
    time.forward(1826 * 86_400)
    assert erase_expired(actor=TIMER, others=contacts_in_use())["contact"] == 1
    gone = erase_old(actor=TIMER)
    assert (gone["attachment"], gone["supporter"]) == (1, 1) and gone["complaint_text"] >= 2
    assert not Text.objects.filter(subject=f"complaint:{complaint.pk}").exclude(body="").exists()
    assert not Supporter.objects.exists() and Contact.objects.get().number == ""
    assert remove_erased_files() == 1
    assert photo.name not in dict(KEPT.kept())
    assert sum(erase_old(actor=TIMER).values()) == 0


def test_what_was_joined_or_became_an_incident_is_forgotten_with_it(
    actor: Who, time: clock.Frozen
) -> None:
    desk, dispatcher = actor("call_taker"), actor("supervisor")
    main = done(actor)
    joined, promoted, waiting = filed(), filed(), filed()
    # Joined while the other one was still worked on.
    other = filed()
    complaints.attach_complaint(joined.pk, other.pk, actor=desk)
    complaints.archive_complaint(other.pk, reason="spam", actor=desk)
    incident = complaints.promote_complaint(promoted.pk, type_code="lainnya", actor=desk)
    going_on = complaints.promote_complaint(waiting.pk, type_code="lainnya", actor=desk)
    cancel_incident(incident.pk, reason="duplicate", actor=dispatcher)
    complaints.confirm_complaint(main.pk, actor=WEB)
    time.forward(1826 * 86_400)
    erase_old(actor=TIMER)
    for gone in (main, joined, other, promoted):
        assert not Text.objects.filter(subject=f"complaint:{gone.pk}").exclude(body="").exists()
    assert Text.objects.filter(subject=f"complaint:{waiting.pk}").exclude(body="").exists()
    assert going_on.state == "open"
    assert sum(erase_old(actor=TIMER).values()) == 0


def test_the_period_begins_when_it_ended(actor: Who, time: clock.Frozen) -> None:
    complaint = done(actor)
    time.forward(1800 * 86_400)
    complaints.confirm_complaint(complaint.pk, actor=WEB)
    time.forward(100 * 86_400)
    assert sum(erase_old(actor=TIMER).values()) == 0
    assert erase_expired(actor=TIMER, others=contacts_in_use())["contact"] == 0


def test_what_is_said_after_all_was_forgotten_is_forgotten_too(
    actor: Who, time: clock.Frozen
) -> None:
    complaint = closed(actor)
    time.forward(1826 * 86_400)
    erase_old(actor=TIMER)
    complaints.add_words(complaint.pk, "Saya Kenari, lampunya mati lagi", actor=WEB)
    assert erase_old(actor=TIMER)["complaint_text"] == 1


def test_what_is_tied_to_a_legal_case_stays(actor: Who, time: clock.Frozen) -> None:
    complaint = closed(actor)
    assert complaint.reporter is not None
    hold(complaint.reporter, "court", actor=actor("supervisor"))
    time.forward(4000 * 86_400)
    assert erase_old(actor=TIMER)["complaint_text"] == 0
    assert erase_expired(actor=TIMER, others=contacts_in_use())["contact"] == 0


def test_a_file_that_nothing_notes_may_still_be_in_a_form() -> None:
    name = complaints.store(checked(PNG))
    assert remove_erased_files() == 0 and name in dict(KEPT.kept())


def test_links_lead_to_where_citizens_reach_the_site(settings: Any, client: Client) -> None:
    from sigap.complaints.queries import link_to

    settings.ENV = settings.ENV.model_copy(update={"public_url": "https://lapor.example"})
    complaint = filed()
    assert link_to(complaint) == f"https://lapor.example/lacak/{complaint.token}"


def test_files_are_checked_and_encrypted_anew_on_the_command_line(settings: Any) -> None:
    from click.testing import CliRunner

    from sigap.complaints.files_cli import attachments_group

    complaint, file = filed(), checked(PNG)
    kept = complaints.attach_file(complaint.pk, file, complaints.store(file), actor=WEB)
    first = settings.ENV.model_copy(update={"recording_key": SecretStr("b" * 40)})
    first = first.model_copy(update={"recording_old_keys": [settings.ENV.recording_keys()[0]]})
    settings.ENV = first.model_copy(
        update={"recording_old_keys": [SecretStr(k) for k in first.recording_old_keys]}
    )
    run = CliRunner().invoke
    assert "1 files" in run(attachments_group, ["rekey"]).output
    settings.ENV = settings.ENV.model_copy(update={"recording_old_keys": []})
    assert "1 files are sound" in run(attachments_group, ["verify"]).output
    dict(KEPT.kept())[kept.name].write_bytes(b"changed")
    assert run(attachments_group, ["verify"]).exit_code == 1
