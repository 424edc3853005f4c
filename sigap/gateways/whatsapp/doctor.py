"""What a city's number still lacks before it may speak, and what to do about each."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from .api import Api
from .refusals import Away, FarEnd

State = Literal["ok", "look", "missing"]
PHONE_FIELDS = (
    "display_phone_number,verified_name,name_status,quality_rating,code_verification_status,"
    "status,account_mode,throughput,webhook_configuration,"
    "whatsapp_business_manager_messaging_limit"
)
# To how many people a day a template may go whose 24 hours are over; a new account has 250.
SMALL_LIMITS = ("TIER_50", "TIER_250")
EXPIRED = (0, 190)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    code: str
    state: State
    says: str
    todo: str = ""


@dataclass(frozen=True)
class Setup:
    """What the machine's owner has set."""

    token: str
    phone_id: str
    account_id: str
    app_secret: str
    verify_token: str
    templates: Sequence[str] = ()


async def examine(setup: Setup, api: Api) -> list[Finding]:
    """Everything, from what is set to what Meta says; `look` does not stop the number."""
    found = [*_settings(setup)]
    if not (setup.token and setup.phone_id):
        return found
    try:
        phone = await api.get(setup.phone_id, fields=PHONE_FIELDS)
    except FarEnd as refusal:
        return [*found, _not_heard(refusal)]
    found.append(Finding("api", "ok", _("Meta knows the number and the token.")))
    found += _number(phone)
    found.append(await _webhook(setup, phone, api))
    if setup.account_id:
        found += await _account(setup, api)
    return found


def _settings(setup: Setup) -> Iterable[Finding]:
    wanted = {
        "token": (
            "SIGAP_WHATSAPP_TOKEN",
            _("In Meta's business settings make a system user and a token without end for it."),
        ),
        "phone_id": (
            "SIGAP_WHATSAPP_PHONE_ID",
            _("Copy it from the app's page WhatsApp > API setup."),
        ),
        "account_id": (
            "SIGAP_WHATSAPP_ACCOUNT_ID",
            _("Copy it from the app's page WhatsApp > API setup."),
        ),
        "app_secret": (
            "SIGAP_WHATSAPP_APP_SECRET",
            _("Copy it from the app's page Settings > Basic; without it no message is taken."),
        ),
        "verify_token": (
            "SIGAP_WHATSAPP_VERIFY_TOKEN",
            _("Make up a long word and give it to Meta with the webhook's address."),
        ),
    }
    for name, (setting, todo) in wanted.items():
        if getattr(setup, name):
            yield Finding(name, "ok", _("%(setting)s is set.") % {"setting": setting})
        else:
            yield Finding(
                name, "missing", _("%(setting)s is not set.") % {"setting": setting}, todo
            )


def _not_heard(refusal: FarEnd) -> Finding:
    if isinstance(refusal, Away):
        says, todo = _("Meta cannot be reached."), _("Look at the way out of the network.")
    elif refusal.code in EXPIRED or refusal.status == 401:  # noqa: PLR2004
        says, todo = _("The token is refused."), _("Make a new one, without end.")
    else:
        says = _("Meta does not show the number (code %(code)d).") % {"code": refusal.code}
        todo = _("Give the system user the account and both WhatsApp permissions.")
    return Finding("api", "missing", says, todo)


def _number(phone: dict[str, Any]) -> Iterable[Finding]:
    def says(
        code: str,
        field: str,
        good: Callable[[str], bool],
        todo: str,
        bad: State = "missing",
        given: Any = None,
    ) -> Finding:
        value = str(phone.get(field) if given is None else given)
        right = good(value)
        return Finding(code, "ok" if right else bad, f"{field}: {value}", "" if right else todo)

    yield says(
        "verified",
        "code_verification_status",
        lambda v: v == "VERIFIED",
        _("Register the number with the code that Meta sends to it."),
        "look",  # it expires by itself and nobody is harmed by it
    )
    yield says(
        "connected",
        "status",
        lambda v: v == "CONNECTED",
        _("Register the number at the Cloud API; it must not be in use in an app."),
    )
    yield says(
        "live",
        "account_mode",
        lambda v: v == "LIVE",
        _("This is a number for trials: add your own."),
    )
    yield says(
        "name",
        "name_status",
        lambda v: v in ("APPROVED", "AVAILABLE_WITHOUT_REVIEW"),
        _("Have the display name approved in WhatsApp Manager: until then little is let through."),
    )
    yield says(
        "quality",
        "quality_rating",
        lambda v: v in ("GREEN", "UNKNOWN", "NA"),
        _("People block the number or report it: send fewer templates and look at which."),
        "look",
    )
    limit = phone.get("whatsapp_business_manager_messaging_limit")
    yield says(
        "limit",
        "whatsapp_business_manager_messaging_limit",
        lambda v: v.startswith("TIER_") and v not in SMALL_LIMITS,
        _("So few people a day get a first message. Have the business verified to be given more."),
        "look",
        limit if limit is not None else "None",
    )


async def _webhook(setup: Setup, phone: dict[str, Any], api: Api) -> Finding:
    kept = phone.get("webhook_configuration")
    known = kept if isinstance(kept, dict) else {}
    url = known.get("phone_number") or known.get("whatsapp_business_account")
    url = str(url or known.get("application") or "")
    if not url.endswith("/hooks/whatsapp"):
        todo = _("Give Meta the address https://YOUR-HOST/hooks/whatsapp and the verify token.")
        return Finding("webhook", "missing", _("Meta knows no webhook of ours."), todo)
    word = str(secrets.randbelow(10**9))
    asked = {"hub.mode": "subscribe", "hub.verify_token": setup.verify_token}
    if await api.knock(url, **asked, **{"hub.challenge": word}) == word:
        return Finding("webhook", "ok", _("%(url)s answers.") % {"url": url})
    todo = _("Reach it from outside by HTTPS with a certificate that browsers trust.")
    return Finding("webhook", "missing", _("%(url)s does not answer.") % {"url": url}, todo)


async def _account(setup: Setup, api: Api) -> list[Finding]:
    try:
        apps = await api.get(f"{setup.account_id}/subscribed_apps")
        names = await api.get(
            f"{setup.account_id}/message_templates", fields="name,status,language", limit="200"
        )
    except FarEnd as refusal:
        return [_not_heard(refusal)]
    found = []
    if apps.get("data"):
        found.append(Finding("subscribed", "ok", _("The app is subscribed to the account.")))
    else:
        todo = _("Subscribe it: POST /%(account)s/subscribed_apps with the token.")
        told = {"account": setup.account_id}
        says = _("The app is not subscribed to the account, so that nothing is brought.")
        found.append(Finding("subscribed", "missing", says, todo % told))
    return found + [_template(name, names.get("data") or []) for name in setup.templates]


def _template(name: str, kept: list[dict[str, Any]]) -> Finding:
    states = {str(one.get("status")) for one in kept if one.get("name") == name}
    told = {"name": name, "status": ", ".join(sorted(states)) or "-"}
    says = _("Template %(name)s: %(status)s") % told
    if "APPROVED" in states:
        return Finding("template", "ok", says)
    todo = _("Wait for Meta, or read why not.") if states else _("Hand it in in WhatsApp Manager.")
    return Finding("template", "missing", says, todo)
