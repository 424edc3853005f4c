"""Whatever is said in whatever order: no message is a fault, and none of them is dropped."""

import random
from collections.abc import Callable

import pytest

from sigap.complaints import actions as complaints
from sigap.complaints.chat import actions as chats
from sigap.complaints.models import Complaint
from sigap.complaints.sorting import forget
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Inbox, Text

from .chatting import Citizen, news
from .test_chat_people import done

Who = Callable[[str], Actor]
TIMER = system("timer")
STEPS = 60
COMMANDS = (
    *("halo", "ya", "tidak", "batal", "status", "tambah", "belum selesai", "sudah", "4", "baru"),
    *("ubah nilai", "di kelurahan Campurejo", "112", "kebakaran!", "ada ular", "goblok", "menu"),
    *("petugas", "terima kasih", "english", "slot gacor", "stop"),
)
REPORTS = ("lampu jalan mati", "sampah di pasar", "dekat warung")


class Town:
    """One citizen, the desk, and time, as chance has it."""

    def __init__(self, seed: int, actor: Who, time: clock.Frozen) -> None:
        self.chance, self.actor, self.time = random.Random(seed), actor, time
        self.siti, self.told = Citizen(), list[str]()

    def step(self) -> None:
        """Something happens."""
        acts = (self.commands, self.reports, self.taps, self.sends, self.waits, self.desk)
        self.chance.choices(acts, (5, 5, 3, 2, 2, 3))[0]()

    def commands(self) -> None:
        """A word that is understood."""
        self.siti.says(self.chance.choice(COMMANDS))

    def reports(self) -> None:
        """Something that nobody had said before. What a person reads is theirs to keep."""
        words = f"{self.chance.choice(REPORTS)} nomor{len(self.told)}x"
        if self.siti.chat.state != "person":
            self.told.append(words)
        self.siti.says(words)

    def taps(self) -> None:
        """One of the choices that were offered last."""
        told = self.siti.chat.messages.filter(incoming=False).order_by("-id")
        offered = [choice for m in told[:5] for choice in m.content.get("choices", [])]
        if offered:
            self.siti.taps_id(*self.chance.choice(offered))

    def sends(self) -> None:
        """A photo, a voice note, a pin."""
        kind = self.chance.choice(("photo", "audio", "pin"))
        if kind == "photo":
            self.siti.sends_photo()
        elif kind == "audio":
            self.siti.sends("audio", {"id": "v", "mime_type": "audio/ogg", "sha256": ""})
        else:
            self.siti.sends_place(-7.8185, 112.0155)

    def waits(self) -> None:
        """A minute, half an hour, a day."""
        self.time.forward(self.chance.choice((60, 1900, 90_000)))
        chats.mind_drafts(actor=TIMER)

    def desk(self) -> None:
        """Somebody takes over or hands back; a report is done, or something is asked."""
        desk, chat = self.actor("call_taker"), self.siti.chat
        report = Complaint.objects.filter(state="filed").first()
        if chat.state == "person":
            chats.hand_back_chat(chat.pk, actor=desk)
        elif report is None or self.chance.random() < 0.3:
            chats.take_over_chat(chat.pk, actor=desk)
        elif self.chance.random() < 0.3:
            complaints.hold_complaint(report.pk, reason="details", actor=desk)
        elif not report.referrals.exists():
            complaints.sort_complaint(report.pk, category="pju", actor=desk)
            done(report, self.actor)
        news()


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_what_is_said_loses_any_of_it(
    db: None, actor: Who, time: clock.Frozen, seed: int
) -> None:
    forget()
    news()
    town = Town(seed, actor, time)
    town.siti.says("halo")
    for _step in range(STEPS):
        town.step()
        chat = town.siti.chat
        assert not Inbox.objects.exclude(error="").exists()
        assert chat.state != "idle" or not chat.has_draft  # nobody would ask about it
        assert chat.state not in ("adding", "contesting") or chat.about is not None
    kept = "\n".join(
        Text.objects.exclude(subject__startswith="chatmessage:").values_list("body", flat=True)
    )
    assert [words for words in town.told if words not in kept] == []
