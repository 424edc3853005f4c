"""The city's own warnings for programs: each as a CAP document, and a feed of them (Atom). They
hold no personal data, never change once issued, and may be kept by whoever stands between."""

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.cache import get_conditional_response

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.queries import city_zone, deployment, fetch, site
from sigap.core.web import Request, view
from sigap.warnings.models import Announcement
from sigap.warnings.queries import in_the_feed, message_of, practised, published

from .compose import compose
from .index import ATOM, CAP_TYPE
from .signature import sign

ATOM_TYPE = "application/atom+xml"
MOST_ENTRIES = 100
# Whoever stands between may keep it so long; what was issued does not change, a feed does.
KEEP_S, FEED_KEEP_S = 3600, 30


@view(Permission.PUBLIC)
def document(request: Request, announcement_id: int) -> HttpResponseBase:
    """One warning as CAP."""
    found = fetch(published(), pk=announcement_id)
    return _answer(request, document_of(found), CAP_TYPE, KEEP_S)


@view(Permission.PUBLIC)
def feed(request: Request) -> HttpResponseBase:
    """What is in force or ended not long ago, the newest first."""
    return _answer(request, _feed(), ATOM_TYPE, FEED_KEEP_S)


def document_of(announcement: Announcement) -> bytes:
    """The CAP document of an announcement, signed where the city has a key."""
    made = compose(message_of(announcement), city_zone())
    key, certificate = settings.ENV.cap_key, settings.ENV.cap_certificate
    if key is None or certificate is None:
        return made
    changed = key.stat().st_mtime_ns, certificate.stat().st_mtime_ns
    return _signed(made, key, certificate, changed)


@lru_cache(maxsize=256)
def _signed(made: bytes, key: Path, certificate: Path, _changed: tuple[int, int]) -> bytes:
    # Some signatures are another one each time: whoever asks twice must get the same.
    return sign(made, key, certificate)


def _feed() -> bytes:
    served, base = deployment(), site()
    rows = list(in_the_feed()[:MOST_ENTRIES])
    root = Element(f"{ATOM}feed")
    _put(root, "id", f"{base}/peringatan/feed.xml")
    name = served.name if served else "Sigap"
    _put(root, "title", f"{'LATIHAN: ' if served and served.drill else ''}Peringatan 112 {name}")
    newest = rows[0].sent if rows and rows[0].sent else None
    _put(root, "updated", _when(newest or (served.created_at if served else clock.now())))
    _put(SubElement(root, f"{ATOM}author"), "name", name)
    link = {"rel": "self", "type": ATOM_TYPE, "href": f"{base}/peringatan/feed.xml"}
    SubElement(root, f"{ATOM}link", link)
    SubElement(root, f"{ATOM}link", {"rel": "alternate", "href": f"{base}/peringatan"})
    for row in rows:
        entry = SubElement(root, f"{ATOM}entry")
        _put(entry, "id", f"{base}/peringatan/{row.pk}.xml")
        _put(entry, "title", practised(row, "headline"))
        _put(entry, "updated", _when(row.sent or row.written_at))
        _put(entry, "summary", practised(row, "description"))
        href = f"{base}/peringatan/{row.pk}.xml"
        SubElement(entry, f"{ATOM}link", {"type": CAP_TYPE, "href": href})
    told = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return bytes(told)


def _put(element: Element, name: str, text: str) -> None:
    SubElement(element, f"{ATOM}{name}").text = text


def _when(at: datetime) -> str:
    return at.astimezone(city_zone()).replace(microsecond=0).isoformat()


def _answer(request: Request, data: bytes, kind: str, keep_s: int) -> HttpResponseBase:
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    response = HttpResponse(data, content_type=f"{kind}; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={keep_s}"
    response["Access-Control-Allow-Origin"] = "*"
    return get_conditional_response(request, etag=etag, response=response) or response


urlpatterns = [
    path("peringatan/feed.xml", feed),
    path("peringatan/<int:announcement_id>.xml", document),
]
