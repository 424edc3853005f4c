"""A report that tells of danger: somebody at the desk knows at once, whatever its way in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.complaints import actions as complaints
from sigap.complaints.models import Complaint
from sigap.core.actors import Actor, system
from sigap.core.models import Alarm

WEB = system("web")
FIRE = "Tolong ada kebakaran rumah di gang sebelah"
Who = Callable[[str], Actor]
Browse = Callable[[str | None], Client]


def filed(body: str = FIRE, **more: Any) -> Complaint:
    """What a citizen reports."""
    return complaints.file_complaint(**({"channel": "web", "body": body, "actor": WEB} | more))


def alarm(complaint: Complaint) -> Alarm:
    """The alarm about it."""
    return Alarm.objects.get(code="danger", subject=f"complaint:{complaint.pk}")


@pytest.mark.parametrize("channel", ["web", "open311", "whatsapp"])
def test_a_report_of_danger_alarms_the_call_taker_and_is_marked(
    channel: str, browser_of: Browse
) -> None:
    complaint = filed(channel=channel)
    assert (alarm(complaint).owner, alarm(complaint).urgency) == ("call_taker", 1)
    desk = browser_of("call_taker")
    assert '<span class="chip strong">bahaya</span>' in desk.get("/complaints").content.decode()
    assert "Telepon balik" in desk.get(f"/complaints/{complaint.pk}").content.decode()


def test_what_is_added_or_contested_may_tell_of_danger_too(actor: Who) -> None:
    added = filed("Lampu jalan mati")
    complaints.add_words(added.pk, "Sekarang ada kebakaran rumah!", actor=WEB)
    assert alarm(added).state == "new" and Complaint.objects.get(pk=added.pk).danger
    contested = filed("Lampu jalan mati", category="pju")
    complaints.dispose_complaint(contested.pk, ["dishub"], actor=actor("call_taker"))
    complaints.answer_referral(
        contested.referrals.get().pk, answer="Sudah", actor=actor("supervisor")
    )
    complaints.approve_answer(contested.pk, actor=actor("call_taker"))
    complaints.contest_complaint(contested.pk, why="Kabelnya kebakaran, tolong!", actor=WEB)
    assert alarm(contested).state == "new"


def test_nobody_is_alarmed_by_what_a_colleague_wrote_down_or_by_a_figure_of_speech(
    actor: Who,
) -> None:
    filed(channel="desk", actor=actor("call_taker"))
    filed("Perempatan ini rawan kecelakaan")
    assert not Alarm.objects.filter(code="danger").exists()


def test_the_alarm_ends_when_a_person_decides_and_by_no_automatic_step(actor: Who) -> None:
    first = filed(number="081234567890")
    again = filed(number="081234567890")
    assert complaints.attach_repeats(actor=system("timer")) == 1
    assert {alarm(first).state, alarm(again).state} == {"new"}
    complaints.archive_complaint(first.pk, reason="abuse", actor=actor("call_taker"))
    assert alarm(first).state == "done" and alarm(again).state == "new"
