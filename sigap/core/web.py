"""What every view needs: its permission by name, its input checked, its errors told."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from . import clock
from .actors import Actor, Permission
from .errors import UNREAD, Invalid, SigapError
from .models import User
from .rows import row
from .wording import fault_of

B = TypeVar("B", bound=BaseModel)
View = Callable[..., HttpResponseBase]
YEAR_S = 365 * 24 * 3600


def _in_the_city(at: datetime) -> datetime:
    if not 2000 <= at.year < 2100:  # noqa: PLR2004 - years
        raise ValueError(_("is no possible year"))
    return timezone.make_aware(at) if timezone.is_naive(at) else at


# When something happened; without a zone it is the city's own.
LocalTime = Annotated[datetime, AfterValidator(_in_the_city)]
# One line of words in a form: control characters are refused (PostgreSQL stores no NUL).
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Request(HttpRequest):
    """A request after the middleware: who asks, and what that actor may do."""

    person: User | None
    actor: Actor


# How errors are told below an address whose readers expect a form of their own.
_told_by: dict[str, Callable[[HttpRequest, SigapError], HttpResponse]] = {}


def view(permission: Permission, *methods: str, keyed: bool = False) -> Callable[[View], View]:
    """Name the permission and the methods of a view. A view without this is refused.

    `keyed`: a program shows a key of its own with every POST, and no cookie counts, so that no
    token of a form is asked for: another site could not send the key in a visitor's name.
    """
    allowed = methods or ("GET",)

    def decorate(function: View) -> View:
        @wraps(function)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # HEAD asks what GET would answer. It carries no token of a form, so it must
            # never reach a view that only takes POST.
            method = "GET" if request.method == "HEAD" else request.method
            if method not in allowed:
                error = SigapError(_("This address does not take that method."), code="method")
                error.status = 405
                response = error_response(request, error)
                response["Allow"] = ", ".join(allowed)
                return response
            return function(request, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        # Where no POST is taken it is refused for that, not for want of a form's token.
        checked.csrf_exempt = keyed or "POST" not in allowed  # type: ignore[attr-defined]
        checked.keyed = keyed  # type: ignore[attr-defined]
        return checked

    return decorate


def body(request: HttpRequest, model: type[B]) -> B:
    """The checked input of a POST, from a form or from JSON; Invalid names what is wrong."""
    kind = request.content_type or ""
    try:
        if kind == "application/json":
            return model.model_validate_json(request.body)
        data: dict[str, Any] = {}
        for name in request.POST:
            if name == "csrfmiddlewaretoken":
                continue
            values = request.POST.getlist(name)
            # An empty field of a form says nothing.
            if values != [""]:
                data[name] = values if len(values) > 1 else values[0]
        return model.model_validate(data)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> Invalid:
    """A pydantic error as one sentence per field, without repeating what was sent."""
    fields = {".".join(str(p) for p in e["loc"]) or "-": fault_of(e) for e in error.errors()}
    text = "; ".join(f"{name}: {message}" for name, message in list(fields.items())[:5])
    return Invalid(_("Not understood: %(what)s") % {"what": text}, code="fields", fields=fields)


def client_address(request: HttpRequest) -> str:
    """Where the request came from. X-Forwarded-For counts only from a trusted proxy, and of
    it only the last address that is not such a proxy's own: all before it can be made up."""
    peer: str = request.META.get("REMOTE_ADDR", "")
    trusted = settings.ENV.trusted_proxies
    if peer not in trusted:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return next((hop for hop in reversed(hops) if hop and hop not in trusted), peer)


def was_too_much(request: HttpRequest) -> bool:
    """Whether more was sent than this address takes, so that only its beginning is there."""
    return isinstance(request.META.get(UNREAD), RequestDataTooBig)


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep a visitor's language in their browser; of a person it is kept with the account."""
    response.set_cookie(
        "sigap_language",
        language,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=settings.ENV.https,
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether the asker is a program (our own scripts included) rather than a page load."""
    accept = request.headers.get("Accept", "")
    return "application/json" in accept or (request.content_type == "application/json")


def error_response(request: HttpRequest, error: SigapError) -> HttpResponse:
    """An error in the form that was asked for: JSON, an htmx fragment, or a page; or in that
    of the address."""
    for below, tell in _told_by.items():
        if request.path.startswith(below):
            return tell(request, error)
    if wants_json(request):
        return json_error(error)
    from django.shortcuts import render

    template = "fragments/error.html" if request.headers.get("HX-Request") else "error.html"
    return render(
        cast(Any, request), template, {"error": error, "status": error.status}, status=error.status
    )


def json_error(error: SigapError) -> JsonResponse:
    """An error as a program reads it."""
    details = {k: v for k, v in error.details.items() if k != "text"}
    content = {"error": {"code": error.code, "message": str(error), **details}}
    return JsonResponse(content, status=error.status)


def tell_errors(below: str, tell: Callable[[HttpRequest, SigapError], HttpResponse]) -> None:
    """Let `tell` say what went wrong at each address that begins so."""
    _told_by[below] = tell


def person_of(session: Any) -> User | None:
    """The person signed in on this session. The last-seen time moves once a minute, so that
    reading a page does not write."""
    user_id = session.get("user_id")
    if user_id is None:
        return None
    now = clock.now().timestamp()
    seen = session.get("seen", 0)
    user = row(User, pk=user_id)
    outdated = user is None or not user.is_active or user.epoch != session.get("epoch")
    # Each save of the session moves its cookie's end, so the whole length is kept here.
    too_old = now - session.get("began", seen) > settings.SESSION_COOKIE_AGE
    if user is None or outdated or too_old or now - seen > settings.IDLE_S:
        session.flush()
        return None
    if now - seen > 60:  # noqa: PLR2004 - seconds
        session["seen"] = now
    return user
