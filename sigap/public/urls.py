"""The addresses for citizens and their programs: nobody need be signed in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
