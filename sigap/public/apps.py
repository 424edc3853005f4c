from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "sigap.public"
    label = "public"
    verbose_name = "public"

    def ready(self) -> None:
        from sigap.core.web import tell_errors

        from .open311.answers import refusal

        tell_errors("/open311/", refusal)
