"""The devices that tell where units are: made with a token that is shown once, renewed, revoked."""

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.core.actors import Permission
from sigap.core.errors import Invalid
from sigap.core.journal import subject_of
from sigap.core.queries import fetch
from sigap.core.web import Request, view
from sigap.fleet.models import Unit
from sigap.fleet.positions.actions import make_device, renew_device, revoke_device
from sigap.fleet.positions.models import Device

from ...words.positions import device_kinds, fault_names
from .log import changes_of

P = Permission
MOST = 2000
DOORS = {"owntracks": "/hooks/owntracks", "traccar": "/hooks/traccar", "json": "/hooks/positions"}


class DeviceForm(forms.Form):
    """A new device of a unit."""

    unit = forms.ChoiceField(label=lazy("Unit"))
    kind = forms.ChoiceField(label=lazy("Kind of device"))
    label = forms.CharField(
        label=lazy("Label"),
        max_length=40,
        required=False,
        help_text=lazy("Where it is, not whose: dashboard, spare telephone."),
    )
    identifier = forms.RegexField(
        r"^[!-~]{1,64}$",
        label=lazy("Identifier behind a Traccar server"),
        required=False,
        strip=True,
        help_text=lazy("Only for a tracker with a number of its own (IMEI); it gets no token."),
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        units = Unit.objects.filter(active=True).order_by("call_sign")
        signs = [(sign, sign) for sign in units.values_list("call_sign", flat=True)]
        kinds = [(code, name) for code, name in device_kinds().items() if code in DOORS]
        self.fields["unit"].choices = signs  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


@view(P.ADMINISTER, "GET", "POST")
def devices(request: Request) -> HttpResponseBase:
    """All devices, and a form for another."""
    form = DeviceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            device, token = make_device(
                fetch(Unit, call_sign=given["unit"]),
                kind=given["kind"],
                label=given["label"],
                identifier=given["identifier"],
                actor=request.actor,
            )
        except Invalid as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            return _page(request, device, token)
    kinds, faults = device_kinds(), fault_names()
    found = Device.objects.select_related("unit").order_by("-active", "unit__call_sign", "pk")
    rows = [
        {
            "device": row,
            "kind": kinds.get(row.kind, row.kind),
            "fault": faults.get(row.last_fault, row.last_fault),
        }
        for row in found[:MOST]
    ]
    context = {"form": form, "rows": rows, "here": "devices"}
    status = 400 if form.is_bound else 200
    return render(request, "console/admin/devices.html", context, status=status)


@view(P.ADMINISTER)
def device(request: Request, key: int) -> HttpResponseBase:
    """One device, and how it is told to send here."""
    return _page(request, fetch(Device.objects.select_related("unit"), pk=key))


@view(P.ADMINISTER, "POST")
def renew(request: Request, key: int) -> HttpResponseBase:
    """Give the device another token."""
    return _page(request, *renew_device(key, actor=request.actor))


@view(P.ADMINISTER, "POST")
def revoke(request: Request, key: int) -> HttpResponseBase:
    """Listen to the device no more."""
    revoke_device(key, actor=request.actor)
    return redirect(f"/admin/devices/{key}")


def _page(request: Request, row: Device, token: str = "") -> HttpResponse:
    door = DOORS.get(row.kind, "")
    public = settings.ENV.public_url or request.build_absolute_uri("/")
    context = {
        "device": row,
        "kind": device_kinds().get(row.kind, row.kind),
        "fault": fault_names().get(row.last_fault, row.last_fault),
        "token": token,
        "address": public.rstrip("/") + door if door else "",
        "ways": _ways(row),
        "changes": changes_of(subject_of(row)),
        "here": "devices",
    }
    return render(request, "console/admin/device.html", context)


def _ways(row: Device) -> str:
    """How the device shows who it is."""
    if row.identifier:
        return _(
            "The Traccar server passes its positions on (forward.type json) and shows the token "
            "of the hooks in forward.header."
        )
    return {
        "owntracks": _("Mode HTTP; the user name is free, the password is the token."),
        "traccar": _("The device identifier is the token."),
        "json": _("The token is sent as a bearer's: Authorization: Bearer …"),
    }.get(row.kind, _("The person who is signed in on the crew's page."))
