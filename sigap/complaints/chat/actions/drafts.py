"""The report that somebody is making: what is known of it, and how it is filed. Parts of other
actions."""

from typing import Any

from sigap.core.actions.personal import keep
from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.machine import change
from sigap.core.models import Text
from sigap.core.personal import MAX_TEXT
from sigap.core.queries import fetch
from sigap.places.models import Landmark
from sigap.places.queries import area_at, city, place_of

from ...actions import add_words, answer_question, file_complaint, resume_complaint
from ...machine import OVER
from ...models import Complaint
from ...queries import categories
from ...sorting import suggest
from .. import listen
from ..models import ChatMessage, Conversation
from ..queries import files_of_draft
from .speaking import MOST_WORDS, short

EMPTY: dict[str, Any] = {
    **{"turns": 0, "body": None, "category": "", "sorted": False, "guesses": []},
    **{"guessed_by": "", "address": None, "lat": None, "lng": None, "area": None},
    **{"landmark": None, "placed": False, "asked_at": None, "about": None},
    **{"anonymous": False, "secret": False},
}


def missing(chat: Conversation) -> str:
    """The state that asks for the first thing that is not known yet."""
    if chat.body_id is None:
        return "telling"
    if not chat.sorted:
        return "sorting"
    return "confirming" if chat.placed else "placing"


def keep_words(chat: Conversation, said: str, actor: Actor) -> None:
    """Add to what is reported, and guess what it is about."""
    before = chat.body.body if chat.body else ""
    body = "\n".join(filter(None, (before, said)))[:MOST_WORDS]
    text = _keep(chat, "draft", body, actor)
    fields: dict[str, Any] = {"body": text}
    if not chat.sorted and text is not None:
        decision = suggest(text.body)
        guesses = [decision.best, *decision.others] if decision.best else []
        fields["guesses"] = [[g.code, round(g.confidence, 3)] for g in guesses]
        fields["guessed_by"] = decision.by
        fields["sorted"] = not guesses  # with nothing to offer a person decides
    change(chat, **fields)


def keep_point(chat: Conversation, point: tuple[float, float], words: str, actor: Actor) -> bool:
    """Keep a pin; False where it lies outside the city."""
    lat, lng = point
    area = area_at(lat, lng)
    if area is None and city().cells is not None:
        return False
    address = _keep(chat, "draft_address", words, actor) if words else chat.address
    change(chat, lat=lat, lng=lng, area=area, landmark=None, address=address, placed=True)
    return True


def keep_place(chat: Conversation, kind: str, key: str) -> None:
    """Keep an area or a landmark that was chosen."""
    mark = listen.whole(key) if kind == "landmark" else None
    found = place_of(None, None, key if kind == "area" else "", mark, "")
    change(
        chat,
        lat=None,
        lng=None,
        area=found["area"],
        landmark=fetch(Landmark, pk=mark) if mark is not None else None,
        placed=True,
    )


def keep_address(chat: Conversation, said: str, actor: Actor, *, placed: bool) -> None:
    """Keep how they describe the place."""
    change(chat, address=_keep(chat, "draft_address", said[:MAX_TEXT], actor), placed=placed)


def empty(chat: Conversation, **more: Any) -> None:
    """Begin anew; what was written stays in the transcript."""
    change(chat, **(EMPTY | {"draft": chat.draft + 1} | more))


def is_begun(chat: Conversation) -> bool:
    """Whether there is anything of a report, be it only a photo."""
    return chat.has_draft or files_of_draft(chat) > 0


def leave(chat: Conversation) -> None:
    """What was said aside is done: a report that is being made goes on."""
    if is_begun(chat):
        change(chat, about=None)
    else:
        empty(chat)


def file(chat: Conversation, actor: Actor) -> Complaint:
    """File the report, with all that came along."""
    pinned = chat.lat is not None
    number = chat.contact.number if chat.contact else None
    complaint = file_complaint(
        channel="whatsapp",
        external_id=f"{chat.pk}:{chat.draft}",
        body=short(chat.body.body, MAX_TEXT) if chat.body else "",
        category=chat.category if chat.category in categories() else "",
        guesses=chat.guesses,
        guessed_by=chat.guessed_by,
        lat=chat.lat,
        lng=chat.lng,
        location_source="pin" if pinned else "",
        address=chat.address.body if chat.address else "",
        area=chat.area.code if chat.area else "",
        landmark_id=None if pinned else chat.landmark_id,
        number=number,
        name=chat.name.body if chat.name else "",
        anonymous=chat.anonymous,
        secret=chat.secret,
        origin=subject_of(chat),
        actor=actor,
    )
    belongs(chat, complaint)
    empty(chat)
    return complaint


def belongs(chat: Conversation, complaint: Complaint) -> None:
    """What was written since the last report is part of this one."""
    written = ChatMessage.objects.filter(conversation=chat, draft=chat.draft, complaint=None)
    written.update(complaint=complaint)


def add_to(chat: Conversation, complaint: Complaint, said: str, actor: Actor) -> str:
    """Add words to a report in whatever state; one that waited for them goes on. Returns what
    was heard: `added`, or `added_late` where it is over, which a person is to see."""
    words = short(said.strip(), MAX_TEXT)
    if complaint.state == "held":
        if words:
            answer_question(complaint.pk, words, actor=actor)
        else:
            resume_complaint(complaint.pk, actor=actor)
    elif words:
        add_words(complaint.pk, words, actor=actor)
    return "added_late" if complaint.state in OVER else "added"


def _keep(chat: Conversation, field: str, body: str, actor: Actor) -> Text | None:
    return keep(subject_of(chat), field, body, actor=actor, most=MOST_WORDS)
