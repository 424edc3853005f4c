from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "sigap.calls"
    label = "calls"
    verbose_name = "calls"
