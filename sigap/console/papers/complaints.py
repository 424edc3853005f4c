"""The case file of a complaint."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.complaints.models import Complaint, Referral
from sigap.complaints.names import channel_names, class_of_complaint_names
from sigap.core.actors import Actor
from sigap.core.errors import Refused
from sigap.core.models import Journal
from sigap.core.names import named

from ..complaintfile import complaint_file
from ..rows import Row
from ..words import state_names
from .paper import Edition, file_line, paper, said, stamp


def complaint_paper(complaint: Complaint, actor: Actor, edition: Edition) -> Row:
    """All that the desk knows of a complaint, or of it what may be given out: its words only as
    far as the desk has released them, by the rule of its category."""
    releases = edition == "release"
    if releases and complaint.secret:
        raise Refused(_("A secret report is given out to nobody."), code="secret")
    case = f"complaint:{complaint.pk}"
    return paper(case, [case], actor, edition) | {
        "title": _("Report %(number)s")
        % {"number": complaint.pk if releases else complaint.number},
        "facts": _facts(complaint, releases=releases),
        "calls": [],
        "units": [],
        "referrals": [
            _referral(referral, releases=releases)
            for referral in complaint.referrals.select_related("agency", "plan", "answer").order_by(
                "pk"
            )
        ],
        "words": _released(complaint) if releases else _words(complaint, actor),
        "review_notes": [],
        "attachments": _attachments(complaint),
    }


def _facts(complaint: Complaint, *, releases: bool) -> list[list[Any]]:
    area = complaint.area
    guesses = ", ".join(str(guess[0]) for guess in complaint.guesses[:3])
    facts: list[list[Any]] = [
        [_("Category, proposed"), guesses],
        [_("Category, chosen"), named(complaint.category) if complaint.category else ""],
        [_("Kind"), class_of_complaint_names()[complaint.complaint_class]],
        [_("State"), state_names("complaint").get(complaint.state, complaint.state)],
        [_("Kelurahan"), f"{area.name}, {area.district}" if area else ""],
        [_("Filed"), stamp(complaint.filed_at)],
        [_("Sent to an agency"), stamp(complaint.disposed_at)],
        [_("Answered"), stamp(complaint.answered_at)],
        [_("Done"), stamp(complaint.done_at)],
        [_("Closed"), stamp(complaint.closed_at)],
    ]
    if not releases:
        facts += [
            [_("Channel"), channel_names().get(complaint.channel, complaint.channel)],
            [_("Address"), said(complaint.address)],
            [_("Landmark"), complaint.landmark.name if complaint.landmark else ""],
            [_("Reporter"), said(complaint.reporter_name)],
            [_("Number"), complaint.reporter.spoken if complaint.reporter else ""],
        ]
    return [[label, value or ""] for label, value in facts]


def _referral(referral: Referral, *, releases: bool) -> Row:
    return {
        "agency": named(referral.agency),
        "state": state_names("referral").get(referral.state, referral.state),
        "plan": "" if releases else said(referral.plan),
        "answer": "" if releases else said(referral.answer),
    }


def _released(complaint: Complaint) -> list[Row]:
    category = complaint.category
    text = complaint.released_text if category and category.publish == "full" else None
    return [_line(_("Released words"), stamp(text.at), "", said(text))] if text else []


def _words(complaint: Complaint, actor: Actor) -> list[Row]:
    file = complaint_file(complaint, actor)
    body = complaint.body
    first = [_line(_("The report"), stamp(body.at), "", said(body))] if body else []
    return first + [
        _line(one["what"], stamp(one["at"]), one["by"], one["text"])
        for one in sorted((*file["words"], *file["notes"]), key=lambda one: one["at"])
    ]


def _line(what: str, at: str | None, by: str, text: str) -> Row:
    return {"what": what, "at": at, "by": by, "text": text, "struck": False}


def _attachments(complaint: Complaint) -> list[Row]:
    """What was sent along. The hash of older files was not recorded: it is left out, as nothing
    shows what it was."""
    rows = Journal.objects.filter(case=f"complaint:{complaint.pk}", kind="complaint.file")
    recorded = {row.body["attachment_id"]: row.body.get("sha256", "") for row in rows}
    kinds = {
        "image": _("Photo"),
        "audio": _("Voice note"),
        "video": _("Video"),
        "document": _("Document"),
    }
    return [
        file_line(
            kinds[file.kind],
            file.pk,
            recorded.get(file.pk, ""),
            file.at,
            erased=file.erased_at is not None,
        )
        for file in complaint.attachments.order_by("pk")
    ]
