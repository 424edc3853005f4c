"""Figures as people of the reader's language write them."""

from datetime import date

from django.utils.formats import date_format, number_format

DAY_S = 24 * 3600


def whole(number: int) -> str:
    """A count as people of the language write it."""
    return number_format(number, decimal_pos=0, force_grouping=True)


def seconds(value: float | None) -> str:
    """Whole seconds; a dash for none."""
    return "–" if value is None else number_format(round(value), decimal_pos=0, force_grouping=True)


def percent(value: float | None) -> str:
    """A share with two decimals; a dash for none."""
    return "–" if value is None else f"{number_format(value, decimal_pos=2)} %"


def day(iso: str) -> str:
    """A date as people of the language write it."""
    return date_format(date.fromisoformat(iso), "j F Y")


def in_days(value: float | None) -> str:
    """Seconds as days; a dash for none."""
    return "–" if value is None else number_format(value / DAY_S, decimal_pos=2)


def mean(value: float | None) -> str:
    """A mean mark with two decimals; a dash for none."""
    return "–" if value is None else number_format(value, decimal_pos=2)
