"""The telephone of each operator: its name at the exchange, and its password there."""

import hashlib
import hmac
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponseBase, JsonResponse
from django.urls import path

from sigap.core.actors import Permission
from sigap.core.models import User
from sigap.core.web import Request, view


def endpoint_of(person: User) -> str:
    """The name of a person's telephone at the exchange."""
    return f"op{person.pk}"


def password_of(person: User) -> str:
    """The password of that telephone. Nothing is stored: it follows from the secret key, and
    is another one as soon as the person's sign-ins are ended (a new epoch)."""
    words = f"phone:{person.pk}:{person.epoch}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()[:32]


@view(Permission.TAKE_CALLS)
def account(request: Request) -> HttpResponseBase:
    """How this person's browser registers as their telephone; null where none may."""
    url, person = settings.ENV.phones_url, request.person
    if not url or person is None:
        return JsonResponse(None, safe=False)
    return JsonResponse(
        {
            "url": url,
            "user": endpoint_of(person),
            "password": password_of(person),
            "domain": urlsplit(url).hostname,
        }
    )


urlpatterns = [path("calls/phone", account)]
