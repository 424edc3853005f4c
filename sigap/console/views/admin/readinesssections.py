"""What a city may change about posts, equipment and hospitals; see sections."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.core.names import named
from sigap.fleet.actions import define_kind
from sigap.fleet.models import Capability, Equipment, EquipmentKind, Hospital, Post
from sigap.fleet.shifts import today
from sigap.places.queries import is_far

from .fields import CommaList, Several
from .section import Cleaned, Errors, Section


def _carriers() -> forms.Field:
    rows = Capability.objects.order_by("code")
    return Several(choices=[(c.code, named(c)) for c in rows], required=False)


def _check_point(cleaned: Cleaned, _parent: object) -> Errors:
    lat, lng = cleaned.get("lat"), cleaned.get("lng")
    if (lat is None) != (lng is None):
        return {"lng" if lng is None else "lat": _("Latitude and longitude belong together.")}
    if lat is not None and lng is not None and is_far(lat, lng):
        return {"lat": _("This point is far from the city.")}
    return {}


def _check_piece(cleaned: Cleaned, _parent: object) -> Errors:
    kind, expires_on = cleaned.get("kind"), cleaned.get("expires_on")
    if expires_on and kind is not None and not kind.has_expiry:
        return {"expires_on": _("This does not expire.")}
    if expires_on and expires_on < today():
        return {
            "expires_on": _("This date is past: replace the item, or say that its check failed.")
        }
    return {}


READINESS_SECTIONS = (
    Section(
        "posts",
        lazy("Posts"),
        lazy("Post"),
        Post,
        columns=("name", "agency", "place", "capacity", "example", "active"),
        fixed=("code",),
        fields=("name", "agency", "place", "lat", "lng", "capacity", "example", "active"),
        search=("code", "name", "place", "agency__short"),
        order=("agency__rank", "name"),
        check=_check_point,
    ),
    Section(
        "equipmentkinds",
        lazy("Kinds of equipment"),
        lazy("Kind of equipment"),
        EquipmentKind,
        columns=("name", "carried_by", "must_have", "every_hours", "has_expiry", "active"),
        fixed=("code",),
        fields=(
            *("name", "name_en", "carried_by", "must_have", "every_hours", "has_expiry"),
            *("rank", "example", "active"),
        ),
        search=("code", "name", "name_en"),
        order=("rank", "pk"),
        made_as={"carried_by": _carriers},
        define=define_kind,
    ),
    Section(
        "equipment",
        lazy("Equipment"),
        lazy("Piece of equipment"),
        Equipment,
        columns=("kind", "label", "expires_on", "active"),
        fields=("kind", "label", "expires_on", "active"),
        order=("kind__rank", "label"),
        parent="unit",
        parent_section="units",
        check=_check_piece,
    ),
    Section(
        "hospitals",
        lazy("Hospitals"),
        lazy("Hospital"),
        Hospital,
        columns=("name", "place", "specialties", "phone", "active"),
        fixed=("code",),
        fields=("name", "place", "lat", "lng", "specialties", "phone", "agency", "active"),
        search=("code", "name", "place"),
        order=("name",),
        made_as={"specialties": CommaList},
        check=_check_point,
    ),
)
