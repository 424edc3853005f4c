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
    ikm,
    incident,
    live,
    monev,
    outreach,
    places,
    quality,
    recordings,
    referrals,
    start,
    supervisor,
    survey,
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
    *admin.urlpatterns,
    *monev.urlpatterns,
    *survey.urlpatterns,
    *ikm.urlpatterns,
    *outreach.urlpatterns,
    *live.urlpatterns,
]
