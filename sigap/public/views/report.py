"""A report without WhatsApp: one form, which works without a script and on a cheap phone."""

import hashlib
import math
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _

from sigap.complaints.actions import file_complaint
from sigap.complaints.models import Complaint
from sigap.complaints.names import group_words
from sigap.complaints.queries import categories
from sigap.complaints.sorting import danger
from sigap.core.actors import Permission, system
from sigap.core.errors import Invalid, SigapError
from sigap.core.names import named
from sigap.core.personal import clean, is_unclear_number
from sigap.core.queries import deployment
from sigap.core.transaction import transaction
from sigap.core.web import Request, remember_language, view, was_too_much
from sigap.places.queries import city, is_outside

from ..pace import TooOften, check_address
from ..uploads import MOST, Uploads, uploads_of

WEB = system("web")
LEAST_DIGITS = 6  # of a local landline; what is shorter reaches nobody
MOST_REPORTS = "120/hour"  # of one address: a whole mobile network may be one
MOST_ASSET = 32
MOST_NAME = 120
KEY = re.compile(r"[A-Za-z0-9_-]{20,40}")
# Where a form stands again is what was wrong with it.
TYPED = ("what", "category", "area", "place", "asset", "name", "phone", "lat", "lng", "website")


@dataclass
class Given:
    """A form as it was sent, whatever is in it, and what is wrong with it."""

    what: str = ""
    category: str = ""
    area: str = ""
    place: str = ""
    asset: str = ""
    name: str = ""
    phone: str = ""
    lat: str = ""
    lng: str = ""
    website: str = ""  # no person sees this field; programs that fill in forms do
    anonymous: bool = False
    secret: bool = False
    confirmed: bool = False
    key: str = ""
    uploads: Uploads = field(default_factory=Uploads)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sent: QueryDict) -> "Given":
        """What stands in the fields; the key stays the same until the report is filed."""
        key = sent.get("key", "")
        given = cls(
            anonymous="anonymous" in sent,
            secret="secret" in sent,
            confirmed="confirmed" in sent,
            key=key if KEY.fullmatch(key) else _key(),
        )
        for name in TYPED:
            setattr(given, name, sent.get(name, ""))
        return given

    def check(self) -> None:
        """Note what is wrong, field by field."""
        self._check_words()
        if self.category and self.category not in categories():
            self._wrong("category", _("Choose a kind from the list."))
        if self.area and self.area not in city().areas:
            self._wrong("area", _("Choose a kelurahan from the list."))
        digits = sum(c.isdecimal() for c in self.phone)
        if self.phone.strip() and (is_unclear_number(self.phone) or digits < LEAST_DIGITS):
            self._wrong("phone", _("This telephone number cannot be read. Example: 081234567890."))
        if self.website:
            self._wrong("website", _("Leave this field empty: it is there to keep programs out."))
        if self.lat or self.lng:
            self._check_point()
        if self.uploads.errors:
            self._wrong("photos", " ".join(self.uploads.errors))

    def _check_words(self) -> None:
        for name in ("what", "place"):
            try:
                clean(getattr(self, name))
            except Invalid as error:
                self._wrong(name, str(error))
        if not clean(self.what[:4000]):
            self._wrong("what", _("Write what happened. One sentence is enough."))
        for name, most in (("asset", MOST_ASSET), ("name", MOST_NAME)):
            if len(clean(getattr(self, name)[:4000])) > most:
                self._wrong(name, _("No more than %(most)d characters.") % {"most": most})

    def _check_point(self) -> None:
        point = self.point
        if point is None or is_outside(*point):
            self.lat = self.lng = ""
            self._wrong(
                "area",
                _(
                    "Your position is not in %(city)s, so it was left out. Choose the kelurahan "
                    "where it happened, or describe the place, and send again."
                )
                % {"city": _city_name()},
            )

    @property
    def point(self) -> tuple[float, float] | None:
        """The position that the phone gave."""
        try:
            lat, lng = float(self.lat), float(self.lng)
        except ValueError:
            return None
        if not (math.isfinite(lat) and math.isfinite(lng)):
            return None
        return (lat, lng) if -90 <= lat <= 90 and -180 <= lng <= 180 else None  # noqa: PLR2004

    @property
    def external_id(self) -> str:
        """Sent twice it is one report; with other words (the way back in the browser) another."""
        return hashlib.sha256(f"{self.key}\n{clean(self.what)}".encode()).hexdigest()

    def _wrong(self, name: str, why: str) -> None:
        self.errors.setdefault(name, why)


@view(Permission.PUBLIC, "GET", "POST")
def report(request: Request) -> HttpResponseBase:
    """The form, and what is filed with it."""
    if request.method != "POST":
        # A code on a lamp post may lead here with its number.
        kind, post = request.GET.get("kategori", ""), request.GET.get("tiang", "")
        return _form(request, Given(key=_key(), category=kind, asset=post))
    given = Given.of(request.POST)
    try:
        check_address(request, "report", MOST_REPORTS)
    except TooOften as error:
        given.errors["what"] = str(error)
        return _form(request, given, status=error.status)
    if language := request.POST.get("language"):
        return _in_language(request, given, language)
    given.uploads = uploads_of(request)
    given.check()
    if given.errors:
        return _form(request, given, status=413 if was_too_much(request) else 400)
    if "edit" in request.POST:
        return _form(request, given)
    alarm = danger().read(given.what)
    if alarm and alarm.level == "now" and not given.confirmed:
        return render(request, "public/danger.html", {"given": given, "typed": TYPED})
    try:
        complaint = _file(given)
    except SigapError as error:
        given.errors["what"] = str(error)
        return _form(request, given, status=error.status)
    return redirect(f"/lacak/{complaint.token}?baru=1")


def _file(given: Given) -> Complaint:
    lat, lng = given.point or (None, None)
    with transaction():
        complaint = file_complaint(
            channel="web",
            external_id=given.external_id,
            body=given.what,
            category=given.category,
            lat=lat,
            lng=lng,
            location_source="phone" if given.point else "",
            area=given.area,
            address=given.place,
            asset=clean(given.asset),
            number=given.phone,
            name=given.name,
            anonymous=given.anonymous,
            secret=given.secret,
            actor=WEB,
        )
        given.uploads.attach(complaint.pk, actor=WEB)
        return complaint


def _form(request: Request, given: Given, *, status: int = 200) -> HttpResponse:
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in categories().values():
        groups.setdefault(group_words(category.group), []).append((category.code, named(category)))
    districts: dict[str, list[tuple[str, str]]] = {}
    for area in sorted(city().areas.values(), key=lambda area: (area.district, area.name)):
        districts.setdefault(area.district, []).append((area.code, area.name))
    context: dict[str, Any] = {
        "given": given,
        "groups": groups,
        "districts": districts,
        "most": MOST,
        "form_of_its_own": True,
    }
    response = render(request, "public/report.html", context, status=status)
    if request.method != "POST":
        # Nothing of anybody is in it, and on the way back the browser keeps what was typed.
        response["Cache-Control"] = "no-cache, private"
    return response


def _in_language(request: Request, given: Given, language: str) -> HttpResponse:
    """The same form in the other language, with all that was typed."""
    language = language if language in ("id", "en") else "id"
    with translation.override(language):
        given.uploads = uploads_of(request)
        response = _form(request, given)
    remember_language(response, language)
    return response


def _city_name() -> str:
    served = deployment()
    return served.name if served else "112"


def _key() -> str:
    return secrets.token_urlsafe(18)


urlpatterns = [path("lapor", report)]
