from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "sigap.reviews"
    label = "reviews"
    verbose_name = "reviews"
