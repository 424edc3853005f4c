from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "sigap.gateways"
    label = "gateways"
    verbose_name = "gateways"
