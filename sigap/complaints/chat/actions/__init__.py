"""All that may be done in a conversation."""

from .asking import ask_caller
from .desk import (
    answer_chat,
    hand_back_chat,
    mark_chat,
    mind_drafts,
    settle_chat,
    take_over_chat,
)
from .erasing import erase_chats, erase_drafts, erase_messages
from .files import attach_stored, fetch_later, note_stored, refuse_file
from .hearing import hear, move_person
from .news import tell_news
from .sending import claim_messages, give_up, note_receipt, note_sent, put_off

__all__ = [
    "answer_chat",
    "ask_caller",
    "attach_stored",
    "claim_messages",
    "erase_chats",
    "erase_drafts",
    "erase_messages",
    "fetch_later",
    "give_up",
    "hand_back_chat",
    "hear",
    "mark_chat",
    "mind_drafts",
    "move_person",
    "note_receipt",
    "note_sent",
    "note_stored",
    "put_off",
    "refuse_file",
    "settle_chat",
    "take_over_chat",
    "tell_news",
]
