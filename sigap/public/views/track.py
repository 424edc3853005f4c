"""What became of a report: by its link all of it, by its number only how it stands.

The link is as good as a key: whoever has it reads what was reported, adds to it and says whether
it is solved. The number is made to be said aloud, at a desk or to a neighbour, so it opens
nothing of a person: no words, no photos, no place, and of a confidential report nothing at all.
"""

import re
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.complaints.actions import (
    add_words,
    answer_question,
    confirm_complaint,
    contest_complaint,
    rate_complaint,
    resume_complaint,
)
from sigap.complaints.files import KEPT
from sigap.complaints.models import Complaint
from sigap.complaints.queries import may_rate
from sigap.core import clock
from sigap.core.actors import Permission, system
from sigap.core.errors import Invalid, Missing, SigapError
from sigap.core.models import Text
from sigap.core.names import named
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.core.vault import Unreadable
from sigap.core.web import Request, view, was_too_much

from ..pace import TooOften, check_address, check_pace
from ..story import agencies_of, main_of, question_of, shown_files, story_of
from ..uploads import MOST, Uploads, uploads_of
from ..words import day_words, last_day, state_words

P = Permission
WEB = system("web")
MOST_LOOKS = "240/hour"  # of one address, by number
MOST_ADDED = "40/hour"  # of one report
NUMBER = re.compile(r"[A-Z2-9]{8}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,43}")


@view(P.PUBLIC)
def look_up(request: Request) -> HttpResponseBase:
    """How a report stands, by its number."""
    typed = request.GET.get("nomor", "")[:40]
    if not typed.strip():
        return private(render(request, "public/look_up.html"))
    context: dict[str, Any] = {"typed": typed}
    status = 200
    try:
        check_address(request, "look_up", MOST_LOOKS)
        complaint = fetch(_complaints(), number=_number(typed), secret=False)
        context |= _standing(main_of(complaint)) | {"number": complaint.number}
    except TooOften as error:
        context["error"], status = str(error), error.status
    except Missing:
        context["error"], status = _not_found(), 404
    return private(render(request, "public/look_up.html", context, status=status))


@view(P.PUBLIC, "GET", "POST")
def track(request: Request, token: str) -> HttpResponseBase:
    """All of a report, for whoever has its link; and what they have to say."""
    try:
        complaint = _by_token(token)
    except Missing:
        return private(render(request, "public/unknown.html", status=404))
    if request.method != "POST":
        return _page(request, complaint)
    typed = {name: request.POST.get(name, "") for name in ("do", "words", "why", "score")}
    uploads = Uploads()
    try:
        check_pace("track", token, MOST_ADDED)
        uploads = uploads_of(request)
        if uploads.errors:
            status = 413 if was_too_much(request) else 400
            return _page(request, complaint, typed, uploads, " ".join(uploads.errors), status)
        with transaction():
            _do(complaint, typed, uploads)
    except SigapError as error:
        complaint.refresh_from_db()
        return _page(request, complaint, typed, uploads, str(error), error.status)
    return redirect(f"/lacak/{quote(token)}?ok={quote(typed['do'])}")


@view(P.PUBLIC)
def file(request: Request, token: str, name: str) -> HttpResponseBase:
    """A photo or voice note of a report, for whoever has its link."""
    complaint = _by_token(token)
    if not TOKEN.fullmatch(name):
        raise Missing(_("There is nothing at this address."))
    main = main_of(complaint)
    found = shown_files(complaint).filter(name=name).first()
    if found is None and main.pk != complaint.pk:
        found = shown_files(main, whole=False).filter(name=name).first()
    if found is None:
        raise Missing(_("There is nothing at this address."))
    try:
        data = KEPT.read(found.name, found.digest)
    except Unreadable as error:
        raise Missing(_("This file cannot be read any more.")) from error
    answer = HttpResponse(data, content_type=found.mime)
    shown = found.kind != "document"
    answer["Content-Disposition"] = "inline" if shown else 'attachment; filename="aduan.pdf"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return private(answer)


def _do(complaint: Complaint, typed: dict[str, str], uploads: Uploads) -> None:
    """One command for all that a press of a button means. The same press again changes nothing:
    a slow phone sends twice."""
    complaint.refresh_from_db()  # the other press may have been faster
    what, words, pk = typed["do"], typed["words"].strip(), complaint.pk
    if what in ("add", "answer"):
        if not words and not uploads.files:
            raise Invalid(_("Write something, or choose a photo."), code="words")
        uploads.attach(pk, actor=WEB)
        waits = what == "answer" and complaint.state == "held"
        if waits and words:
            answer_question(pk, words, actor=WEB)
        elif waits:
            resume_complaint(pk, actor=WEB)
        elif words:
            add_words(pk, words, actor=WEB)
    elif what == "confirm":
        if complaint.state != "closed":
            confirm_complaint(pk, score=_score(typed) if typed["score"] else None, actor=WEB)
    elif what == "contest":
        why = typed["why"].strip()
        if not why:
            raise Invalid(_("Write what is not solved."), code="why")
        if not _said_before(complaint, why):
            contest_complaint(pk, why=why, actor=WEB)
        uploads.attach(pk, actor=WEB)
    elif what == "rate":
        score = _score(typed)
        if complaint.score != score:
            rate_complaint(pk, score=score, actor=WEB)
    else:
        raise Invalid(_("The request was not understood."))


def _score(typed: dict[str, str]) -> int:
    if typed["score"] not in {"1", "2", "3", "4", "5"}:
        raise Invalid(_("Choose a mark from 1 to 5."), code="score")
    return int(typed["score"])


def _said_before(complaint: Complaint, why: str) -> bool:
    said = Text.objects.filter(subject=f"complaint:{complaint.pk}", field="contest", body=why)
    return complaint.contests > 0 and said.exists()


def _page(
    request: Request,
    complaint: Complaint,
    typed: dict[str, str] | None = None,
    uploads: Uploads | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    main = main_of(complaint)
    steps = story_of(complaint)
    if main.pk != complaint.pk:
        steps += story_of(main, whole=False)
        steps.sort(key=lambda step: step.at)
    context = {
        "complaint": complaint,
        "number": complaint.number,
        "link": request.build_absolute_uri(f"/lacak/{complaint.token}"),
        "fresh": "baru" in request.GET,
        "thanks": request.GET.get("ok", ""),
        "steps": steps,
        "files": [file for file in shown_files(complaint) if file.role == "evidence"],
        "question": question_of(complaint) if complaint.state == "held" else "",
        "may_answer": complaint.state == "held",
        "may_confirm": complaint.state == "done",
        "may_contest": complaint.state == "done" and not complaint.contests,
        "may_rate": may_rate(complaint),
        "joined": main.pk != complaint.pk,
        "typed": typed or ({"score": str(complaint.score)} if complaint.score else {}),
        "uploads": uploads or Uploads(),
        "error": error,
        "most": MOST,
        "marks": marks(),
        **_standing(main, own=complaint),
    }
    return private(render(request, "public/track.html", context, status=status))


def _standing(main: Complaint, own: Complaint | None = None) -> dict[str, Any]:
    """How it stands, without a word of anybody."""
    return {
        "state": state_words(main.state),
        "state_code": main.state,
        "category": named(main.category) if main.category else "",
        "agencies": agencies_of(main),
        "filed": day_words((own or main).filed_at),
        "deadline": _deadline(main),
    }


def _deadline(complaint: Complaint) -> str:
    """By when something happens, in words; and that it is late, where it is."""
    state, now = complaint.state, clock.now()
    if state == "filed" and complaint.forward_due_at:
        due, words = (
            complaint.forward_due_at,
            _("It is sent to an agency by %(day)s at the latest."),
        )
    elif state in ("disposed", "in_progress", "answered", "contested") and complaint.solve_due_at:
        due = complaint.solve_due_at
        words = _("It is answered by %(day)s at the latest.")
    elif state == "done" and complaint.reply_due_at:
        words = _("Say by %(day)s whether it is solved. If you say nothing, it is closed then.")
        return words % {"day": last_day(complaint.reply_due_at)}
    elif state == "held":
        return _("The agency waits for the reporter's answer; until then no deadline runs.")
    else:
        return ""
    if due <= now:
        late = _("This should have happened by %(day)s. The supervisor and the agency know it.")
        return late % {"day": last_day(due)}
    return words % {"day": last_day(due)}


def marks() -> list[tuple[int, str]]:
    """The marks from the best to the worst, in words."""
    return [
        (5, _("very good")),
        (4, _("good")),
        (3, _("so-so")),
        (2, _("poor")),
        (1, _("very poor")),
    ]


def _complaints() -> QuerySet[Complaint]:
    return Complaint.objects.select_related(
        "category", "area", "landmark", "body", "address", "attached_to__category"
    )


def _by_token(token: str) -> Complaint:
    if not TOKEN.fullmatch(token):
        raise Missing(_("There is nothing at this address."))
    return fetch(_complaints(), token=token)


def _number(typed: str) -> str:
    """The number as it is kept, however it was typed."""
    letters = re.sub(r"[^A-Z0-9]", "", typed.upper())
    if not NUMBER.fullmatch(letters):
        raise Missing(_not_found())
    return f"{letters[:4]}-{letters[4:]}"


def _not_found() -> str:
    return _(
        "No report can be shown for this number. Check it letter by letter. A confidential report "
        "is shown by its link only."
    )


def private(answer: HttpResponse) -> HttpResponse:
    """For nobody else: no search engine, no cache. What a page links to outside is told nothing
    by the site's own Referrer-Policy (same-origin); "no-referrer" would make browsers withhold
    the origin of forms too, by which forged ones are known."""
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("lacak", look_up),
    path("lacak/<str:token>", track),
    path("lacak/<str:token>/foto/<str:name>", file),
]
