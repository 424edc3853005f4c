"""What was tapped: buttons and rows of lists, perhaps old ones. Parts of `hear`."""

from collections.abc import Callable

from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.machine import change

from ...models import Category
from ..models import ChatMessage, Conversation
from . import drafts
from .steps import Meant, give_to, own_report, say_no, say_yes, solved, unsolved


def tapped(chat: Conversation, message: ChatMessage, choice: str, actor: Actor) -> Meant:
    """What the choice does; one of a draft that is over does nothing."""
    number, _, rest = choice.partition(":")
    name, _, argument = rest.partition(":")
    tap = _TAPS.get(name)
    if tap is None or not number.isdigit() or int(number) not in (0, chat.draft):
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
    return Meant("areas", group=int(argument) if argument.isdigit() else None)


def _tap_nowhere(chat: Conversation, _message: ChatMessage, _argument: str, _actor: Actor) -> Meant:
    change(chat, placed=True)
    return Meant("nowhere")


def _tap_add(chat: Conversation, _message: ChatMessage, argument: str, actor: Actor) -> Meant:
    complaint = own_report(chat, argument)
    if complaint is None:
        return Meant("stale")
    return give_to(chat, complaint, actor)


def _tap_score(chat: Conversation, _message: ChatMessage, argument: str, actor: Actor) -> Meant:
    number, _, score = argument.partition(":")
    return solved(chat, own_report(chat, number), int(score) if score.isdigit() else None, actor)


def _tap_unsolved(chat: Conversation, _message: ChatMessage, argument: str, _actor: Actor) -> Meant:
    return unsolved(chat, own_report(chat, argument))


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
    "unsolved": _tap_unsolved,
}
