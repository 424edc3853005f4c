from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "sigap.dispatch"
    label = "dispatch"
    verbose_name = "dispatch"
