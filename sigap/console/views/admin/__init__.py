"""Administration: everything that a city must change, each change journalled."""

from django.urls import path

from . import city, devices, people, records

urlpatterns = [
    path("admin", records.index),
    path("admin/parameters", city.numbers),
    path("admin/boundaries", city.boundaries),
    path("admin/users", people.people),
    path("admin/users/add", people.add_person),
    path("admin/users/<int:key>", people.change_person),
    path("admin/users/<int:key>/password", people.reset_password),
    path("admin/users/<int:key>/second-factor", people.reset_second_factor),
    path("admin/devices", devices.devices),
    path("admin/devices/<int:key>", devices.device),
    path("admin/devices/<int:key>/renew", devices.renew),
    path("admin/devices/<int:key>/revoke", devices.revoke),
    path("admin/<slug:name>", records.listing),
    path("admin/<slug:name>/add", records.add),
    path("admin/<slug:name>/<int:key>", records.change),
    path("admin/<slug:name>/<int:key>/remove", records.remove),
]
