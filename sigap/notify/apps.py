from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "sigap.notify"
    label = "notify"
    verbose_name = "notify"
