"""All that crews may tell from the field."""

from .board import set_on_board
from .help import ask_for_caller, call_for_help, call_off_help
from .ledger import act_once
from .photos import (
    announce_photo,
    erase_photos,
    keep_photo,
    note_piece,
    refuse_photo,
    restart_photo,
)
from .reports import report_field

__all__ = [
    "act_once",
    "announce_photo",
    "ask_for_caller",
    "call_for_help",
    "call_off_help",
    "erase_photos",
    "keep_photo",
    "note_piece",
    "refuse_photo",
    "report_field",
    "restart_photo",
    "set_on_board",
]
