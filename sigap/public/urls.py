"""The addresses for citizens and their programs: nobody need be signed in."""

from django.urls import URLPattern

from .open311.urls import urlpatterns as open311
from .views import handed, listing, report, track

urlpatterns: list[URLPattern] = [
    *report.urlpatterns,
    *track.urlpatterns,
    *listing.urlpatterns,
    *handed.urlpatterns,
    *open311,
]
