"""What was tapped: buttons and rows of lists, perhaps old ones. Parts of `hear`."""

from collections.abc import Callable

from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.machine import change

from ...models import Category
from .. import listen
from ..models import ChatMessage, Conversation
from . import drafts
from .marks import asked_survey, scored, solved, unsolved
from .steps import Meant, give_to, own_report, part_of, say_no, say_yes


def tapped(chat: Conversation, message: ChatMessage, choice: str, actor: Actor) -> Meant:
    """What the choice does; one of a draft that is over does nothing."""
    number, _, rest = choice.partition(":")
    name, _, argument = rest.partition(":")
    tap = _TAPS.get(name)
    if tap is None or listen.whole(number) not in (0, chat.draft):
        return Meant("stale")
    return tap(chat, message, argument, actor)


def _tap_yes(chat: Conversation, _message: ChatMessage, _argument: str, actor: Actor) -> Meant:
    return say_yes(chat, actor)


def _tap_no(chat: Conversation, _message: ChatMessage, _argument: str, _actor: Actor) -> Meant:
    return say_no(chat)


def tap_category(chat: Conversation, _message: ChatMessage, code: str, _actor: Actor) -> Meant:
    """It is about this."""
    known = Category.objects.filter(code=code, active=True).exists()
    change(chat, category=code if known else "", sorted=True)
    return Meant("category")


def tap_other(chat: Conversation, _message: ChatMessage, _code: str, _actor: Actor) -> Meant:
    """It is about nothing that was offered: a person decides."""
    change(chat, category="", sorted=True)
    return Meant("other_category")


def _tap_at(chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    kind, _, key = argument.partition(":")
    try:
        drafts.keep_place(chat, kind, key)
    except SigapError:
        return Meant("stale")
    return Meant("place")


def _tap_areas(_chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    return Meant("areas", group=listen.whole(argument))


def _tap_nowhere(chat: Conversation, _message: ChatMessage, _argument: str, _actor: Actor) -> Meant:
    change(chat, placed=True)
    return Meant("nowhere")


def _tap_add(chat: Conversation, message: ChatMessage, argument: str, actor: Actor) -> Meant:
    complaint = own_report(chat, argument)
    if complaint is None:
        return Meant("stale")
    if chat.about_id == complaint.pk and chat.state in ("choosing", "kept"):
        return give_to(chat, complaint, actor)
    # An old button: what is being written now may be about something else.
    part_of(message, complaint)
    change(chat, about=complaint)
    return Meant("add", complaint)


def _tap_score(chat: Conversation, message: ChatMessage, argument: str, actor: Actor) -> Meant:
    number, _, score = argument.partition(":")
    # Without a mark it was not made here, and says nothing of whether it is solved.
    return solved(chat, message, own_report(chat, number), listen.whole(score) or 0, actor)


def _tap_rate(chat: Conversation, message: ChatMessage, argument: str, actor: Actor) -> Meant:
    number, _, score = argument.partition(":")
    survey = asked_survey(chat, number)
    if survey is None:
        return Meant("stale")
    return scored(chat, message, survey, listen.whole(score), actor)


def _tap_unsolved(chat: Conversation, message: ChatMessage, argument: str, actor: Actor) -> Meant:
    return unsolved(chat, message, own_report(chat, argument), actor)


_Tap = Callable[[Conversation, ChatMessage, str, Actor], Meant]
_TAPS: dict[str, _Tap] = {
    "yes": _tap_yes,
    "no": _tap_no,
    "cancel": lambda *_given: Meant("cancel"),
    "category": tap_category,
    "other_category": tap_other,
    "at": _tap_at,
    "areas": _tap_areas,
    "nowhere": _tap_nowhere,
    "other_place": lambda *_given: Meant("other_place"),
    "add": _tap_add,
    "new": lambda *_given: Meant("new"),
    "score": _tap_score,
    "rate": _tap_rate,
    "unsolved": _tap_unsolved,
}
