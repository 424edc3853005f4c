"""The addresses of the crew page."""

from django.urls import path

from . import check, destination, positions, views

urlpatterns = [
    path("crew", views.page),
    path("crew/job", views.job),
    path("crew/assignments/<int:assignment_id>/step", views.take_step),
    path("crew/assignments/<int:assignment_id>/note", views.note),
    path("crew/assignments/<int:assignment_id>/story", views.story),
    path("crew/availability", views.availability),
    path("crew/duty", views.duty),
    path("crew/position", positions.position),
    path("crew/assignments/<int:assignment_id>/destination", destination.destination),
    path("crew/check", check.check),
]
