from django.apps import AppConfig


class WarningsConfig(AppConfig):
    name = "sigap.warnings"
    label = "warnings"
    verbose_name = "warnings"
