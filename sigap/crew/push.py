"""Pushes to this browser: the key it needs, its subscription, a test, and that one has arrived.

The push itself is shown by the service worker; `push.js` is the button on the page.
"""

from typing import Annotated, Literal

from django.http import HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints

from sigap.core.actors import Permission, system
from sigap.core.errors import Forbidden
from sigap.core.web import Request, body, view
from sigap.notify.actions import add_device, note_receipt, remove_device, try_person
from sigap.notify.models import Delivery, Device
from sigap.notify.sealed import delivery_of
from sigap.notify.webpush import check_subscription, public_key

P = Permission
Words = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_=-]{1,200}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[\x21-\x7e]{1,1990}$")]


class Keys(BaseModel):
    """What a browser's pushes are encrypted for."""

    p256dh: Words
    auth: Words


class Subscription(BaseModel):
    """What `PushManager.subscribe` gives, and what the device is called."""

    endpoint: Address
    keys: Keys
    label: Annotated[str, StringConstraints(max_length=200)] = ""


class Endpoint(BaseModel):
    """The address of a browser's pushes."""

    endpoint: Address


class Received(BaseModel):
    """What the service worker has received, by what only it was told."""

    receipt: Annotated[str, Field(max_length=80)] = ""
    status: Literal["delivered", "read"] = "delivered"


@view(P.STATION)
def key(request: Request) -> HttpResponseBase:
    """The public key of the city, and how many devices of this person take pushes."""
    devices = Device.objects.filter(person_id=request.actor.user_id, active=True).count()
    return JsonResponse({"key": public_key(), "devices": devices})


@view(P.STATION, "POST")
def subscribe(request: Request) -> HttpResponseBase:
    """Send pushes to this browser from now on."""
    given = body(request, Subscription)
    check_subscription(given.endpoint, given.keys.p256dh, given.keys.auth)
    device = add_device(
        given.endpoint, given.keys.p256dh, given.keys.auth, given.label, actor=request.actor
    )
    return JsonResponse({"ok": True, "device": device.pk})


@view(P.STATION, "POST")
def unsubscribe(request: Request) -> HttpResponseBase:
    """Send no more pushes to this browser."""
    remove_device(body(request, Endpoint).endpoint, actor=request.actor)
    return JsonResponse({"ok": True})


@view(P.STATION, "POST")
def test(request: Request) -> HttpResponseBase:
    """Send a test to oneself by every channel; the answer names it."""
    alert = try_person(request.actor.person_id(), actor=request.actor)
    return JsonResponse({"ok": True, "alert": alert.pk})


@view(P.STATION)
def result(request: Request, alert_id: int) -> HttpResponseBase:
    """What became of a test to oneself."""
    mine = Delivery.objects.filter(
        alert=alert_id, alert__cause="test", person_id=request.actor.user_id
    )
    rows = mine.order_by("pk").values("channel", "state", "error")
    return JsonResponse({"deliveries": list(rows)})


@view(P.PUBLIC, "POST", keyed=True)
def received(request: Request) -> HttpResponseBase:
    """A push has arrived, or was tapped. The receipt inside it is the proof; nobody need be
    signed in on the phone any more. That says nothing of whether somebody takes the job."""
    given = body(request, Received)
    delivery = delivery_of(given.receipt)
    if delivery is None:
        raise Forbidden(_("This receipt is not ours."), code="receipt")
    note_receipt(f"d{delivery}", given.status, actor=system("push"))
    return JsonResponse({"ok": True})
