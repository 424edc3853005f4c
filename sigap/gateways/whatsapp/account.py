"""The city's own number at Meta, as the machine's owner has set it."""

from django.conf import settings

from .api import Api


def connected() -> Api:
    """A client for the city's number."""
    env = settings.ENV
    return Api(
        env.whatsapp_api_url,
        env.whatsapp_token.get_secret_value(),
        env.whatsapp_phone_id,
        env.whatsapp_account_id,
    )


def secrets() -> dict[str, str]:
    """What the doctor looks at."""
    env = settings.ENV
    return {
        "token": env.whatsapp_token.get_secret_value(),
        "phone_id": env.whatsapp_phone_id,
        "account_id": env.whatsapp_account_id,
        "app_secret": env.whatsapp_app_secret.get_secret_value(),
        "verify_token": env.whatsapp_verify_token.get_secret_value(),
    }
