"""What somebody says of how it went: solved or not, and the marks from 1 to 5, of a report and of
a case of 112. Parts of `hear`."""

from django.db.models import Q, QuerySet

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.machine import change
from sigap.core.transaction import savepoint

from ...actions import confirm_complaint, contest_complaint, rate_complaint
from ...models import Complaint
from ...queries import may_rate
from ...survey.actions import answer_survey, refuse_survey
from ...survey.models import CaseSurvey
from ...survey.queries import may_answer
from .. import listen
from ..heard import Heard
from ..models import ChatMessage, Conversation
from ..queries import lately, reports_of
from . import drafts
from .drafts import add_to
from .steps import Meant, part_of

MOST_LOOKED_AT = 50  # messages of ours


def judged(
    chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor, *, marks_only: bool
) -> Meant | None:
    """A mark, or whether it is solved, where that may have been asked; None where it is
    something else. `marks_only`: in the midst of something a no is about that."""
    said = heard.text.strip()
    mark = listen.score_in(said)
    if mark is not None:
        about = _replied(chat, heard) or _last_asked(chat)
        return scored(chat, message, about, mark, actor) if about is not None else None
    if marks_only:
        return None
    if (survey := _question_open(chat)) is not None and listen.is_no(said):
        return _refused(survey, actor)
    verdict = listen.verdict_on(said)
    done = reports_of(chat).filter(state="done").first()
    if done is not None and verdict == "solved":
        return solved(chat, message, done, None, actor)
    if done is None and listen.is_no(said):
        return None
    about = done or lately(chat)
    if verdict == "unsolved" and about is not None and about.state in ("done", "closed"):
        return unsolved(chat, message, about, actor)
    return None


def replies_with_a_mark(
    chat: Conversation, message: ChatMessage, heard: Heard, actor: Actor
) -> Meant | None:
    """A mark as a reply to the question: whatever else is going on."""
    mark = listen.score_in(heard.text)
    about = _replied(chat, heard) if mark is not None else None
    return None if about is None else scored(chat, message, about, mark, actor)


def refuses(chat: Conversation, actor: Actor) -> Meant | None:
    """ "Batal" to the question how it was, where nothing else is there to be called off."""
    survey = _question_open(chat) if chat.state == "idle" else None
    return None if survey is None else _refused(survey, actor)


def scored(
    chat: Conversation,
    message: ChatMessage,
    about: Complaint | CaseSurvey,
    mark: int | None,
    actor: Actor,
) -> Meant:
    """A mark for this; a later one replaces it."""
    if isinstance(about, Complaint):
        return solved(chat, message, about, mark, actor)
    if mark is None or mark not in range(1, 6) or not may_answer(about):
        return Meant("rate_over")
    if about.score != mark:
        answer_survey(about.pk, score=mark, actor=actor)
    return Meant("rated", values={"score": mark})


def to_rescore(chat: Conversation) -> Meant:
    """They want to give a mark anew."""
    about = _last_asked(chat)
    if about is None:
        return Meant("rate_over")
    if isinstance(about, Complaint):
        return Meant("rescore", about)
    return Meant("rescore", survey=about)


def asked_survey(chat: Conversation, number: str) -> CaseSurvey | None:
    """A question that this person was asked: a choice is what their phone sends, and could name
    any."""
    pk = listen.whole(number)
    found = _asked(chat).filter(survey=pk).first() if pk is not None else None
    return found.survey if found else None


def solved(
    chat: Conversation,
    message: ChatMessage,
    complaint: Complaint | None,
    score: int | None,
    actor: Actor,
) -> Meant:
    """They say that it is solved, and perhaps how it was; that may also be said later, and the
    mark be changed for some days."""
    if complaint is None or (score is not None and score not in range(1, 6)):
        return Meant("stale")
    if complaint.state == "done":
        part_of(message, complaint)
        confirm_complaint(complaint.pk, score=score, actor=actor)
        return Meant("confirmed" if score else "solved", complaint)
    if complaint.state == "closed" and score:
        if not may_rate(complaint):
            return Meant("rate_over", complaint)
        part_of(message, complaint)
        before = complaint.score
        rate_complaint(complaint.pk, score=score, actor=actor)
        token = "confirmed" if before is None else "rescored"
        return Meant(token, complaint, values={"score": score})
    return Meant("stale")


def unsolved(
    chat: Conversation, message: ChatMessage, complaint: Complaint | None, actor: Actor
) -> Meant:
    """They say that it is not: what is not, they may have written already. Of one that is over
    the words are kept for the desk."""
    if complaint is None or complaint.state not in ("done", "closed"):
        return Meant("stale")
    part_of(message, complaint)
    if chat.state == "choosing" and chat.about_id == complaint.pk and chat.body is not None:
        said = chat.body.body
        drafts.belongs(chat, complaint)
        drafts.empty(chat)
        return contested(chat, complaint, said, actor)
    change(chat, about=complaint)
    return Meant("unsolved", complaint)


def contested(chat: Conversation, complaint: Complaint, why: str, actor: Actor) -> Meant:
    """It goes back to its agencies; where that cannot be any more, a person reads why."""
    drafts.leave(chat)
    try:
        with savepoint():
            contest_complaint(complaint.pk, why=why[:4000], actor=actor)
    except SigapError:
        add_to(chat, complaint, why, actor)
        change(chat, waiting_at=chat.waiting_at or clock.now())
        return Meant("not_contested", complaint)
    return Meant("contested", complaint)


def _refused(survey: CaseSurvey, actor: Actor) -> Meant:
    refuse_survey(survey.pk, actor=actor)
    return Meant("survey_refused")


def _question_open(chat: Conversation) -> CaseSurvey | None:
    """The case of 112 that they were asked about, if that was the last that they were told."""
    last = _asked(chat, anything=True).first()
    found = last.survey if last else None
    return found if found is not None and found.state == "asked" else None


def _last_asked(chat: Conversation) -> Complaint | CaseSurvey | None:
    """What a mark without more is for: the last that they were told of and that may be rated."""
    for message in _asked(chat)[:MOST_LOOKED_AT]:
        if message.complaint is not None and message.complaint.state == "held":
            return None  # they were asked something else, which "3" may answer
        if (about := _ratable(message)) is not None:
            return about
    return reports_of(chat).filter(state="done").first()


def _ratable(message: ChatMessage) -> Complaint | CaseSurvey | None:
    if message.survey is not None:
        return message.survey if may_answer(message.survey) else None
    complaint = message.complaint
    if complaint is not None and (complaint.state == "done" or may_rate(complaint)):
        return complaint
    return None


def _replied(chat: Conversation, heard: Heard) -> Complaint | CaseSurvey | None:
    """What the message of ours was about to which this one replies."""
    found = _asked(chat).filter(wamid=heard.reply_to).first() if heard.reply_to else None
    return _ratable(found) if found else None


def _asked(chat: Conversation, *, anything: bool = False) -> QuerySet[ChatMessage]:
    """What we have told this person, the newest first: also where we knew them by their number
    only."""
    theirs = Q(conversation=chat)
    if chat.contact_id is not None:
        theirs |= Q(conversation__contact=chat.contact_id, survey__isnull=False)
    told = ChatMessage.objects.filter(theirs, incoming=False)
    if not anything:
        told = told.filter(Q(complaint__isnull=False) | Q(survey__isnull=False))
    return told.select_related("complaint", "survey").order_by("-id")
