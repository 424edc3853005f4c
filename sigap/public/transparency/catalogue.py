"""The open data described for other catalogues: DCAT 3 as JSON-LD, with what DCAT-AP asks for."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from sigap.core.queries import deployment, site

from ..models import Edition
from .datasets import LATIHAN, Dataset, datasets, mark, span
from .files import TYPES, forms, made

AT = "/transparansi/data"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
IANA = "https://www.iana.org/assignments/media-types/"


def catalogue() -> dict[str, Any]:
    """All of it, as JSON-LD."""
    served = deployment()
    name = served.name if served else "Sigap"
    publisher = {"@id": f"{site()}/#publisher", "@type": "foaf:Agent", "foaf:name": name}
    return {
        "@context": CONTEXT,
        "@id": f"{site()}{AT}",
        "@type": "dcat:Catalog",
        "dct:title": _marked(_("Open data of 112 %(city)s") % {"city": name}),
        "dct:description": _marked(_("Calls, response times and complaints; nothing is of few.")),
        "dct:publisher": publisher,
        "dct:language": [{"@id": LANGUAGE + code} for code in ("IND", "ENG")],
        "foaf:homepage": {"@id": f"{site()}/transparansi"},
        **_dates(),
        "dcat:dataset": [_dataset(one, publisher["@id"]) for one in datasets().values()],
    }


def dictionary() -> dict[str, Any]:
    """What each column of each set means."""
    return {
        "note": mark(),
        "datasets": [
            {
                "name": one.name,
                "title": one.title,
                "about": one.about,
                "columns": [
                    {"name": c.name, "type": c.kind, "unit": c.unit, "means": c.means}
                    for c in one.columns
                ],
            }
            for one in datasets().values()
        ],
    }


def digest_of(data: bytes) -> str:
    """By what a file is known to whoever has it already."""
    return hashlib.sha256(data).hexdigest()


def _dataset(one: Dataset, publisher: str) -> dict[str, Any]:
    at, told = f"{site()}{AT}#{one.name}", span()
    found: dict[str, Any] = {
        "@id": at,
        "@type": "dcat:Dataset",
        "dct:identifier": one.name,
        "dct:title": _marked(one.title),
        "dct:description": _marked(one.about),
        "dct:publisher": {"@id": publisher},
        "dct:accrualPeriodicity": {"@id": FREQUENCY + one.frequency},
        "dcat:keyword": one.keywords,
        "dcat:landingPage": {"@id": at},
        **_dates(),
        "dcat:distribution": [_distribution(one, form) for form in forms()],
    }
    if told:
        found["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _typed(told[0].isoformat(), "date"),
            "dcat:endDate": _typed(told[1].isoformat(), "date"),
        }
    return found


def _distribution(one: Dataset, form: str) -> dict[str, Any]:
    at, file = f"{site()}{AT}/{one.name}.{form}", made(one, form)
    return {
        "@id": at,
        "@type": "dcat:Distribution",
        "dct:title": _marked(f"{one.title} ({form.upper()})"),
        "dcat:accessURL": {"@id": f"{site()}{AT}#{one.name}"},
        "dcat:downloadURL": {"@id": at},
        "dcat:mediaType": {"@id": IANA + TYPES[form].split(";")[0]},
        "dcat:byteSize": _typed(str(len(file.data)), "nonNegativeInteger"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": _typed(file.digest, "hexBinary"),
        },
        "dct:conformsTo": {"@id": f"{site()}{AT}/kamus.json"},
    }


def _dates() -> dict[str, Any]:
    made_at = Edition.objects.order_by("made_at").values_list("made_at", flat=True)
    first, last = made_at.first(), made_at.last()
    if not (first and last):
        return {}
    return {
        "dct:issued": _typed(first.isoformat(timespec="seconds"), "dateTime"),
        "dct:modified": _typed(last.isoformat(timespec="seconds"), "dateTime"),
    }


def _typed(value: str, kind: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


def _marked(words: str) -> str:
    return f"{LATIHAN}: {words}" if mark() else words
