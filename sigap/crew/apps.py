from django.apps import AppConfig


class CrewConfig(AppConfig):
    name = "sigap.crew"
    label = "crew"
    verbose_name = "crew"
