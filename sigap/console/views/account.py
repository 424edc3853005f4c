"""What a person may change about their own account: password, second factor, language."""

from typing import Literal

import pyotp
import segno
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.core.accounts import cipher
from sigap.core.actions.accounts import (
    SignInFailed,
    begin_second_factor,
    change_password,
    change_user,
    confirm_second_factor,
)
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.models import User
from sigap.core.queries import deployment
from sigap.core.web import Line, Request, body, remember_language, view

from ..session import local, owed_by

P = Permission


class NewPassword(BaseModel):
    """The password form."""

    old: Line = ""
    new: Line = ""
    again: Line = ""


class Code(BaseModel):
    """The proof that the secret arrived in the app."""

    code: Line = ""


class Language(BaseModel):
    """The language form."""

    language: Literal["id", "en"]
    next: Line = ""


@view(P.ANYONE, "GET", "POST")
def password(request: Request) -> HttpResponseBase:
    """Change the own password; all other sessions of the person end."""
    assert request.person is not None
    error: Invalid | SignInFailed | None = None
    if request.method == "POST":
        given = body(request, NewPassword)
        try:
            if given.new != given.again:
                raise Invalid(_("The two new passwords are not the same."), code="again")
            change_password(request.person, given.new, old=given.old, actor=request.actor)
        except (Invalid, SignInFailed) as refusal:
            error = refusal
        else:
            return _carry_on(request, owed_before="password")
    context = {"error": error, "owed": request.session.get("owes") == "password"}
    return render(request, "console/password.html", context, status=400 if error else 200)


@view(P.ANYONE, "GET", "POST")
def second_factor(request: Request) -> HttpResponseBase:
    """Set up an authenticator app: a picture to scan, the secret to type, a code as proof."""
    person = request.person
    assert person is not None
    owed = request.session.get("owes") == "second-factor"
    if person.totp_secret:
        if request.method == "POST":
            raise Refused(_("You have a second factor already. An administrator can remove it."))
        return render(request, "console/second_factor.html", {"done": True})
    secret = _secret_of(request)
    error = None
    if request.method == "POST":
        try:
            confirm_second_factor(person, secret, body(request, Code).code, actor=request.actor)
        except Invalid as refusal:
            error = refusal
        else:
            del request.session["new_secret"]
            return _carry_on(request, owed_before="second-factor")
    context = {
        "error": error,
        "owed": owed,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "picture": _picture(person, secret),
    }
    return render(request, "console/second_factor.html", context, status=400 if error else 200)


@view(P.PUBLIC, "GET", "POST")
def language(request: Request) -> HttpResponseBase:
    """The language: kept with the account, or in a cookie for a visitor. Reading it shows
    all that a person may change about the own account."""
    if request.method != "POST":
        if request.person is None:
            return redirect("/sign-in")
        return render(request, "console/account.html")
    given = body(request, Language)
    response = redirect(local(given.next) or "/account/language")
    if request.person:
        change_user(request.person, language=given.language, actor=request.actor)
    else:
        response = redirect(local(given.next) or "/sign-in")
        remember_language(response, given.language)
    return response


def _carry_on(request: Request, *, owed_before: str) -> HttpResponse:
    """After a change of the account this session goes on, with what is still owed."""
    assert request.person is not None
    user = User.objects.get(pk=request.person.pk)
    owed = request.session.get("owes") == owed_before
    request.session.cycle_key()
    request.session["epoch"] = user.epoch
    if not owed:
        return redirect("/account/language")
    still = owed_by(user)
    if still:
        request.session["owes"] = still
        return redirect(f"/account/{still}")
    request.session.pop("owes")
    return redirect("/")


def _secret_of(request: Request) -> str:
    """The secret that this session is setting up; encrypted, since sessions are stored."""
    kept = request.session.get("new_secret")
    if kept:
        return cipher().decrypt(kept.encode()).decode()
    secret = begin_second_factor()
    request.session["new_secret"] = cipher().encrypt(secret.encode()).decode()
    return secret


def _picture(person: User, secret: str) -> str:
    served = deployment()
    issuer = f"Sigap {served.name}" if served else "Sigap"
    address = pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=issuer)
    svg = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return mark_safe(svg)  # noqa: S308 - made here, from numbers only


urlpatterns = [
    path("account/password", password),
    path("account/second-factor", second_factor),
    path("account/language", language),
]
