from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "sigap.config"
    label = "config"
    verbose_name = "config"
