from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "sigap.evaluation"
    label = "evaluation"
    verbose_name = "evaluation"
