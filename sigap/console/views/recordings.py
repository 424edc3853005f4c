"""Listening to recordings, and those that somebody must look after."""

import re
from datetime import timedelta

from django.core import signing
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.calls import vault
from sigap.calls.actions import hear_recording
from sigap.calls.audio import Playable
from sigap.calls.models import Recording
from sigap.calls.queries import LOST_DAYS, audible, to_hear, to_look_after
from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Missing
from sigap.core.vault import Unreadable
from sigap.core.web import Request, view

from ..rows import Row

P = Permission
SALT = "recording"
# So long one may listen, go back and listen again, before it is asked for, and noted, anew.
OPEN_FOR = timedelta(minutes=30)
TYPE = "audio/wav"
PIECE = 4 << 20  # two minutes
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
SHOWN = 100


@view(P.TAKE_CALLS, "POST")
def play(request: Request, recording_id: int) -> HttpResponseBase:
    """Ask to listen. What is kept is checked against its hash, the row is committed, and only
    then is there an address at which it can be heard: this person's, for a while."""
    _plain(to_hear(recording_id, request.actor))
    recording = hear_recording(recording_id, actor=request.actor)
    until = (clock.now() + OPEN_FOR).timestamp()
    key = signing.dumps([recording.pk, request.actor.person_id(), until], salt=SALT)
    return JsonResponse(
        {
            "url": f"/recordings/{recording.pk}/audio?key={key}",
            "seconds": recording.seconds,
            "legs": recording.legs,
        }
    )


@view(P.TAKE_CALLS)
def audio(request: Request, recording_id: int) -> HttpResponseBase:
    """The sound itself, or the part of it that the player asks for."""
    recording = to_hear(recording_id, request.actor)
    try:
        opened = signing.loads(request.GET.get("key", ""), salt=SALT)
    except signing.BadSignature:
        opened = None
    asked = [recording.pk, request.actor.user_id]
    if opened is None or opened[:2] != asked or opened[2] < clock.now().timestamp():
        raise Forbidden(_("Open the recording again to listen to it."), code="expired")
    return _in_part(Playable(_plain(recording)), request.headers.get("Range", ""))


def _plain(recording: Recording) -> bytes:
    try:
        return vault.KEPT.read(recording.name, recording.sha256)
    except Unreadable as fault:
        raise Missing(
            _("This recording cannot be read: its file is missing or changed, or its key is gone."),
            code="unreadable",
        ) from fault
    except OSError as fault:
        raise Missing(_("The disk of the recordings does not answer."), code="disk") from fault


def _in_part(sound: Playable, wanted: str) -> HttpResponseBase:
    """The whole, piece by piece, or of the range of bytes that was asked for (RFC 9110) as
    much as fits into one answer: players ask on."""
    matched = RANGE.fullmatch(wanted)
    if matched is None or matched.groups() == ("", ""):
        starts = range(0, sound.size, PIECE)
        pieces = (sound.part(at, min(at + PIECE, sound.size) - 1) for at in starts)
        whole = StreamingHttpResponse(pieces, content_type=TYPE)
        whole["Content-Length"] = str(sound.size)
        whole["Accept-Ranges"] = "bytes"
        return whole
    first, last = matched.groups()
    # Without a first one: so many at the end.
    start = int(first) if first else max(0, sound.size - int(last))
    asked = int(last) if first and last else sound.size
    end = min(asked, start + PIECE - 1, sound.size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{sound.size}"})
    part = HttpResponse(sound.part(start, end), content_type=TYPE, status=206)
    part["Content-Range"] = f"bytes {start}-{end}/{sound.size}"
    return part


@view(P.SUPERVISE)
def listing(request: Request) -> HttpResponseBase:
    """Recordings of which nobody knows the call, and those that are lost."""
    rows = Recording.objects.filter(to_look_after()).select_related("call")
    rows = rows.order_by("-heard_of_at", "-id")
    context = {
        "unclaimed": rows.filter(state="stored")[:SHOWN],
        "lost": rows.filter(state="missing")[:SHOWN],
        "days": LOST_DAYS,
    }
    return render(request, "console/recordings.html", context)


def playable(calls: list[int], actor: Actor) -> dict[int, list[Row]]:
    """The recordings of calls as the player wants them, where this person may listen."""
    return {
        call: [{"id": r.pk, "seconds": r.seconds, "legs": r.legs} for r in found]
        for call, found in audible(calls, actor).items()
    }


urlpatterns = [
    path("recordings", listing),
    path("recordings/<int:recording_id>/play", play),
    path("recordings/<int:recording_id>/audio", audio),
]
