"""Every address of the control room; each view module lists its own."""

from django.urls import URLPattern

from .views import (
    admin,
    agency,
    calls,
    dispatch,
    home,
    incident,
    live,
    monev,
    places,
    start,
    supervisor,
)

urlpatterns: list[URLPattern] = [
    *home.urlpatterns,
    *start.urlpatterns,
    *calls.urlpatterns,
    *incident.urlpatterns,
    *places.urlpatterns,
    *dispatch.urlpatterns,
    *supervisor.urlpatterns,
    *agency.urlpatterns,
    *admin.urlpatterns,
    *monev.urlpatterns,
    *live.urlpatterns,
]
