"""What a citizen may read of their own report: the steps, with what was said at each.

The journal says what happened, and names the words by their ids. Only what is listed here is
shown: the desk's own notes, names, numbers and answers that nobody has checked yet are not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sigap.complaints.machine import GONE
from sigap.complaints.models import Attachment, Complaint, Referral
from sigap.core.journal import subject_of
from sigap.core.models import Journal, Text
from sigap.core.names import named, reasons

# Words that are meant for the citizen, or are theirs.
OPEN_WORDS = ("words", "reply", "question", "contest", "plan", "progress", "answer")
OF_AGENCY = ("plan", "progress", "answer")
AFTER_CHECK = ("before", "after")


@dataclass
class Step:
    """One step as the page shows it. `own`: the citizen took it."""

    at: datetime
    title: str
    words: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    planned_for: date | None = None
    own: bool = False


def story_of(complaint: Complaint, *, whole: bool = True) -> list[Step]:
    """The steps of a report, oldest first. Not `whole`: as somebody reads it who reported the
    same, without a word of its own reporter."""
    referrals = complaint.referrals.select_related("agency")
    agencies = {subject_of(referral): named(referral.agency) for referral in referrals}
    subject = subject_of(complaint)
    rows = Journal.objects.filter(case=subject).exclude(kind="person.opened").order_by("seq")
    fields = OPEN_WORDS if whole else OF_AGENCY
    texts = Text.objects.filter(subject__in=[subject, *agencies], field__in=fields)
    words = {text.pk: text.body for text in texts.filter(struck_at=None, erased_at=None)}
    files = {file.pk: file for file in shown_files(complaint, whole=whole)}
    told = _Told(agencies, words, files, whole=whole)
    return [step for row in rows for step in told.steps(row)]


def shown_files(complaint: Complaint, *, whole: bool = True) -> QuerySet[Attachment]:
    """The files that its citizen may see: their own, those of the work, and those of an answer
    that was checked."""
    checked = Journal.objects.filter(case=subject_of(complaint), kind="complaint.approve")
    last = checked.order_by("seq").values_list("at", flat=True).last()
    allowed = Q(role="progress")
    if last is not None:
        allowed |= Q(role__in=AFTER_CHECK, at__lte=last)
    if whole:
        # By whatever way the citizen sent them: what an account has added is the desk's own.
        allowed |= Q(role="evidence") & ~Q(author__startswith="user:")
    return complaint.attachments.filter(allowed, erased_at=None).order_by("pk")


class _Told:
    """Turns journal rows into steps, one after the other."""

    def __init__(
        self,
        agencies: dict[str, str],
        words: dict[int, str],
        files: dict[int, Attachment],
        *,
        whole: bool,
    ) -> None:
        self._agencies, self._words, self._files = agencies, words, files
        self._whole = whole
        self._answers: dict[str, str] = {}  # given, and not yet checked
        self._checked: list[str] = []
        self._photos: list[Attachment] = []  # of answers, not yet shown

    def steps(self, row: Journal) -> Iterator[Step]:
        """What a row means to the citizen, if anything."""
        said = self._words.get(row.body.get("text_id") or 0, "")
        agency = self._agencies.get(row.subject, "")
        room, _dot, verb = row.kind.partition(".")
        if room == "referral":
            yield from self._of_agency(row, verb, agency, said)
        elif row.kind == "complaint.file":
            yield from self._of_file(row)
        elif row.kind == "complaint.approve":
            yield Step(row.at, _("Done. What the agency answers:"), self._checked, self._photos)
            self._checked, self._photos = [], []
        elif title := self._title(verb, row):
            yield Step(row.at, title, _some(said), own=verb in ("filed", "words", "contest"))

    def _of_agency(self, row: Journal, verb: str, agency: str, said: str) -> Iterator[Step]:
        if verb == "answer":
            self._answers[row.subject] = f"{agency}: {said}" if said else ""
        elif verb == "return":
            self._answers.pop(row.subject, None)
        elif verb == "approve":
            self._checked += _some(self._answers.pop(row.subject, ""))
        titles = {
            "sent": _("Sent to %(agency)s"),
            "accept": _("%(agency)s has taken it on"),
            "plan": _("%(agency)s says what will be done"),
            "progress": _("%(agency)s says how far it is"),
            "answer": _("%(agency)s has answered; a second person checks the answer"),
            "refuse": _("%(agency)s is not in charge; the right agency is being looked for"),
        }
        if verb in titles:
            shown = _some(said) if verb in ("plan", "progress") else []
            planned = row.body.get("planned_for")
            yield Step(
                row.at,
                titles[verb] % {"agency": agency},
                shown,
                planned_for=date.fromisoformat(planned) if planned else None,
            )

    def _of_file(self, row: Journal) -> Iterator[Step]:
        file = self._files.get(row.body["attachment_id"])
        if file is None:
            return
        if file.role in AFTER_CHECK:
            self._photos.append(file)
        elif file.role == "progress":
            yield Step(row.at, _("Photo of the work"), files=[file])

    def _title(self, verb: str, row: Journal) -> str:
        common = {
            "archive": _("Not followed up"),
            "restore": _("Taken up again"),
            "promote": _("Handed over to the emergency service 112"),
            "demote": _("No emergency after all: it goes on as a report"),
            "refuse": _("The answer was not enough; the agency goes on"),
        }
        own = {
            "filed": _("Your report has arrived"),
            "words": _("You added"),
            "reply": _("Message to you"),
            "hold": _("A question to you"),
            "ask_again": _("You were asked once more"),
            "resume": _("It goes on"),
            "go_on": _("It goes on"),
            "contest": _("You said that it is not solved; it was opened again"),
            "confirm": _("You said that it is solved"),
            "expire": _("Closed, as nobody said that it is not solved"),
            "attach": _("Joined with another report about the same"),
            "detach": _("Handled by itself again"),
        }
        if verb == "archive" and row.body.get("reason"):
            names = dict(reasons("archive"))
            reason = names.get(row.body["reason"], "")
            return f"{common['archive']}: {reason}" if reason else common["archive"]
        return common.get(verb) or (own.get(verb, "") if self._whole else "")


def main_of(complaint: Complaint) -> Complaint:
    """The report that it was joined with, which goes on for both; else itself."""
    seen = {complaint.pk}
    while complaint.attached_to is not None and complaint.attached_to_id not in seen:
        complaint = complaint.attached_to
        seen.add(complaint.pk)
    return complaint


def question_of(complaint: Complaint) -> str:
    """What the citizen is asked while it waits for them."""
    asked = Text.objects.filter(
        subject=subject_of(complaint), field="question", struck_at=None, erased_at=None
    )
    last = asked.last()
    return last.body if last else ""


def agencies_of(complaint: Complaint) -> list[Any]:
    """Those that have it, or answered it."""
    rows = Referral.objects.filter(complaint=complaint).exclude(state__in=GONE)
    return [named(row.agency) for row in rows.select_related("agency").order_by("pk")]


def _some(words: str) -> list[str]:
    return [words] if words else []
