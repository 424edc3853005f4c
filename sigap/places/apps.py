from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "sigap.places"
    label = "places"
    verbose_name = "places"
