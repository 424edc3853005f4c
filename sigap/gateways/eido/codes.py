"""Which of our codes stands for which of the registries' words, where a field must have one. What
is not here goes and comes as its own words; nothing is refused for being unknown."""

# incidentCommonPriorityNumber: 0 to 10, 10 is the most urgent.
PRIORITIES = {1: 10, 2: 7, 3: 4, 4: 1}
# primaryUnitStatusRegistryText of the states of an assignment.
UNIT_STATES = {
    "notified": "Dispatched",
    "acknowledged": "Acknowledged",
    "en_route": "Enroute",
    "on_scene": "OnScene",
    "to_destination": "Transporting",
    "at_destination": "AtDestination",
}
OTHER = "Other"


def priority_of(number: object) -> int | None:
    """Our priority for the common number; None where there is none."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    if not 0 <= number <= 10:  # noqa: PLR2004 - the scale of the standard
        return None
    return next((ours for ours, least in PRIORITIES.items() if number >= least), 4)
