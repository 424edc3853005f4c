"""What the citizen is told as their report goes on: made from the journal."""

from collections.abc import Mapping
from typing import Any

from sigap.core.actions.following import React, read_on
from sigap.core.actors import Actor
from sigap.core.models import Journal, ReasonCode, Text
from sigap.core.rows import row

from ...duplicates import reporters
from ...models import Complaint, Referral
from .. import texts
from ..models import Conversation, Reader
from ..queries import chats_about
from .speaking import ask_solved, say, short


def tell_news(*, actor: Actor, also: Mapping[str, React] | None = None) -> int:
    """Read on in the journal and queue what citizens are to be told. `also`: what those above
    want done about rows of other kinds. Returns how many rows were read."""
    return read_on(Reader, "chat", also or {}, _NEWS, actor=actor)


def _pk(subject: str) -> int:
    return int(subject.partition(":")[2])


def _own(complaint: Complaint) -> list[Conversation]:
    """Who reported it; a report made elsewhere is told where it was made."""
    return [chat for chat in chats_about(complaint.pk) if chat.who]


def _all(complaint: Complaint) -> list[tuple[Conversation, Complaint]]:
    """Who reported it or what is joined with it, each with their own report: nobody is given the
    number of another's."""
    return [(chat, one) for one in reporters(complaint) for chat in _own(one)]


def _complaint(entry: Journal) -> Complaint:
    return Complaint.objects.get(pk=_pk(entry.subject))


def _referral(entry: Journal) -> Referral:
    rows = Referral.objects.select_related("agency", "complaint")
    return rows.get(pk=_pk(entry.subject))


def _words(entry: Journal) -> str:
    """What somebody wrote with it; else the city's reason."""
    if pk := entry.body.get("text_id"):
        text = row(Text, pk=pk)
        return short(text.body) if text else ""
    return ""


def _reason(entry: Journal, language: str) -> str:
    code = entry.body.get("reason", "")
    found = ReasonCode.objects.filter(code=code, purpose__in=("hold", "archive")).first()
    return texts.pick((found.name, found.name_en), language) if found else "-"


def _tell(complaint: Complaint, key: str, actor: Actor, **values: Any) -> None:
    for chat, own in _all(complaint):
        say(chat, key, actor, complaint=own, **values)


def _sent(entry: Journal, actor: Actor) -> None:
    referral = _referral(entry)
    _tell(referral.complaint, "news_sent", actor, agency=referral.agency.name)


def _planned(entry: Journal, actor: Actor) -> None:
    referral, day = _referral(entry), entry.body.get("planned_for")
    on = texts.ON_DAY[0].format(day="-".join(reversed(day.split("-")))) if day else ""
    agency, words = referral.agency.name, _words(entry)
    _tell(referral.complaint, "news_plan", actor, agency=agency, day=on, words=words)


def _progress(entry: Journal, actor: Actor) -> None:
    referral = _referral(entry)
    agency, words = referral.agency.name, _words(entry)
    _tell(referral.complaint, "news_progress", actor, agency=agency, words=words)


def _held(entry: Journal, actor: Actor) -> None:
    complaint = _complaint(entry)
    for chat in _own(complaint):
        words = _words(entry) or _reason(entry, chat.language)
        say(chat, "news_held", actor, complaint=complaint, words=words)


def _asked_again(entry: Journal, actor: Actor) -> None:
    complaint = _complaint(entry)
    question = Text.objects.filter(subject=entry.subject, field="question").last()
    words = short(question.body) if question else "-"
    for chat in _own(complaint):
        say(chat, "news_held", actor, complaint=complaint, words=words)


def _replied(entry: Journal, actor: Actor) -> None:
    complaint = _complaint(entry)
    for chat in _own(complaint):
        say(chat, "news_reply", actor, complaint=complaint, words=_words(entry))


def _archived(entry: Journal, actor: Actor) -> None:
    complaint = _complaint(entry)
    for chat, own in _all(complaint):
        say(chat, "news_archived", actor, complaint=own, words=_reason(entry, chat.language))


def _done(entry: Journal, actor: Actor) -> None:
    complaint = _complaint(entry)
    answers = complaint.referrals.filter(state="finished").select_related("answer").order_by("id")
    words = "; ".join(r.answer.body for r in answers if r.answer and r.answer.body)
    for chat, own in _all(complaint):
        if own.pk == complaint.pk:
            ask_solved(chat, complaint, actor, words or "-")
        else:  # whose report it is joined with is asked
            say(chat, "news_done_joined", actor, complaint=own, words=short(words or "-"))


def _plainly(key: str) -> React:
    return lambda entry, actor: _tell(_complaint(entry), key, actor)


_NEWS: dict[str, React] = {
    "referral.sent": _sent,
    "referral.plan": _planned,
    "referral.progress": _progress,
    "complaint.hold": _held,
    "complaint.ask_again": _asked_again,
    "complaint.reply": _replied,
    "complaint.archive": _archived,
    "complaint.approve": _done,
    "complaint.attach": _plainly("news_attached"),
    "complaint.promote": _plainly("news_promoted"),
}
