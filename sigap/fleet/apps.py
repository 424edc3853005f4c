from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "sigap.fleet"
    label = "fleet"
    verbose_name = "fleet"
