from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "sigap.complaints"
    label = "complaints"
    verbose_name = "complaints"
