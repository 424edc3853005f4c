"""What the journal and the screens say of public warnings, in the language of whoever reads it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def warning_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "source.failed": _("A source of warnings cannot be read"),
        "source.recovered": _("A source of warnings can be read again"),
        "warning.received": _("Public warning received"),
        "warning.refused": _("Something from a source of warnings was refused"),
        "warning.replace": _("Public warning replaced by a newer one"),
        "warning.cancel": _("Public warning cancelled by its sender"),
        "warning.expire": _("Public warning expired"),
        "announcement.drafted": _("Public warning written"),
        "announcement.edited": _("Public warning changed"),
        "announcement.propose": _("Public warning proposed for the second signature"),
        "announcement.send_back": _("Public warning sent back to be written otherwise"),
        "announcement.drop": _("Public warning dropped"),
        "announcement.issue": _("Public warning signed and issued"),
        "announcement.replace": _("Public warning replaced by an update"),
        "announcement.withdraw": _("Public warning cancelled"),
        "announcement.expire": _("Public warning expired"),
    }


def warning_alarms() -> dict[str, str]:
    """What the alarms about them say."""
    return {
        "severe_warning": _("A severe public warning for the city"),
        "unsigned_warning": _("A public warning waits for the second signature"),
        "warnings_silent": _("A source of warnings is silent"),
        "warnings_distrusted": _("A warning without a valid signature was refused"),
    }


def warning_jobs() -> dict[str, str]:
    """What the worker does for them."""
    return {
        "warnings": _("Asks the sources of warnings"),
        "warning_ends": _("Ends warnings at their time, finds silent sources"),
    }


def severity_names() -> dict[str, str]:
    """How bad it is; the codes are those of CAP."""
    return {
        "Extreme": pgettext("severity", "Extreme"),
        "Severe": pgettext("severity", "Severe"),
        "Moderate": pgettext("severity", "Moderate"),
        "Minor": pgettext("severity", "Minor"),
        "Unknown": pgettext("severity", "Unknown"),
    }


def urgency_names() -> dict[str, str]:
    """How soon something must be done."""
    return {
        "Immediate": pgettext("urgency", "At once"),
        "Expected": pgettext("urgency", "Within the hour"),
        "Future": pgettext("urgency", "Later"),
        "Past": pgettext("urgency", "No more"),
        "Unknown": pgettext("urgency", "Unknown"),
    }


def certainty_names() -> dict[str, str]:
    """How sure it is."""
    return {
        "Observed": pgettext("certainty", "It is happening"),
        "Likely": pgettext("certainty", "Likely (more than half)"),
        "Possible": pgettext("certainty", "Possible (less than half)"),
        "Unlikely": pgettext("certainty", "Unlikely"),
        "Unknown": pgettext("certainty", "Unknown"),
    }


def hazard_names() -> dict[str, str]:
    """Of what kind the danger is."""
    return {
        "Met": _("Weather, flood"),
        "Geo": _("Earthquake, landslide, volcano"),
        "Fire": _("Fire, smoke"),
        "Safety": _("Public safety"),
        "Security": _("Police, unrest"),
        "Rescue": _("Rescue"),
        "Health": _("Health, disease"),
        "Env": _("Pollution"),
        "Transport": _("Traffic"),
        "Infra": _("Electricity, water, networks"),
        "CBRNE": _("Chemical, radiation, explosives"),
        "Other": pgettext("hazard", "Other"),
    }


def status_names() -> dict[str, str]:
    """Whether it is meant."""
    return {
        "Actual": pgettext("warning", "Real"),
        "Exercise": "LATIHAN",
        "Test": "LATIHAN",
        "System": pgettext("warning", "For machines only"),
        "Draft": pgettext("warning", "Draft"),
    }


def type_names() -> dict[str, str]:
    """What kind of message it is."""
    return {
        "Alert": pgettext("warning", "Warning"),
        "Update": pgettext("warning", "Update"),
        "Cancel": pgettext("warning", "Cancellation"),
        "Ack": pgettext("warning", "Acknowledgement"),
        "Error": pgettext("warning", "Error message"),
    }


def warning_faults() -> dict[str, str]:
    """What is wrong with what came; behind a colon stands the element or the answer."""
    return {
        "dtd": _("it declares a DTD or entities"),
        "entities": _("it declares a DTD or entities"),
        "html": _("a web page, not a warning"),
        "not_xml": _("not XML, or cut off"),
        "not_cap": _("neither a CAP 1.2 message nor an index of them"),
        "missing": _("a required element is missing"),
        "bad": _("an element says something impossible"),
        "date": _("a time is wrong, or without its distance to UTC"),
        "too_many": _("too many elements"),
        "unsigned": _("not signed"),
        "bad_signature": _("the signature is wrong"),
        "changed": _("other words under the name of a known message"),
        "other_host": _("leads to a host that is not named"),
        "private_address": _("leads into our own network"),
        "redirects": _("leads on and on"),
        "redirect_insecure": _("leads from https to http"),
        "too_large": _("larger than 2 MB"),
        "encoded": _("compressed"),
        "timeout": _("no answer in time"),
        "unreachable": _("not reachable"),
        "server_fault": _("the server reports a fault"),
        "refused": _("the server refuses"),
        "internal": _("a fault of our own: see the log"),
    }


def fault_name(code: str) -> str:
    """A fault in words, with what it is about."""
    kind, _colon, about = code.partition(":")
    words = warning_faults().get(kind, code)
    return f"{words} ({about})" if about else words


def oddity_names() -> dict[str, str]:
    """What was mended while a message was read."""
    return {
        "open_polygon": _("a polygon was not closed"),
        "bad_polygon": _("a polygon could not be understood"),
        "bad_circle": _("a circle could not be understood"),
        "bad_reference": _("a reference could not be understood"),
        "no_references": _("it does not say what it is about"),
        "ends_before_it_begins": _("it ends before it begins"),
    }


def named_code(names: dict[str, str], code: str) -> str:
    """A code's name; one that nobody knows is shown as it came."""
    return names.get(code) or f"{names.get('Unknown', _('unknown'))} ({code})"
