"""All that is written about alerts: who is on duty, who is told and how, and who answered."""

from .addresses import (
    add_device,
    forget_addresses,
    note_screen,
    remove_device,
    set_channels,
    set_phone,
)
from .answers import acknowledge_alert, take_from_screen
from .callers import claim_notices, follow_cases, link_of, note_notice, note_notice_receipt
from .channels import mind_channels
from .duties import begin_duty, end_duty, enter_duty, remove_duty
from .escalating import escalate_due
from .following import follow_jobs
from .making import make_alert, try_person, try_unit
from .sending import claim_deliveries, note_failed, note_receipt, note_taken

__all__ = [
    "acknowledge_alert",
    "add_device",
    "begin_duty",
    "claim_deliveries",
    "claim_notices",
    "end_duty",
    "enter_duty",
    "escalate_due",
    "follow_cases",
    "follow_jobs",
    "forget_addresses",
    "link_of",
    "make_alert",
    "mind_channels",
    "note_failed",
    "note_notice",
    "note_notice_receipt",
    "note_receipt",
    "note_screen",
    "note_taken",
    "remove_device",
    "remove_duty",
    "set_channels",
    "set_phone",
    "take_from_screen",
    "try_person",
    "try_unit",
]
