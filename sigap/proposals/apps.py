from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "sigap.proposals"
    label = "proposals"
    verbose_name = "proposals"
