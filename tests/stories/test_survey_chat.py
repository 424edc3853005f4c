"""The caller of 112 is asked on WhatsApp how it was, and answers there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage, Conversation
from sigap.complaints.models import Complaint
from sigap.complaints.retention import erase_old
from sigap.complaints.sorting import forget
from sigap.complaints.survey.actions import ask_survey, miss_survey
from sigap.complaints.survey.models import CaseSurvey, FollowUp
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Refused
from sigap.core.models import Contact, Journal
from sigap.evaluation.period import last_days
from sigap.evaluation.survey import case_survey
from sigap.incidents.actions import close_incident
from sigap.incidents.models import Incident

from .chatting import Citizen, news
from .far_end import SURVEY, Meta, meta

DAY = 86_400
NUMBER = "081233451190"
Who = Callable[[str], Actor]
Ended = Callable[..., Incident]
Browse = Callable[[str | None], Client]


@pytest.fixture
def far(db: None) -> Iterator[Meta]:
    """Meta, on loopback."""
    forget()
    news()
    with meta() as end:
        yield end


@pytest.fixture
def ended(answered: Callable[..., Any], actor: Who) -> Ended:
    """An incident that somebody called about, and that is closed."""

    def case(number: str | None = NUMBER) -> Incident:
        call, taker = answered(number), actor("call_taker")
        incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
        calls.close_call(call.pk, "emergency", actor=taker)
        close_incident(incident.pk, disposition="handled", actor=actor("dispatcher"))
        return Incident.objects.get(pk=incident.pk)

    return case


@pytest.fixture
def asked(far: Meta, siti: Citizen, ended: Ended, actor: Who) -> CaseSurvey:
    """A caller whose telephone has the question."""
    far.phone_of(siti)
    survey = chats.ask_caller(ended().pk, actor=actor("call_taker"))
    assert far.send() == 1
    far.receipts()
    return survey


def again(survey: CaseSurvey) -> CaseSurvey:
    """As it is now."""
    return CaseSurvey.objects.get(pk=survey.pk)


def buttons(far: Meta, siti: Citizen) -> list[str]:
    """What the buttons of the template send back."""
    parts = far.phone_of(siti).inbox[-1]["template"]["components"]
    return [p["parameters"][0]["payload"] for p in parts if p["type"] == "button"]


# --- asking ----------------------------------------------------------------------------


def test_who_has_not_written_gets_the_approved_template_once(
    far: Meta, siti: Citizen, asked: CaseSurvey, actor: Who
) -> None:
    [sent] = far.phone_of(siti).inbox
    assert sent["type"] == "template" and sent["template"]["name"] == SURVEY
    assert sent["to"] == "6281233451190"
    body = sent["template"]["components"][0]["parameters"]
    day = asked.incident.began_at.astimezone().strftime("%Y")
    assert len(body) == 1 and body[0]["text"].endswith(day)
    assert buttons(far, siti) == [f"0:rate:{asked.pk}:{n}" for n in (5, 4, 3, 2, 1)]
    assert "lalin" not in str(sent) and "ecelakaan" not in str(sent)
    with pytest.raises(Refused):
        chats.ask_caller(asked.incident_id, actor=actor("call_taker"))
    assert far.send() == 0 and not far.far.refused
    row = Journal.objects.get(kind="survey.ask")
    assert row.body == {"channel": "whatsapp"} and "81233451190" not in str(row)


def test_who_is_writing_just_now_is_asked_by_an_ordinary_list(
    far: Meta, siti: Citizen, ended: Ended, actor: Who
) -> None:
    incident = ended()
    siti.says("terima kasih")
    far.wrote(siti)
    chats.ask_caller(incident.pk, actor=actor("call_taker"))
    far.send(), far.send()
    sent = far.phone_of(siti).inbox[-1]
    assert sent["type"] == "interactive" and sent["interactive"]["type"] == "list"
    assert Conversation.objects.count() == 1
    row = sent["interactive"]["action"]["sections"][0]["rows"][0]
    siti.taps_id(row["id"], row["title"])
    assert CaseSurvey.objects.get().score == 5


def test_many_are_asked_at_the_pace_of_the_number_and_none_waits_for_another(
    far: Meta, ended: Ended, browser_of: Browse, time: clock.Frozen
) -> None:
    people = [Citizen(f"62812334500{n:02}") for n in range(20)]
    for person in people:
        far.phone_of(person)
        ended(f"0{person.number[2:]}")
    desk = browser_of("call_taker")
    assert "20" in desk.get("/survey").content.decode()
    desk.post("/survey/write")
    desk.post("/survey/write")
    for _second in range(5):
        far.send()
        time.forward(1)
    assert [len(far.phone_of(person).inbox) for person in people] == [1] * 20
    assert not far.far.refused and CaseSurvey.objects.count() == 20


@pytest.mark.parametrize("number", ["0354771234", "119", None])
def test_only_a_mobile_number_can_be_asked_so(
    far: Meta, ended: Ended, actor: Who, number: str | None
) -> None:
    with pytest.raises(Refused):
        chats.ask_caller(ended(number).pk, actor=actor("call_taker"))
    assert not CaseSurvey.objects.exists() and not Conversation.objects.exists()


def test_only_who_takes_calls_may_ask(far: Meta, ended: Ended, actor: Who) -> None:
    with pytest.raises(Forbidden):
        chats.ask_caller(ended().pk, actor=actor("agency"))


@pytest.mark.parametrize("template", ["", SURVEY])
def test_where_it_is_not_set_up_the_screen_says_so_and_offers_the_call_back(
    ended: Ended, actor: Who, browser_of: Browse, template: str
) -> None:
    incident, desk = ended(), browser_of("call_taker")
    if template:  # but no number of the city's own
        page = desk.get("/survey").content.decode()
    else:
        with meta(survey=""):
            page = desk.get("/survey").content.decode()
            assert "SIGAP_WHATSAPP_SURVEY_TEMPLATE" in page
            with pytest.raises(Refused):
                chats.ask_caller(incident.pk, actor=actor("call_taker"))
    assert 'class="notice"' in page and "/write" not in page
    assert f"/survey/incidents/{incident.pk}/ask" in page
    refused = desk.post(f"/survey/incidents/{incident.pk}/write")
    assert refused.status_code == 409 and not CaseSurvey.objects.exists()


# --- answering -------------------------------------------------------------------------


def test_a_tap_on_the_template_is_the_mark_of_that_case(
    far: Meta, siti: Citizen, asked: CaseSurvey
) -> None:
    tapped = {"payload": buttons(far, siti)[1], "text": "4"}
    [thanks] = siti.sends("button", tapped)
    assert "UU 27/2022" in thanks["text"] and "nilai 4" in thanks["text"]
    survey = again(asked)
    assert (survey.state, survey.score, survey.answered_at) == ("answered", 4, clock.now())
    found = case_survey(last_days(30))
    assert (found.asked, found.n, found.mean) == (1, 1, 4.0)
    assert Conversation.objects.get().who == siti.user_id
    assert not Complaint.objects.exists() and siti.chat.state == "idle"


@pytest.mark.parametrize(
    ("words", "score"), [("5", 5), ("nilai 3", 3), ("⭐⭐", 2), ("empat", 4), ("1 kak", 1)]
)
def test_a_plain_number_is_one_too(
    siti: Citizen, asked: CaseSurvey, words: str, score: int
) -> None:
    siti.says(words)
    assert again(asked).score == score


def test_before_an_answer_the_asked_count_in_the_response_rate(asked: CaseSurvey) -> None:
    found = case_survey(last_days(30))
    assert (found.asked, found.n, found.response_percent) == (1, 0, 0.0)


def test_a_low_mark_is_looked_into(siti: Citizen, asked: CaseSurvey) -> None:
    siti.says("1")
    assert FollowUp.objects.get().subject == f"incident:{asked.incident_id}"


def test_the_mark_may_be_changed_for_some_days_and_the_record_keeps_both(
    siti: Citizen, asked: CaseSurvey, time: clock.Frozen
) -> None:
    siti.says("2")
    siti.says("2")
    [how] = siti.says("ubah nilai")
    assert len(how["choices"]) == 5
    siti.taps("⭐⭐⭐⭐")
    rows = Journal.objects.filter(kind="survey.answer").order_by("seq")
    assert [row.body["score"] for row in rows] == [2, 5]
    time.forward(15 * DAY)
    [over] = siti.taps_id(f"0:rate:{asked.pk}:1")
    assert "tidak ada yang dapat dinilai" in over["text"] and again(asked).score == 5


@pytest.mark.parametrize("no", ["tidak usah", "stop", "batal"])
def test_who_does_not_want_to_answer_is_asked_no_more(
    siti: Citizen, asked: CaseSurvey, ended: Ended, actor: Who, no: str
) -> None:
    [told] = siti.says(no)
    assert "tidak kami tanyakan lagi" in told["text"] and again(asked).state == "refused"
    with pytest.raises(Refused):  # nor about another case
        chats.ask_caller(ended().pk, actor=actor("call_taker"))


def test_danger_comes_first_also_where_a_mark_is_asked_for(
    siti: Citizen, asked: CaseSurvey
) -> None:
    told = siti.says("kebakaran di pasar!")
    assert "telepon 112" in told[-1]["text"] and again(asked).state == "asked"


def test_what_else_they_write_is_a_report_and_the_question_stands(
    siti: Citizen, asked: CaseSurvey
) -> None:
    siti.says("lampu jalan mati di gang saya")
    assert siti.chat.state == "sorting"
    siti.taps_id(f"0:rate:{asked.pk}:5")
    assert again(asked).score == 5 and siti.chat.state == "sorting" and siti.chat.has_draft


def test_nobody_answers_for_somebody_else(siti: Citizen, asked: CaseSurvey) -> None:
    other = Citizen("6285700000009")
    other.says("halo")
    for score in ("1", "9", "x"):
        other.taps_id(f"0:rate:{asked.pk}:{score}")
    siti.taps_id(f"0:rate:{asked.pk}:9")
    assert again(asked).state == "asked"


def test_who_hides_the_number_behind_a_name_is_known_by_it_once_it_shows(
    far: Meta, siti: Citizen, ended: Ended, actor: Who
) -> None:
    siti.shows_number = False
    siti.says("halo")
    siti.says("batal")
    survey = chats.ask_caller(ended().pk, actor=actor("call_taker"))
    assert Conversation.objects.count() == 2
    siti.shows_number = True
    siti.says("4")
    assert again(survey).score == 4


# --- not reached -----------------------------------------------------------------------


def test_who_is_not_on_whatsapp_is_not_reached_and_is_rung_back(
    far: Meta, siti: Citizen, ended: Ended, browser_of: Browse, put: Callable[[str, float], None]
) -> None:
    put("survey.tries", 1)
    far.phone_of(siti).never = 131026
    incident, desk = ended(), browser_of("call_taker")
    desk.post(f"/survey/incidents/{incident.pk}/write")
    far.send()
    survey = CaseSurvey.objects.get()
    assert survey.state == "asked" and far.phone_of(siti).inbox == []
    far.receipts()
    survey.refresh_from_db()
    assert (survey.state, survey.channel) == ("missed", "whatsapp")
    assert siti_waits() == 0
    page = desk.get("/survey").content.decode()
    assert "131026" in page and f"/survey/incidents/{incident.pk}/ask" in page
    assert f"/survey/incidents/{incident.pk}/write" not in page
    answer = desk.post(f"/survey/incidents/{incident.pk}/ask")
    desk.post(answer["Location"] + "/answer", {"score": 4})
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.channel) == ("answered", 4, "callback")
    assert case_survey(last_days(30)).asked == 1


def siti_waits() -> int:
    """How many chats wait for a person: nobody has to answer a question that did not arrive."""
    return Conversation.objects.exclude(waiting_at=None).count()


@pytest.mark.parametrize("code", [131026, 132001, 132015])
def test_what_meta_refuses_at_once_is_not_reached_either(
    far: Meta, siti: Citizen, ended: Ended, actor: Who, code: int
) -> None:
    far.phone_of(siti)
    survey = chats.ask_caller(ended().pk, actor=actor("call_taker"))
    far.far.faults.answers.append((400, code, {}))
    far.send()
    assert again(survey).state == "missed" and siti_waits() == 0


def test_an_answer_that_comes_all_the_same_counts(
    far: Meta, siti: Citizen, asked: CaseSurvey, actor: Who
) -> None:
    [message] = ChatMessage.objects.filter(survey=asked)
    far.phone_of(siti)
    miss_survey(asked.pk, actor=system("whatsapp"))
    siti.says("5")
    assert again(asked).score == 5 and message.conversation == siti.chat


def test_while_somebody_rings_back_a_late_failure_changes_nothing(
    far: Meta, siti: Citizen, asked: CaseSurvey, actor: Who
) -> None:
    ask_survey(asked.incident_id, actor=actor("call_taker"))
    [message] = ChatMessage.objects.filter(survey=asked)
    chats.give_up(message.pk, "131026", actor=system("timer"))
    chats.note_receipt(message.wamid or "", "failed", 9, code=131026, actor=system("whatsapp"))
    assert (again(asked).state, again(asked).channel) == ("asked", "callback")
    with pytest.raises(Refused):
        chats.ask_caller(asked.incident_id, actor=actor("call_taker"))


def test_a_template_that_is_approved_in_indonesian_only_is_sent_in_it(
    far: Meta, siti: Citizen, ended: Ended, actor: Who, time: clock.Frozen
) -> None:
    siti.says("hello, the street light is broken")
    siti.says("cancel")
    far.wrote(siti)
    far.send(), far.send()
    time.forward(2 * DAY)
    far.far.languages = ["id"]
    chats.ask_caller(ended().pk, actor=actor("call_taker"))
    far.send(), far.send()
    sent = far.phone_of(siti).inbox[-1]["template"]
    assert (sent["name"], sent["language"]["code"]) == (SURVEY, "id")


# --- what is kept ----------------------------------------------------------------------


def test_who_was_only_asked_is_not_among_the_chats_and_is_forgotten_in_time(
    asked: CaseSurvey, browser_of: Browse, time: clock.Frozen
) -> None:
    [chat] = Conversation.objects.all()
    assert chat.who == "" and "0812" not in browser_of("call_taker").get("/chats").content.decode()
    time.forward(2000 * DAY)
    assert erase_old(actor=system("timer"))["chat"] == 1
    chat.refresh_from_db()
    assert chat.contact is None and Contact.objects.exclude(number="").exists()
