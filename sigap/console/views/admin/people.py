"""The accounts: who may sign in, in which roles, for which agency or unit."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.core.accounts import one_time_password
from sigap.core.actions.accounts import (
    change_password,
    change_user,
    create_user,
    remove_second_factor,
)
from sigap.core.actors import Permission, Role
from sigap.core.errors import Invalid
from sigap.core.journal import subject_of
from sigap.core.models import User
from sigap.core.names import role_names
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.core.web import Request, view
from sigap.fleet.models import Agency, Unit
from sigap.notify.actions import set_phone
from sigap.notify.queries import phone_of

from .log import changes_of

P = Permission


class PersonForm(forms.Form):
    """An account, as an administrator sees it; the password is never typed by others."""

    username = forms.RegexField(r"^[A-Za-z0-9._@+-]{1,64}$", label=lazy("User name"), strip=True)
    name = forms.CharField(label=lazy("Name"), max_length=120)
    roles = forms.MultipleChoiceField(label=lazy("Roles"), widget=forms.CheckboxSelectMultiple)
    agency = forms.ChoiceField(label=lazy("Agency"), required=False)
    unit = forms.ChoiceField(label=lazy("Unit"), required=False)
    language = forms.ChoiceField(
        label=lazy("Language"), choices=[("id", "Indonesia"), ("en", "English")]
    )
    phone = forms.CharField(
        label=lazy("Mobile number for alerts"),
        max_length=30,
        required=False,
        help_text=lazy("Kept encrypted; used for SMS, calls and WhatsApp about a job only."),
    )
    is_active = forms.BooleanField(label=lazy("May sign in"), required=False, initial=True)

    def __init__(self, *args: Any, made: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(r.value, name) for r, name in role_names().items()]
        agencies = [(a.code, a.short) for a in Agency.objects.order_by("rank")]
        units = [
            (u, u) for u in Unit.objects.order_by("call_sign").values_list("call_sign", flat=True)
        ]
        self.fields["roles"].choices = choices  # type: ignore[attr-defined]
        self.fields["agency"].choices = [("", "–"), *agencies]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [("", "–"), *units]  # type: ignore[attr-defined]
        if made:
            self.fields["username"].disabled = True
        else:
            del self.fields["is_active"]

    def refuse(self, error: Invalid) -> None:
        """Show what the action refused beside the field that it is about."""
        self.add_error(error.code if error.code in self.fields else None, str(error))


@view(P.ADMINISTER)
def people(request: Request) -> HttpResponseBase:
    """All accounts, with a search."""
    words = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    found = User.objects.order_by("-is_active", "name", "pk")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(username__icontains=words))
    names = role_names()
    rows = [
        {
            "address": f"/admin/users/{user.pk}",
            "user": user,
            "roles": ", ".join(names[Role(r)] for r in user.roles),
            "of": user.unit or user.agency,
        }
        for user in found[:500]
    ]
    context = {"rows": rows, "q": words, "here": "users"}
    return render(request, "console/admin/people.html", context)


@view(P.ADMINISTER, "GET", "POST")
def add_person(request: Request) -> HttpResponseBase:
    """Make an account with a password that is shown once and must be changed."""
    form = PersonForm(request.POST if request.method == "POST" else None, made=False)
    if request.method == "POST" and form.is_valid():
        password = one_time_password()
        apart = ("language", "phone")
        given = {k: v for k, v in form.cleaned_data.items() if k not in apart}
        try:
            with transaction():
                user = create_user(**given, password=password, actor=request.actor)
                change_user(user, language=form.cleaned_data["language"], actor=request.actor)
                set_phone(user, form.cleaned_data["phone"], actor=request.actor)
        except Invalid as error:
            form.refuse(error)
        else:
            return _show_password(request, user, password)
    return _person_page(request, form, None)


@view(P.ADMINISTER, "GET", "POST")
def change_person(request: Request, key: int) -> HttpResponseBase:
    """Change name, roles, agency, unit, or whether the person may sign in."""
    user = fetch(User, pk=key)
    first = {n: getattr(user, n) for n in PersonForm.base_fields if n != "phone"}
    first["phone"] = phone_of(user)
    form = PersonForm(request.POST if request.method == "POST" else None, initial=first, made=True)
    if request.method == "POST" and form.is_valid():
        apart = ("username", "phone")
        given = {k: v for k, v in form.cleaned_data.items() if k not in apart}
        given["roles"] = sorted(given["roles"])
        try:
            with transaction():
                change_user(user, actor=request.actor, **given)
                set_phone(user, form.cleaned_data["phone"], actor=request.actor)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect(f"/admin/users/{key}")
    return _person_page(request, form, user)


@view(P.ADMINISTER, "GET", "POST")
def reset_password(request: Request, key: int) -> HttpResponseBase:
    """Give a new one-time password, after the question whether it is meant: all sessions of
    the person end."""
    user = _somebody_else(request, key)
    if request.method != "POST":
        return _ask(request, user, _("Give a new password"))
    password = one_time_password()
    change_password(user, password, actor=request.actor)
    return _show_password(request, user, password)


@view(P.ADMINISTER, "GET", "POST")
def reset_second_factor(request: Request, key: int) -> HttpResponseBase:
    """Take away the second factor of a lost phone, after the same question."""
    user = _somebody_else(request, key)
    if request.method != "POST":
        return _ask(request, user, _("Remove the second factor"))
    remove_second_factor(user, actor=request.actor)
    return redirect(f"/admin/users/{key}")


def _somebody_else(request: Request, key: int) -> User:
    user = fetch(User, pk=key)
    if user.pk == request.actor.user_id:
        raise Invalid(_("For your own account, ask another administrator."), code="own")
    return user


def _ask(request: Request, user: User, what: str) -> HttpResponse:
    context = {"user": user, "what": what, "here": "users"}
    return render(request, "console/admin/sure.html", context)


def _person_page(request: Request, form: PersonForm, user: User | None) -> HttpResponse:
    context = {
        "form": form,
        "user": user,
        "own": user is not None and user.pk == request.actor.user_id,
        "changes": changes_of(subject_of(user)) if user else [],
        "here": "users",
    }
    status = 400 if form.is_bound else 200
    return render(request, "console/admin/person.html", context, status=status)


def _show_password(request: Request, user: User, password: str) -> HttpResponse:
    context = {"user": user, "password": password, "here": "users"}
    return render(request, "console/admin/password.html", context)
