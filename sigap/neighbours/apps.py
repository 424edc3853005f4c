from django.apps import AppConfig


class NeighboursConfig(AppConfig):
    name = "sigap.neighbours"
    label = "neighbours"
    verbose_name = "neighbours"
