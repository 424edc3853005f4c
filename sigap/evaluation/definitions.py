"""What the figures mean, in the reader's language: printed with every report."""

from django.utils.translation import gettext as _


def definitions() -> dict[str, str]:
    """Every definition by its key; the keys are stable, the words follow the language."""
    return {
        "period": _("Calls and incidents by their first ring, in whole local days of the city."),
        "valid": _(
            "Emergencies, complaints that led to field action, and repeated calls about these. "
            "Field action: a unit was sent and neither declined nor was called back, unless the "
            "disposition says otherwise; or the operator noted it at the close."
        ),
        "ghost": _("Pocket dials, silent open lines and open lines with noise."),
        "share": _("Of the four classes together, as in the city's table."),
        "other": _("Not in the four classes, counted apart: every call is in exactly one line."),
        "abandon_rate": _(
            "Calls ended before an answer, of all calls of the period; also those whose caller "
            "was rung back and told what it was."
        ),
        "unit_of_analysis": _(
            "One incident, with its first unit. Turnout and travel are of the unit that arrived "
            "first, else of the first one notified that did not decline. A merged incident "
            "counts once, with the earliest ring and answer and the units of all its parts."
        ),
        "agency": _(
            "By agency: the first unit of that agency; an incident counts once for each agency."
        ),
        "answer": _("First ring to answer, of the first call that was answered."),
        "processing": _("First answer to first unit notified."),
        "turnout": _("Unit notified to unit on its way."),
        "travel": _("Unit on its way to unit on scene."),
        "total": _(
            "First ring to first unit on scene; where the ring is unknown, derived from the "
            "first time that is known."
        ),
        "percentiles": _("Nearest rank over the raw values of the whole period; never averaged."),
        "missing": _("A time is unknown. Unknown is not zero."),
        "derived": _("A time was worked out, not reported: counted here and left out."),
        "excluded": _("Negative, so one of its times is wrong: counted here and left out."),
        "zero": _("Exactly 0 seconds: counted in n, and shown because it is suspect."),
        "targets": _(
            "For a group: turnout and travel by the kind of the unit's agency, the others by the "
            "group of the incident's type."
        ),
        "complaints": _(
            "By the time of filing. Archived ones, those that are part of another, those that "
            "became an incident, and those brought from an older system are counted apart. By "
            "agency: those that it has or has answered; a complaint counts once for each agency."
        ),
        "deadlines": _(
            "In working days, as each complaint's own deadline says; a last day has ended at "
            "midnight. Forwarded: first sent to an agency. Planned: each agency said what it will "
            "do, or answered. Solved: all agencies have answered; after a contest by the new "
            "deadline. Late are also those that still wait past their deadline. While the citizen "
            "is asked the clock stands still. What is not due yet is in no share."
        ),
        "first_answer": _(
            "Filing to the first checked answer that the citizen was told, also where it was "
            "contested later."
        ),
        "closing": _("Filing to the end, by the citizen's word or without it."),
        "reopened": _("Contested by the citizen, of all to whom an answer was told."),
        "survey": _(
            "From 1 to 5, asked once when a complaint is closed. The response rate is of all that "
            "are closed; who did not answer may think otherwise."
        ),
        "case_survey": _(
            "Callers of 112 who were asked in the period, after their case was closed. The yearly "
            "survey (IKM) is another thing, with its own page."
        ),
        "states": _(
            "Of the complaints of the period, without those of an older system: where they stood "
            "when the period ended, and where they stand now."
        ),
    }


def group_names() -> dict[str, str]:
    """What people call the groups of types and the kinds of agencies, by code."""
    return {
        "animal": _("Animals"),
        "callcenter": _("Call centre"),
        "disaster": _("Disasters"),
        "education": _("Education"),
        "environment": _("Environment"),
        "fire": _("Fires"),
        "medical": _("Medical"),
        "order": _("Public order"),
        "police": _("Police"),
        "rescue": _("Rescue"),
        "social": _("Social care"),
        "traffic": _("Traffic"),
        "utility": _("Utilities"),
        "works": _("Public works"),
    }


def label(key: str) -> str:
    """The short name of a line, clock or column."""
    return {
        "valid": _("Valid (followed up in the field)"),
        "prank": _("Prank calls"),
        "ghost": _("Ghost calls"),
        "information": _("General information"),
        "emergency": _("Emergency"),
        "complaint": _("Complaint with field action"),
        "repeat": _("Repeated call about these"),
        "misdial": _("Pocket dial"),
        "silent": _("Silent line"),
        "noise": _("Line with noise"),
        "abandoned": _("Abandoned before answer"),
        "test": _("Test"),
        "out_of_area": _("Out of area"),
        "complaint_without_action": _("Complaint without field action"),
        "repeat_without_action": _("Repeated call, no field action"),
        "unclassified": _("Not classified yet"),
        "answer": _("Answer"),
        "processing": _("Processing"),
        "turnout": _("Turnout"),
        "travel": _("Travel"),
        "total": _("Total"),
        "by_agency": _("By agency"),
        "by_type": _("By type"),
        "by_area": _("By kelurahan"),
        "by_priority": _("By priority"),
        "by_class": _("By class"),
        "by_category": _("By category"),
        "by_channel": _("By channel"),
        "by_state": _("By state"),
        "archived": _("Archived"),
        "attached": _("Part of another complaint"),
        "promoted": _("Became an incident"),
        "imported": _("From an older system"),
        "forwarded": _("Forwarded"),
        "planned": _("Planned"),
        "solved": _("Solved"),
        "first_answer": _("First answer"),
        "closing": _("Closing"),
        "complaints": _("Complaints"),
        "deadlines": _("Deadlines"),
        "reopened": _("Reopened"),
        "survey": _("Survey"),
        "case_survey": _("Survey of callers of 112"),
        "states": _("States"),
    }[key]


def title(key: str) -> str:
    """What a definition explains, in words."""
    titles = {
        "period": _("Period"),
        "share": _("Share"),
        "other": _("Counted apart"),
        "abandon_rate": _("Abandon rate"),
        "unit_of_analysis": _("Unit of analysis"),
        "agency": _("By agency"),
        "percentiles": _("Percentiles"),
        "missing": _("Missing"),
        "derived": _("Derived"),
        "excluded": _("Negative"),
        "zero": _("Zero"),
        "targets": _("Targets"),
    }
    return titles.get(key) or label(key)
