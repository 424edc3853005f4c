"""The addresses of the crew page."""

from django.urls import path

from . import check, destination, positions, push, views

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
    path("crew/push/key", push.key),
    path("crew/push/subscribe", push.subscribe),
    path("crew/push/unsubscribe", push.unsubscribe),
    path("crew/push/test", push.test),
    path("crew/push/tests/<int:alert_id>", push.result),
    path("crew/push/received", push.received),
    path("crew/assignments/<int:assignment_id>/destination", destination.destination),
    path("crew/check", check.check),
]
