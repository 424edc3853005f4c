"""GeoReport v2: an address for each form."""

from django.urls import URLPattern, path

from . import views
from .answers import FORMS

ADDRESSES = {
    "open311/discovery": views.discovery,
    "open311/v2/discovery": views.discovery,
    "open311/v2/services": views.services,
    "open311/v2/services/<str:code>": views.service,
    "open311/v2/requests": views.requests,
    "open311/v2/requests/<str:number>": views.one_request,
    "open311/v2/requests/<str:number>/history": views.history,
    "open311/v2/requests/<str:number>/comments": views.comments,
    "open311/v2/tokens/<str:code>": views.token,
}
urlpatterns: list[URLPattern] = [
    path(f"{address}.{form}", answers, {"form": form})
    for address, answers in ADDRESSES.items()
    for form in FORMS
]
urlpatterns += [path("open311/v2/media/<str:name>.jpg", views.media)]
