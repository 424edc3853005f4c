from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "sigap.insight"
    label = "insight"
    verbose_name = "insight"
