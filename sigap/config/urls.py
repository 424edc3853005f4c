"""Every address of the product, one line each."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import JavaScriptCatalog

from sigap.core.actors import Permission
from sigap.core.web import view
from sigap.gateways import openapi

from . import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("jsi18n", view(Permission.PUBLIC)(JavaScriptCatalog.as_view())),
    *health.urlpatterns,
    *openapi.urlpatterns,
    path("", include("sigap.crew.urls")),
    path("", include("sigap.console.urls")),
]
