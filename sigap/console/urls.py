"""Every address of the control room; each view module lists its own."""

from django.urls import URLPattern

from .views import (
    admin,
    agency,
    calls,
    chats,
    complaints,
    dispatch,
    holds,
    home,
    incident,
    live,
    monev,
    places,
    quality,
    recordings,
    referrals,
    sorting,
    start,
    supervisor,
)

urlpatterns: list[URLPattern] = [
    *home.urlpatterns,
    *start.urlpatterns,
    *calls.urlpatterns,
    *chats.urlpatterns,
    *complaints.urlpatterns,
    *incident.urlpatterns,
    *places.urlpatterns,
    *dispatch.urlpatterns,
    *supervisor.urlpatterns,
    *quality.urlpatterns,
    *recordings.urlpatterns,
    *holds.urlpatterns,
    *agency.urlpatterns,
    *referrals.urlpatterns,
    *sorting.urlpatterns,
    *admin.urlpatterns,
    *monev.urlpatterns,
    *live.urlpatterns,
]
