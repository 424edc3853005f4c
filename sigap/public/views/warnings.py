"""What citizens read of public warnings: the city's own, and those of others for the city."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from sigap.core.actors import Permission
from sigap.core.queries import fetch
from sigap.core.web import Request, view
from sigap.places.models import Area
from sigap.warnings.message import preferred
from sigap.warnings.models import Announcement, ReceivedWarning
from sigap.warnings.queries import in_force, in_the_feed, own_in_force, practised, published

MOST = 50
WORDS = ("event", "headline", "description", "instruction")


@view(Permission.PUBLIC)
def warnings(request: Request) -> HttpResponseBase:
    """What is in force, then what was lately."""
    names = dict(Area.objects.values_list("code", "name"))
    now = own_in_force()
    others = [w for w in in_force() if w.scope == "Public"]
    context = {
        "now": [_own(a, names) for a in now],
        "others": [_other(w, names) for w in others],
        "over": [_own(a, names) for a in in_the_feed()[:MOST] if a not in now],
    }
    return render(request, "public/warnings.html", context)


@view(Permission.PUBLIC)
def warning(request: Request, announcement_id: int) -> HttpResponseBase:
    """One of the city's own."""
    found = fetch(published().select_related("before"), pk=announcement_id)
    names = dict(Area.objects.values_list("code", "name"))
    later = published().filter(before=found).first()
    context = {"one": _own(found, names), "later": later.pk if later else None}
    return render(request, "public/warning.html", context)


def grade_names() -> dict[str, tuple[str, str]]:
    """How bad it is: a shape and a word."""
    return {
        "Extreme": ("⬢", pgettext("severity", "Extreme")),
        "Severe": ("▲", pgettext("severity", "Severe")),
        "Moderate": ("◆", pgettext("severity", "Moderate")),
        "Minor": ("●", pgettext("severity", "Minor")),
    }


def _grade(severity: str) -> tuple[str, str]:
    return grade_names().get(severity, ("?", pgettext("severity", "Unknown")))


def _own(announcement: Announcement, names: dict[str, str]) -> dict[str, Any]:
    ending = "_en" if get_language() == "en" and announcement.headline_en else ""
    over = {
        "ended": _("This warning has ended."),
        "replaced": _("A newer warning has taken its place."),
        "withdrawn": _("This warning was cancelled."),
    }
    return {
        "pk": announcement.pk,
        "lang": "en" if ending else "id",
        "sign_and_grade": _grade(announcement.severity),
        "grave": announcement.severity in ("Extreme", "Severe"),
        "cancels": announcement.msg_type == "Cancel",
        "over": over.get(announcement.state, ""),
        "areas": [names.get(code, code) for code in announcement.touched],
        "sent": announcement.sent,
        "expires": announcement.expires,
        **{name: practised(announcement, name + ending) for name in WORDS},
    }


def _other(received: ReceivedWarning, names: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = next(iter(preferred(received.infos, get_language() or "id")), {})
    practice = "LATIHAN: " if received.is_practice else ""
    return {
        "by": said.get("sender_name") or received.sender,
        "lang": said.get("language", "id"),
        "sign_and_grade": _grade(received.severity),
        "grave": received.severity in ("Extreme", "Severe"),
        "areas": [names.get(code, code) for code in received.areas],
        "sent": received.sent,
        "expires": received.expires,
        **{name: practice + said[name] if said.get(name) else "" for name in WORDS},
    }


urlpatterns = [
    path("peringatan", warnings),
    path("peringatan/<int:announcement_id>", warning),
]
