"""The first page, signing in and out."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.core import clock
from sigap.core.actions.accounts import (
    SignInFailed,
    change_user,
    check_code,
    check_sign_in,
    signed_in,
    signed_out,
)
from sigap.core.actions.shifts import end_shift
from sigap.core.actors import Permission, Role, of_user
from sigap.core.errors import Forbidden, Missing
from sigap.core.models import User
from sigap.core.names import role_names
from sigap.core.queries import deployment
from sigap.core.web import Line, Request, body, client_address, view

from ..session import begin, home_of, local, owed_by
from . import account

P = Permission
# How long the second step of a sign-in may take.
PENDING_S = 300
LOOPBACK = ("127.0.0.1", "::1")
# What a proxy adds to a request.
PROXIED = re.compile(r"Forwarded|Via$|X-Forwarded-|X-Real-IP|CF-|.*-Client-IP$", re.IGNORECASE)


class Credentials(BaseModel):
    """What the sign-in form sends."""

    username: Line = ""
    password: Line = ""
    next: Line = ""


class Code(BaseModel):
    """The second step of the sign-in."""

    code: Line = ""


class DrillRole(BaseModel):
    """The role that somebody wants to try in the drill."""

    role: Role


@view(P.PUBLIC)
def first_page(request: Request) -> HttpResponseBase:
    """In a drill on this machine the roles to try; else the person's screen, or sign-in."""
    if drill_refusal(request) is None:
        roles = [{"code": role.value, "name": name} for role, name in role_names().items()]
        home = home_of(request.person) if request.person else ""
        return render(request, "console/drill.html", {"roles": roles, "home": home})
    return redirect(home_of(request.person) if request.person else "/sign-in")


@view(P.PUBLIC, "POST")
def enter_drill(request: Request) -> HttpResponseBase:
    """Sign in as the drill's person of a role, with one click and without a password."""
    refusal = drill_refusal(request)
    if refusal is not None:
        raise refusal
    role = body(request, DrillRole).role
    user = User.objects.filter(username=role.value, is_active=True).first()
    if user is None or role not in user.roles:
        raise Missing(_("The drill has nobody of this role."))
    # Whoever chose a language on the first page goes on in it.
    if (chosen := request.COOKIES.get("sigap_language")) in dict(settings.LANGUAGES):
        user = change_user(user, language=chosen, actor=of_user(user))
    return _enter(request, user, owes="", goal="")


@view(P.PUBLIC, "GET", "POST")
def sign_in(request: Request) -> HttpResponseBase:
    """Name and password; then the code, where the person has a second factor."""
    if request.method != "POST":
        return _sign_in_page(request, goal=request.GET.get("next", ""))
    given = body(request, Credentials)
    address = client_address(request)
    try:
        user = check_sign_in(given.username, given.password, address=address)
    except SignInFailed as error:
        return _sign_in_page(request, goal=given.next, name=given.username, error=error)
    if not user.totp_secret:
        return _enter(request, user, owes=owed_by(user), goal=given.next)
    request.session.clear()
    request.session.cycle_key()
    request.session["pending"] = {
        "user": user.pk,
        "epoch": user.epoch,
        "at": clock.now().timestamp(),
        "next": given.next,
    }
    return redirect("/sign-in/code")


@view(P.PUBLIC, "GET", "POST")
def sign_in_code(request: Request) -> HttpResponseBase:
    """The second step: a code of the authenticator app."""
    pending = request.session.get("pending") or {}
    user = User.objects.filter(pk=pending.get("user", 0), is_active=True).first()
    late = clock.now().timestamp() - pending.get("at", 0) > PENDING_S
    if user is None or user.epoch != pending["epoch"] or late:
        request.session.pop("pending", None)
        return redirect("/sign-in")
    if request.method != "POST":
        return render(request, "console/sign_in_code.html")
    try:
        check_code(user, body(request, Code).code, address=client_address(request))
    except SignInFailed as error:
        return render(request, "console/sign_in_code.html", {"error": error}, status=error.status)
    return _enter(request, user, owes=owed_by(user), goal=pending["next"])


@view(P.ANYONE, "POST")
def sign_out(request: Request) -> HttpResponseBase:
    """End the session, and the shift with it: whoever left is not at the desk."""
    end_shift(actor=request.actor)
    signed_out(actor=request.actor)
    request.session.flush()
    return redirect("/")


def drill_refusal(request: HttpRequest) -> Missing | Forbidden | None:
    """Why the one-click sign-in is not offered here; None where it is.

    Only for a drill's own database, served as a drill, to a browser on the same machine:
    a request that came through any proxy could be anybody's.
    """
    served = deployment()
    if not (served and served.drill and settings.ENV.drill):
        return Missing(_("There is nothing at this address."))
    through_a_proxy = any(PROXIED.match(header) for header in request.headers)
    old = request.META.get("SERVER_PROTOCOL") == "HTTP/1.0"  # what proxies speak, and no browser
    if through_a_proxy or old or request.META.get("REMOTE_ADDR") not in LOOPBACK:
        return Forbidden(_("The drill can be entered only on its own machine."))
    return None


def _enter(request: Request, user: User, *, owes: str, goal: str) -> HttpResponse:
    signed_in(user, address=client_address(request))
    begin(request, user, owes=owes)
    if owes:
        return redirect(f"/account/{owes}")
    return redirect(local(goal) or home_of(user))


def _sign_in_page(
    request: Request, *, goal: str, name: str = "", error: SignInFailed | None = None
) -> HttpResponse:
    context = {"next": local(goal), "name": name, "error": error}
    return render(request, "console/sign_in.html", context, status=error.status if error else 200)


urlpatterns = [
    path("", first_page),
    path("drill/enter", enter_drill),
    path("sign-in", sign_in),
    path("sign-in/code", sign_in_code),
    path("sign-out", sign_out),
    *account.urlpatterns,
]
