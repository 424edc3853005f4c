"""What happens around every request: errors told, the person found, all else refused."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sigap.core.actors import Actor, Permission, of_user
from sigap.core.errors import UNREAD, Forbidden
from sigap.core.models import User
from sigap.core.queries import city_zone, deployment
from sigap.core.web import error_response, person_of, wants_json

from .faults import not_understood, refusal_of

log = logging.getLogger("sigap")
Next = Callable[[HttpRequest], HttpResponseBase]
NOBODY = Actor(code="nobody", permissions=frozenset({Permission.PUBLIC}))
METER = Actor(code="system:metrics", permissions=frozenset({Permission.PUBLIC, Permission.METRICS}))
# Where a person may go who still owes a new password or a second factor.
OWED_PATHS = ("/account/", "/sign-out", "/static/", "/jsi18n")


class Errors:
    """Turns what actions refuse into an answer in the user's language and the asked form."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the headers that every page carries."""
        try:
            request.get_host()
        except DisallowedHost as error:  # not a name of this site
            response: HttpResponseBase = not_understood(request, error)
        else:
            response = self.get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; img-src 'self' data: {_origin(_tiles())}; "
            f"connect-src 'self' {_origin(settings.ENV.phones_url)}; "
            "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'; "
            "form-action 'self'; object-src 'none'",
        )
        microphone = "self" if settings.ENV.phones_url else ""
        response.headers.setdefault("Permissions-Policy", f"microphone=({microphone})")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal becomes its answer; a database that fails is said to, without a stack."""
        return refused(request, error)


def refused(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to a refusal, and to a database that fails; None where the fault is ours."""
    refusal = refusal_of(error)
    if isinstance(error, Error):
        log.error("database: %s", type(error).__name__)
    return error_response(request, refusal) if refusal else None


class People:
    """Finds the person of the session; an old, idle or outdated session is nobody's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put `person` and `actor` on the request."""
        try:
            person = person_of(request.session)
        except Error as error:
            if answer := refused(request, error):
                return answer
            raise
        request.person = person  # type: ignore[attr-defined]
        request.actor = of_user(person) if person else _by_token(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def _by_token(request: HttpRequest) -> Actor:
    """A monitoring system that shows the token for the figures, else nobody."""
    token = settings.ENV.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and constant_time_compare(given, token):
        return METER
    return NOBODY


class Language:
    """Indonesian unless the person chose English; times are the city's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the person's language, or a visitor's chosen one."""
        person = getattr(request, "person", None)
        wanted = person.language if person else request.COOKIES.get("sigap_language", "")
        known = dict(settings.LANGUAGES)
        chosen = wanted if wanted in known else settings.LANGUAGE_CODE
        with translation.override(chosen), timezone.override(_zone()):
            response = self.get_response(request)
            response.headers["Content-Language"] = translation.get_language() or ""
            patch_vary_headers(response, ["Cookie"])
            return response


def _zone() -> ZoneInfo:
    with suppress(Error):  # what fails will say so better than the time of day
        return city_zone()
    return ZoneInfo(settings.TIME_ZONE)


class DefaultDeny:
    """No view runs whose permission is not named and held."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, if all of it is here, or what its view wants of it; the check
        stands before the view."""
        fault = request.META.get(UNREAD)
        if fault is not None and not getattr(fault, "beginning", b""):
            return refused(request, fault) or self.get_response(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse (403), or ask to sign in (401, or the sign-in page)."""
        permission: Permission | None = getattr(view, "permission", None)
        actor: Actor = request.actor  # type: ignore[attr-defined]
        person: User | None = request.person  # type: ignore[attr-defined]
        if permission is None or not actor.may(permission):
            if person is None and permission is not None:
                machine = permission == Permission.METRICS
                if machine or wants_json(request) or request.headers.get("HX-Request"):
                    error = Forbidden(_("Sign in first."), code="sign_in")
                    error.status = 401
                    response = error_response(request, error)
                    if machine:
                        response["WWW-Authenticate"] = "Bearer"
                    return response
                return redirect(f"/sign-in?next={request.path}")
            return error_response(request, Forbidden(_("Your role does not allow this.")))
        owed = request.session.get("owes")
        if person and owed and not request.path.startswith(OWED_PATHS):
            return redirect("/account/" + owed)
        return None


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or from elsewhere."""
    return error_response(
        request, Forbidden(_("The page was open too long. Load it again."), code="csrf")
    )


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: the city, whether this is a drill, who is signed in."""
    city = None
    with suppress(Error):  # an error page must be had without the database
        city = deployment()
    return {
        "city": city,
        "person": getattr(request, "person", None),
        "actor": getattr(request, "actor", NOBODY),
        "source_url": settings.ENV.source_url,
    }


def _tiles() -> str:
    return settings.ENV.tile_url.replace("{s}.", "*.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
