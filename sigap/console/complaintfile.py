"""One complaint as a file to read: its facts with names, what was sent along, its story."""

from django.utils.translation import gettext as _

from sigap.complaints.machine import ACTIVE, GONE
from sigap.complaints.models import Attachment, Complaint, Referral
from sigap.complaints.names import channel_names, class_of_complaint_names
from sigap.core.actors import Actor, Permission
from sigap.core.models import Journal, Text
from sigap.core.names import named

from .casefile import LOOKS, told
from .deadlines import deadline
from .rows import Row
from .words import Words, state_names

# What only the desk reads in the story.
DESKS_OWN = ("complaint.note",)
_NOBODY: Row = {"name": "", "number": "", "hidden": False}
_TALK = ("words", "contest", "question", "reply")


def complaint_file(complaint: Complaint, actor: Actor, own: Referral | None = None) -> Row:
    """All that this person may see of a complaint: the desk all of it, an agency what it has to do
    (`own`) and no more: neither who reported it anonymously, nor, once it has it no more, who
    reported it, what was said since or any photo."""
    desk = own is None and actor.may(Permission.HANDLE_COMPLAINTS)
    gone = own is not None and own.state in GONE
    sent_along = complaint.attachments.filter(erased_at=None).order_by("id")
    referrals = list(
        complaint.referrals.select_related("agency", "officer", "plan", "answer").order_by("id")
    )
    words = Words()
    return {
        "complaint": complaint,
        "state": state_names("complaint").get(complaint.state, complaint.state),
        "class": class_of_complaint_names()[complaint.complaint_class],
        "channel": channel_names().get(complaint.channel, complaint.channel),
        "category": named(complaint.category) if complaint.category else "",
        "reporter": _NOBODY if gone else _reporter(complaint, desk),
        "due": deadline(complaint.due_at if own is None else own.due_at),
        "words": [] if gone else _said(complaint, _TALK, words),
        "notes": _said(complaint, ("note",), words) if desk else [],
        "files": [] if gone else [_file(a) for a in sent_along],
        "referrals": [_referral(r, words) for r in referrals if desk or r == own],
        "others": [r.agency.short for r in referrals if not desk and r != own],
        "own": own,
        "story": _story(complaint, own, desk=desk),
        "desk": desk,
    }


def _reporter(complaint: Complaint, desk: bool) -> Row:
    if complaint.anonymous and not desk:
        return {"name": "", "number": "", "hidden": True}
    name = complaint.reporter_name
    return {
        "name": (_("(erased)") if name.erased_at else name.body) if name else "",
        "number": complaint.reporter.spoken if complaint.reporter else "",
        "hidden": False,
    }


def _said(complaint: Complaint, fields: tuple[str, ...], words: Words) -> list[Row]:
    names = {
        "words": _("Citizen"),
        "contest": _("Citizen, contesting"),
        "question": _("Question to the citizen"),
        "reply": _("To the citizen"),
        "note": _("Note"),
    }
    rows = Text.objects.filter(subject=f"complaint:{complaint.pk}", field__in=fields)
    return [
        {
            "what": names[row.field],
            "at": row.at,
            "by": "" if row.field in ("words", "contest") else words.actor(row.author),
            "text": _("(erased)") if row.erased_at else row.body,
        }
        for row in rows.order_by("id")
    ]


def _file(attachment: Attachment) -> Row:
    roles = {
        "evidence": _("sent along"),
        "progress": _("progress"),
        "before": _("before"),
        "after": _("after"),
    }
    return {"file": attachment, "role": roles[attachment.role]}


def _referral(referral: Referral, words: Words) -> Row:
    progress = Text.objects.filter(subject=f"referral:{referral.pk}", field="progress")
    return {
        "referral": referral,
        "state": state_names("referral").get(referral.state, referral.state),
        "reason": words.reason(referral.reason) if referral.reason else "",
        "plan": _body(referral.plan),
        "answer": _body(referral.answer),
        "progress": [{"at": p.at, "text": _body(p)} for p in progress.order_by("id")],
        "active": referral.state in ACTIVE,
        "due": deadline(referral.due_at),
    }


def _body(text: Text | None) -> str:
    if text is None:
        return ""
    return _("(erased)") if text.erased_at else text.body


def _story(complaint: Complaint, own: Referral | None, *, desk: bool) -> list[Row]:
    """The journal of the case in words; an agency reads of itself and of the whole only."""
    case = f"complaint:{complaint.pk}"
    rows = Journal.objects.filter(case=case).exclude(kind__in=LOOKS).order_by("seq")
    if not desk:
        mine = [case, *([f"referral:{own.pk}"] if own else [])]
        rows = rows.filter(subject__in=mine).exclude(kind__in=DESKS_OWN)
    return told(rows)
