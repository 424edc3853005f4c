"""Anonim and rahasia on WhatsApp: said at any time, before, during and after a report."""

import pytest

from sigap.complaints.models import Complaint

from .chatting import Citizen

HERE = (-7.8185, 112.0155)
LAMP = "Lampu jalan mati di gang saya"


def confirming(siti: Citizen) -> str:
    """A report up to the question whether it is right; what was asked."""
    siti.says(LAMP)
    siti.taps("Penerangan")
    [right] = siti.sends_place(*HERE)
    return str(right["text"])


@pytest.mark.parametrize(
    ("said", "field"),
    [("anonim", "anonymous"), ("Rahasia!", "secret"), ("tanpa nama", "anonymous")],
)
def test_before_it_is_sent_a_word_hides_it(siti: Citizen, said: str, field: str) -> None:
    asked = confirming(siti)
    assert "ANONIM" in asked and "RAHASIA" in asked and "Sifat" not in asked
    [again] = siti.says(said)
    assert "Sifat: " in again["text"]
    siti.taps("✅")
    assert getattr(siti.report, field)
    siti.says("Sampah menumpuk di pasar")
    assert not getattr(siti.chat, field), "the next report is another matter"


def test_it_may_be_said_first_and_outlives_writing_the_report_again(siti: Citizen) -> None:
    [first] = siti.says("anonim")
    assert "disembunyikan" in first["text"]
    confirming(siti)
    siti.says("bukan")
    confirming(siti)
    siti.taps("✅")
    assert siti.report.anonymous and not siti.report.secret


def test_it_may_be_said_of_a_report_that_was_sent(siti: Citizen) -> None:
    confirming(siti)
    siti.taps("✅")
    assert not siti.report.anonymous
    [told] = siti.says("sembunyikan nama saya")
    assert "disembunyikan" in told["text"]
    assert siti.report.anonymous and Complaint.objects.count() == 1
    assert siti.chat.state == "idle"
