from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "sigap.public"
    label = "public"
    verbose_name = "public"

    def ready(self) -> None:
        from sigap.core.web import tell_errors

        from .open311 import answers
        from .views import refusals

        tell_errors("/open311/", answers.refusal)
        for below in refusals.BELOW:
            tell_errors(below, refusals.refusal)
