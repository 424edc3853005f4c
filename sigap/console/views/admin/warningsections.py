"""What a city may change about public warnings; see sections."""

from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.warnings.actions import define_source
from sigap.warnings.models import WarningSource

from .fields import CommaList
from .section import Cleaned, Errors, Section

HOSTS = lazy(
    "Other hosts that its links may lead to, commas between. A host in your own network is asked "
    "only where it is named here."
)
CERTIFICATE = lazy("PEM. With one, only what it has signed is shown; all else raises an alarm.")


def _url() -> forms.Field:
    return forms.URLField(max_length=500, assume_scheme="https")


def _hosts() -> forms.Field:
    return CommaList(help_text=HOSTS)


def _certificate() -> forms.Field:
    area = forms.Textarea(attrs={"rows": 5, "cols": 64, "spellcheck": "false"})
    return forms.CharField(widget=area, required=False, help_text=CERTIFICATE)


def _check(cleaned: Cleaned, _parent: object) -> Errors:
    errors: Errors = {}
    if urlsplit(cleaned.get("url") or "").scheme not in ("http", "https", ""):
        errors["url"] = _("An address begins with https:// or http://.")
    if text := cleaned.get("certificate"):
        try:
            x509.load_pem_x509_certificate(text.encode())
        except ValueError:
            errors["certificate"] = _("This is not a certificate in PEM.")
    return errors


WARNING_SECTIONS = (
    Section(
        "sources",
        lazy("Sources of warnings"),
        lazy("Source of warnings"),
        WarningSource,
        columns=("name", "url", "language", "active"),
        fields=("name", "url", "language", "every_s", "hosts", "certificate", "active"),
        search=("name", "url"),
        order=("name",),
        made_as={"url": _url, "hosts": _hosts, "certificate": _certificate},
        check=_check,
        define=define_source,
    ),
)
