"""What goes out to citizens, against a Meta that refuses, forgets and goes away."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.models import Attachment
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Alarm, Journal
from sigap.gateways.whatsapp import sender
from sigap.gateways.whatsapp.sender import as_message, as_template

from .chatting import WHATSAPP, Citizen, news
from .far_end import WORKER, Meta, meta, states
from .proofs import proves

Who = Callable[[str], Actor]
DAY = 86_400


@pytest.fixture
def far(db: None) -> Iterator[Meta]:
    """Meta, on loopback."""
    news()
    with meta() as end:
        yield end


def inbox(far: Meta, citizen: Citizen) -> list[str]:
    """What is on their telephone, in words."""
    found = []
    for message in far.phone_of(citizen).inbox:
        part = message.get("text") or message.get("interactive", {}).get("body") or message
        found.append(str(part))
    return found


def test_what_is_said_arrives_once_and_its_receipts_are_noted(far: Meta, siti: Citizen) -> None:
    siti.says("Lampu jalan mati")
    far.wrote(siti)
    assert far.send() == 1 and far.send() == 0
    assert len(inbox(far, siti)) == 1 and "UU 27/2022" in inbox(far, siti)[0]
    far.receipts()
    far.receipts()
    [message] = ChatMessage.objects.filter(incoming=False)
    assert (message.state, message.rank, message.content) == ("sent", 4, {})
    assert message.wamid and message.text and "UU 27/2022" in message.text.body


def test_receipts_in_any_order_only_come_further(far: Meta, siti: Citizen) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.send()
    far.far._waiting.reverse()
    far.receipts()
    [message] = ChatMessage.objects.filter(incoming=False)
    assert message.rank == 4


def test_without_a_number_nothing_is_sent_and_nothing_lost(siti: Citizen) -> None:
    siti.says("halo")
    assert sender.send_due(actor=WORKER) == 0 and sender.fetch_due(actor=WORKER) == 0
    assert states() == ["due"]


def test_a_person_gets_their_messages_in_order_and_not_too_fast(
    far: Meta, siti: Citizen, actor: Who, time: clock.Frozen
) -> None:
    siti.says("halo")
    far.wrote(siti)
    desk = actor("call_taker")
    for n in range(12):
        chats.answer_chat(siti.chat.pk, f"jawaban {n}", actor=desk)
    for _second in range(60):
        far.send()
        time.forward(1)
    told = [words for words in inbox(far, siti) if "jawaban" in words]
    assert len(told) == 12
    assert all(f"jawaban {n}'" in words for n, words in enumerate(told))
    assert not far.far.refused


def test_an_hour_without_meta_loses_and_doubles_nothing(far: Meta, time: clock.Frozen) -> None:
    people = [Citizen(f"62812000000{n:02}") for n in range(8)]
    far.far.faults.away_until = clock.now() + timedelta(hours=1)
    for person in people:
        person.says("Lampu jalan mati")
        far.wrote(person)
    for _minute in range(59):
        far.send()
        time.forward(60)
    assert all(not inbox(far, person) for person in people)
    for _minute in range(30):
        far.send()
        time.forward(60)
    assert [len(inbox(far, person)) for person in people] == [1] * 8
    assert set(states()) == {"sent"}


def test_a_token_that_has_expired_loses_nothing_and_the_supervisor_sees_it(
    far: Meta, siti: Citizen, time: clock.Frozen
) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.far.faults.answers.append((401, 190, {}))
    with pytest.raises(sender.NotAccepted):  # which is told of the job
        far.send()
    assert states() == ["due"]
    time.forward(60)
    far.send()
    assert states() == ["sent"] and len(inbox(far, siti)) == 1


def test_a_lost_answer_waits_for_the_receipt_and_is_not_sent_again(
    far: Meta, siti: Citizen, time: clock.Frozen
) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.far.faults.lost_answers = 1
    far.send()
    assert states() == ["unsure"]
    time.forward(60)
    far.send()
    far.receipts()
    assert states() == ["sent"]
    time.forward(3600)
    far.send()
    assert len(inbox(far, siti)) == 1


def test_a_sender_that_died_in_between_is_known_by_its_claim(
    far: Meta, siti: Citizen, time: clock.Frozen
) -> None:
    siti.says("halo")
    far.wrote(siti)
    assert len(chats.claim_messages(actor=WORKER)) == 1  # and then the power was cut
    assert states() == ["sending"] and far.send() == 0
    time.forward(121)
    assert far.send() == 1
    assert len(inbox(far, siti)) == 1


def test_too_fast_is_tried_again_later(far: Meta, siti: Citizen, time: clock.Frozen) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.far.faults.answers.extend([(429, 130429, {}), (400, 131056, {}), (500, 0, {})])
    for _turn in range(40):
        far.send()
        time.forward(2)
    assert len(inbox(far, siti)) == 1 and states() == ["sent"]


def test_after_a_day_a_template_says_it(
    far: Meta, siti: Citizen, actor: Who, time: clock.Frozen
) -> None:
    report = siti.files_a_report()
    far.wrote(siti)
    for _turn in range(6):
        far.send()
        time.forward(6)
    before = len(inbox(far, siti))
    time.forward(2 * DAY)
    complaints.dispose_complaint(report.pk, ["dishub"], actor=actor("call_taker"))
    news()
    far.send()
    sent = far.phone_of(siti).inbox[before:]
    assert [message["type"] for message in sent] == ["template"]
    assert sent[0]["template"]["name"] == "kabar_laporan"
    assert report.number in str(sent[0])


def test_meta_knows_better_when_the_day_is_over(far: Meta, siti: Citizen) -> None:
    siti.says("halo")
    far.phone_of(siti)  # who, as Meta sees it, has never written
    far.send()
    assert [message["type"] for message in far.phone_of(siti).inbox] == ["template"]


def test_what_meta_refuses_for_ever_a_person_sees(far: Meta, siti: Citizen) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.far.faults.answers.append((400, 131026, {}))
    far.send()
    assert states() == ["failed"] and siti.chat.waiting_at
    assert Journal.objects.filter(kind="chat.failed").count() == 1


def test_a_failed_receipt_yields_to_one_that_it_came_after_all(far: Meta, siti: Citizen) -> None:
    siti.says("halo")
    far.wrote(siti)
    far.send()
    [message] = ChatMessage.objects.filter(incoming=False)
    told: dict[str, Any] = {"reference": message.reference, "actor": WHATSAPP}
    assert message.wamid
    chats.note_receipt(message.wamid, "failed", 2, code=131026, **told)
    assert states() == ["failed"]
    chats.note_receipt(message.wamid, "delivered", 3, **told)
    assert states() == ["sent"]
    chats.note_receipt(message.wamid, "failed", 2, code=131026, **told)
    assert states() == ["sent"]


@proves("complaints.message_budget")
def test_paid_messages_are_counted_once_and_the_budget_alarms(
    far: Meta, siti: Citizen, put: Callable[[str, float], None], time: clock.Frozen
) -> None:
    put("complaints.message_budget", 2)
    for n in range(2):
        siti.says("status")
        chats.note_receipt("", "x", 0, actor=WHATSAPP)
        message = ChatMessage.objects.filter(incoming=False).latest("id")
        chats.note_sent(message.pk, f"wamid.out{n}", actor=WHATSAPP)
        for rank, status in enumerate(("sent", "delivered", "read")):
            told: dict[str, Any] = {"billable": True, "category": "utility", "actor": WHATSAPP}
            chats.note_receipt(f"wamid.out{n}", status, (1, 3, 4)[rank], **told)
    [alarm] = Alarm.objects.filter(code="budget")
    assert alarm.urgency == 2 and alarm.owner == "supervisor"
    assert ChatMessage.objects.filter(billable=True).count() == 2


def test_a_photo_is_fetched_checked_and_part_of_the_report(far: Meta, siti: Citizen) -> None:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    media_id = far.far.keeps(data.getvalue(), "image/jpeg")
    siti.says("Lampu jalan mati")
    siti.sends("image", {"id": media_id, "mime_type": "image/jpeg", "sha256": ""})
    assert sender.fetch_due(actor=WORKER) == 1
    [message] = ChatMessage.objects.exclude(file_state="")
    assert message.file_state == "stored" and message.file
    siti.taps("Penerangan")
    siti.sends_place(-7.8185, 112.0155)
    siti.taps("✅")
    sender.fetch_due(actor=WORKER)
    message.refresh_from_db()
    [attachment] = Attachment.objects.all()
    assert message.file_state == "attached" and attachment.name == message.file
    assert attachment.complaint == siti.report


@pytest.mark.parametrize(
    ("fault", "reason"),
    [({"wrong_sums": 9}, "changed"), ({"wrong_kind": "audio/ogg"}, "strange")],
)
def test_a_file_that_is_not_what_it_was_said_to_be_is_not_kept(
    far: Meta, siti: Citizen, fault: dict[str, Any], reason: str
) -> None:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    media_id = far.far.keeps(data.getvalue(), "image/jpeg")
    for name, given in fault.items():
        setattr(far.far.faults, name, given)
    siti.sends("image", {"id": media_id, "mime_type": "image/jpeg", "sha256": ""})
    sender.fetch_due(actor=WORKER)
    [message] = ChatMessage.objects.exclude(file_state="")
    assert (message.file_state, message.error) == ("refused", reason)


def test_a_file_is_asked_for_again_while_meta_is_away(
    far: Meta, siti: Citizen, time: clock.Frozen
) -> None:
    siti.sends("image", {"id": "77", "mime_type": "image/jpeg", "sha256": ""})
    far.far.faults.answers.append((503, 0, {}))
    sender.fetch_due(actor=WORKER)
    [message] = ChatMessage.objects.exclude(file_state="")
    assert message.file_state == "waiting" and message.due_at
    assert message.due_at > clock.now()
    time.forward(120)
    sender.fetch_due(actor=WORKER)
    message.refresh_from_db()
    assert (message.file_state, message.error) == ("refused", "gone")


def test_an_hour_without_meta_loses_no_file(far: Meta, siti: Citizen, time: clock.Frozen) -> None:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    media_id = far.far.keeps(data.getvalue(), "image/jpeg")
    siti.sends("image", {"id": media_id, "mime_type": "image/jpeg", "sha256": ""})
    far.far.faults.away_until = clock.now() + timedelta(hours=1)
    for _minute in range(90):
        sender.fetch_due(actor=WORKER)
        time.forward(60)
    [message] = ChatMessage.objects.exclude(file_state="")
    assert message.file_state == "stored"


def test_a_file_that_meta_has_no_more_is_asked_for_no_longer(
    far: Meta, siti: Citizen, time: clock.Frozen
) -> None:
    siti.sends("image", {"id": "77", "mime_type": "image/jpeg", "sha256": ""})
    far.far.faults.away_until = clock.now() + timedelta(days=30)
    time.forward(8 * 86_400)
    sender.fetch_due(actor=WORKER)
    [message] = ChatMessage.objects.exclude(file_state="")
    assert (message.file_state, message.error) == ("refused", "gone")


def test_titles_that_are_cut_stay_different() -> None:
    choices = [["a", "Pohon dan pemangkasan satu"], ["b", "Pohon dan pemangkasan dua"]]
    sent = as_message({"text": "x", "choices": choices}).content()
    titles = [b["reply"]["title"] for b in sent["interactive"]["action"]["buttons"]]
    assert len(set(titles)) == 2 and all(len(title) <= 20 for title in titles)
    template = as_template({"text": "baris\nbaris", "number": "AB-1"}, "id")
    assert template["parameters"] == ["AB-1", "baris baris"]
