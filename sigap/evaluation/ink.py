"""How a document's cells are written: counts, what is of many cases, words."""

from dataclasses import dataclass

from .paper import Column, Figure


@dataclass(frozen=True)
class Ink:
    """Writes figures; below `few` a count says little, and is marked."""

    few: int

    def n(self, count: int, records: str = "") -> Figure:
        """A count of people or cases."""
        return Figure(value=count, few=0 < count < self.few, records=records)

    def of(self, number: float | None, unit: str, n: int, records: str = "") -> Figure:
        """A figure that `n` cases stand behind."""
        if number is None:
            return Figure(value=None, unit=unit)
        return Figure(value=number, unit=unit, few=n < self.few, records=records)


def text(words: str) -> Figure:
    """A cell of words."""
    return Figure(value=words, unit="text")


def columns(**titles: str) -> list[Column]:
    """Columns by their keys."""
    return [Column(key=key, title=name) for key, name in titles.items()]
