"""The addresses of GeoReport v2, each as XML and as JSON."""

from hashlib import sha256

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from pydantic import ValidationError

from sigap.complaints.actions import add_words, attach_file, file_complaint, store
from sigap.complaints.files import KEPT, File, checked
from sigap.complaints.models import Attachment, Category, Complaint
from sigap.complaints.queries import categories
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.personal import clean
from sigap.core.queries import deployment, fetch
from sigap.core.vault import Unreadable
from sigap.core.web import Request, body, invalid, view

from ..models import ApiKey
from . import shown
from .answers import Value, answer
from .attributes import answers_of, definition
from .keys import actor_of, key_of, mark_of
from .schemas import Asked, Posted

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-26T00:00:00+07:00"  # of this interface
UNKNOWN = ("", "other", "lain", "lainnya")  # what it is about is to be found out from the words
MOST_FILES = 3  # of one report
KEYWORDS = 12


@view(Permission.PUBLIC)
def discovery(request: Request, form: str) -> HttpResponseBase:
    """Where what is spoken."""
    key_of(request)
    served = deployment()
    told: Value = {
        "changeset": CHANGESET,
        "contact": served.name if served else None,
        "key_service": _("The administrator of this city makes keys for programs."),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": request.build_absolute_uri("/open311/v2"),
                "changeset": CHANGESET,
                "type": "test" if served and served.drill else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return answer(form, "discovery", told)


@view(Permission.PUBLIC)
def services(request: Request, form: str) -> HttpResponseBase:
    """What can be reported."""
    _begin(request)
    told: list[Value] = [
        {
            **shown.service_of(category),
            "description": _("For %(agency)s.") % {"agency": category.agency.name},
            "metadata": bool(category.attributes),
            "type": "realtime",
            "keywords": ",".join([w for w in category.words if w.isalpha()][:KEYWORDS]),
            "group": category.group,
        }
        for category in categories().values()
    ]
    return answer(form, "services", told)


@view(Permission.PUBLIC)
def service(request: Request, code: str, form: str) -> HttpResponseBase:
    """What is asked about one of them."""
    _begin(request)
    return answer(form, "service_definition", definition(_category(code)))


@view(Permission.PUBLIC, "GET", "POST", keyed=True)
def requests(request: Request, form: str) -> HttpResponseBase:
    """The reports, or a new one."""
    if request.method == "POST":
        return _report(request, form)
    key = _begin(request)
    asked = _asked(request)
    rows = shown.told(shown.found(asked, key), key, request, extensions=asked.extensions)
    return answer(form, "service_requests", rows)


@view(Permission.PUBLIC)
def one_request(request: Request, number: str, form: str) -> HttpResponseBase:
    """One report."""
    key = _begin(request)
    complaint = fetch(shown.reports(key), number=number)
    extensions = _asked(request).extensions
    told = shown.told([complaint], key, request, extensions=extensions)
    if extensions:
        told[0]["service_request_updates"] = shown.history(complaint)
        told[0]["comments"] = shown.comments(complaint, key)
    return answer(form, "service_requests", told)


@view(Permission.PUBLIC)
def token(request: Request, code: str, form: str) -> HttpResponseBase:
    """The number of the report that a citizen's link belongs to."""
    _begin(request)
    complaint = fetch(Complaint, token=code)
    told: list[Value] = [{"token": code, "service_request_id": complaint.number}]
    return answer(form, "service_requests", told)


@view(Permission.PUBLIC)
def history(request: Request, number: str, form: str) -> HttpResponseBase:
    """What became of a report."""
    complaint = fetch(shown.reports(_begin(request)), number=number)
    return answer(form, "service_request_updates", shown.history(complaint))


@view(Permission.PUBLIC, "GET", "POST", keyed=True)
def comments(request: Request, number: str, form: str) -> HttpResponseBase:
    """What agencies said of a report, or something that the citizen adds."""
    writes = request.method == "POST"
    key = _begin(request, writes=writes)
    complaint = fetch(shown.reports(key), number=number)
    if not writes or key is None:
        return answer(form, "comments", shown.comments(complaint, key))
    if not shown.is_own(complaint, key):
        raise Missing(_("This program has not reported that."))
    text = add_words(complaint.pk, request.POST.get("description", ""), actor=actor_of(key))
    return answer(form, "comments", [shown.comment(text, complaint)], 201)


@view(Permission.PUBLIC)
def media(request: Request, name: str) -> HttpResponseBase:
    """A photo, for the program that reported."""
    key = key_of(request, needed=True)
    photo = fetch(Attachment, name=name, kind="image")
    complaint = fetch(shown.reports(key), pk=photo.complaint_id)
    if photo.erased_at or not shown.is_own(complaint, key):
        raise Missing(_("There is nothing at this address."))
    try:
        return HttpResponse(KEPT.read(name, photo.digest), content_type=photo.mime)
    except Unreadable:
        raise Missing(_("There is nothing at this address.")) from None


def _begin(request: Request, *, writes: bool = False) -> ApiKey | None:
    """Who asks, if this is the city that they mean."""
    request.encoding = "utf-8"  # whatever they say: the specification knows no other
    key = key_of(request, needed=writes)
    meant = request.POST.get("jurisdiction_id") or request.GET.get("jurisdiction_id")
    served = deployment() if meant else None
    if meant and (served is None or served.city != meant):
        raise Missing(_("This is not the server of that jurisdiction_id."))
    return key


def _report(request: Request, form: str) -> HttpResponse:
    key = _begin(request, writes=True)
    assert key is not None
    posted = body(request, Posted)
    category, asset, words = None, "", clean(posted.description)
    lines: list[str] = []
    if posted.service_code.lower() not in UNKNOWN:
        category = _category(posted.service_code)
        asset, lines = answers_of(category, request.POST)
    elif not words:
        raise Invalid(_("service_code or description is needed."))
    said = [words or str(category), *lines]
    if posted.media_url:
        said.append(posted.media_url)
    files = _files(request)
    own_id = request.headers.get("Idempotency-Key") or posted.idempotency_key
    complaint = file_complaint(
        channel="open311",
        # By a hash: what a program calls a report may say whose phone it came from.
        external_id=sha256(f"{key.pk}:{own_id}".encode()).hexdigest() if own_id else None,
        origin=mark_of(key),
        body="\n".join(said),
        category=category.code if category else "",
        lat=posted.lat,
        lng=posted.long,
        location_source="open311" if posted.lat is not None else "",
        address=posted.address_string,
        area=posted.address_id,
        asset=asset,
        number=posted.phone,
        name=posted.name,
        anonymous=posted.anonymous,
        secret=posted.secret,
        actor=actor_of(key),
    )
    for file in files:
        attach_file(complaint.pk, file, store(file), actor=actor_of(key))
    told = _received(complaint)
    if posted.extensions:
        told["extended_attributes"] = {"tracking_url": shown.tracking_url(complaint, request)}
    return answer(form, "service_requests", [told], 201)


def _received(complaint: Complaint) -> dict[str, Value]:
    """The answer to a report: whose it is, or whose it seems to be."""
    category = complaint.category
    if category is None and complaint.guesses:
        category = categories().get(complaint.guesses[0][0])
    agency = category.agency.short if category else None
    if complaint.category:
        notice = _("Received as %(number)s, for %(agency)s.")
    elif category:
        notice = _("Received as %(number)s; probably for %(agency)s, which a person checks.")
    else:
        notice = _("Received as %(number)s; a person finds out who does it.")
    told = notice % {"number": complaint.number, "agency": agency}
    if complaint.danger:
        told = f"{_('Is somebody in danger? Call 112 now.')} {told}"
    return {
        "service_request_id": complaint.number,
        "service_notice": told,
        "account_id": None,
        **shown.service_of(category),
        "agency_responsible": agency,
    }


def _category(code: str) -> Category:
    found = categories().get(code)
    if found is None:
        raise Missing(_("There is no such service_code."))
    return found


def _asked(request: Request) -> Asked:
    try:
        return Asked.model_validate(
            {name: given for name, given in request.GET.items() if given != ""}
        )
    except ValidationError as error:
        raise invalid(error) from None


def _files(request: Request) -> list[File]:
    given = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if len(given) > MOST_FILES:
        raise Invalid(_("At most %(most)d files at once.") % {"most": MOST_FILES}, code="files")
    return [checked(file.read()) for file in given]
