"""Where another centre reads a record that is shared with it."""

from django.http import HttpResponseBase, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Permission, system
from sigap.core.errors import Forbidden
from sigap.core.queries import fetch
from sigap.core.web import Request, json_error, view
from sigap.neighbours.actions import read_share
from sigap.neighbours.models import Centre

from .compose import compose
from .door import who_sent


@view(Permission.PUBLIC)
def shared(request: Request, reference: str) -> HttpResponseBase:
    """The record as it is now, for the centre that signs the question."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    code = who_sent(headers, request.get_full_path().partition("?")[0].encode(), clock.now())
    if not code:
        error = Forbidden(_("The signature is wrong."), code="signature")
        error.status = 401
        return json_error(error)
    centre = fetch(Centre, code=code, active=True)
    told = read_share(reference, centre, actor=system(code))
    return JsonResponse(compose(told))


urlpatterns = [path("eido/<str:reference>", shared)]
