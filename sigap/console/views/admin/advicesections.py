"""What a city may change about proposals of the machine; see sections."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.complaints.models import Category
from sigap.incidents.models import IncidentType
from sigap.insight.warning.events import CATEGORY, PRANK, TYPE
from sigap.proposals.models import Advice
from sigap.proposals.queries import GENERAL

from .section import Cleaned, Errors, Section


def _check(cleaned: Cleaned, _parent: object) -> Errors:
    stream = cleaned.get("stream") or GENERAL
    known = {GENERAL, PRANK}
    known |= {TYPE + code for code in IncidentType.objects.values_list("code", flat=True)}
    known |= {CATEGORY + code for code in Category.objects.values_list("code", flat=True)}
    if stream not in known:
        return {"stream": _("Write type:CODE, category:CODE, prank, or all for all others.")}
    return {}


ADVICE_SECTIONS = (
    Section(
        "advice",
        lazy("What the machine proposes"),
        lazy("Proposal for one kind of case"),
        Advice,
        columns=("stream", "agency", "trend", "public_place"),
        fixed=("stream",),
        fields=(
            *("agency", "public_place", "trend", "trend_en", "burst", "burst_en"),
            *("lasting", "lasting_en", "target", "target_en"),
        ),
        search=("stream", "trend", "lasting"),
        order=("stream",),
        removable=True,
        check=_check,
    ),
)
