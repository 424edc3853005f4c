"""Every address of the product, one line each."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import JavaScriptCatalog

from sigap.core.actors import Permission
from sigap.core.web import view
from sigap.gateways import openapi, phones
from sigap.gateways.cap import published
from sigap.gateways.eido import pull

from . import faults, health

handler400 = faults.not_understood
handler403 = faults.not_allowed
handler404 = faults.not_there
handler500 = faults.crashed

urlpatterns: list[URLPattern | URLResolver] = [
    path("jsi18n", view(Permission.PUBLIC)(JavaScriptCatalog.as_view())),
    *health.urlpatterns,
    *openapi.urlpatterns,
    *phones.urlpatterns,
    *pull.urlpatterns,
    *published.urlpatterns,
    path("", include("sigap.crew.urls")),
    path("", include("sigap.public.urls")),
    path("", include("sigap.console.urls")),
]
