"""The addresses of the crew page."""

from django.urls import path

from . import positions, views

urlpatterns = [
    path("crew", views.page),
    path("crew/shell", views.shell),
    path("crew/state", views.state),
    path("crew/acts", views.acts),
    path("crew/act/<str:name>", views.act),
    path("crew/photos/<str:key>", views.photo),
    path("crew/sw.js", views.worker),
    path("crew/manifest.webmanifest", views.manifest),
    path("crew/assignments/<int:assignment_id>/step", views.take_step),
    path("crew/assignments/<int:assignment_id>/note", views.note),
    path("crew/assignments/<int:assignment_id>/story", views.story),
    path("crew/availability", views.availability),
    path("crew/duty", views.duty),
    path("crew/position", positions.position),
]
