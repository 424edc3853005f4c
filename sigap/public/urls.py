"""The addresses for citizens and their programs: nobody need be signed in."""

from django.urls import URLPattern

from .open311.urls import urlpatterns as open311
from .views import (
    handed,
    helping,
    journal,
    listing,
    opendata,
    report,
    track,
    transparency,
    warnings,
)

urlpatterns: list[URLPattern] = [
    *report.urlpatterns,
    *track.urlpatterns,
    *listing.urlpatterns,
    *handed.urlpatterns,
    *helping.urlpatterns,
    *warnings.urlpatterns,
    *transparency.urlpatterns,
    *opendata.urlpatterns,
    *journal.urlpatterns,
    *open311,
]
