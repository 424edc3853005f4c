"""A warning as the Common Alerting Protocol 1.2 has it, and the codes that it knows. Pure."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    *("Met", "Geo", "Fire", "Safety", "Security", "Rescue"),
    *("Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
)
RESPONSES = (
    *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid"),
    *("Monitor", "Assess", "AllClear", "None"),
)
# From the worst on. What is not in the list counts as unknown.
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
# Practice: never shown as if it were real.
PRACTICE = ("Exercise", "Test")
WARNS = ("Alert", "Update")  # the other types say something about another message

Point = tuple[float, float]  # latitude before longitude, as CAP has it
Reference = tuple[str, str, datetime]  # sender, identifier, sent


@dataclass(frozen=True)
class Region:
    """Where a warning holds: polygons, circles (with a radius in km), and codes of areas."""

    desc: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Info:
    """What a warning says in one language."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    responses: tuple[str, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True)
class Message:
    """One CAP message. `oddities` names what was mended while it was read."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    references: tuple[Reference, ...] = ()
    note: str = ""
    infos: tuple[Info, ...] = ()
    oddities: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over what it says: two that differ in blanks only are the same."""
        text = json.dumps(asdict(self), sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()

    def worst(self, codes: tuple[str, ...], name: str) -> str:
        """The worst of a code over all infos; "Unknown" where it is none of the list."""
        found = [getattr(info, name) for info in self.infos]
        return min((c for c in found if c in codes), key=codes.index, default="Unknown")

    @property
    def ends(self) -> list[datetime]:
        """When its infos expire, as far as they say so."""
        return [info.expires for info in self.infos if info.expires]


def preferred(infos: list[Any], language: str) -> list[Any]:
    """Those of the first language that is there: the wanted one, Indonesian, English, any."""
    for wanted in (language, "id", "in", "en"):  # "in" is the old code of Indonesian
        found = [i for i in infos if i["language"].lower().split("-")[0] == wanted]
        if found:
            return found
    return [i for i in infos if i["language"] == infos[0]["language"]] if infos else []


def is_severe(severity: str, urgency: str, certainty: str) -> bool:
    """Whether somebody has to act at once on what these three codes say."""
    return (
        severity in ("Extreme", "Severe")
        and urgency in ("Immediate", "Expected")
        and certainty in ("Observed", "Likely")
    )


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.astimezone(UTC).isoformat()
