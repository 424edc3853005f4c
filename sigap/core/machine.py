"""State machines as tables of data, and the one function that moves along them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .errors import Conflict, Refused
from .kinds import Body
from .rows import write


class Machine:
    """A named table `{state: {command: next state}}`. The first state is the initial one."""

    def __init__(
        self,
        name: str,
        table: Mapping[str, Mapping[str, str]],
        names: Mapping[str, str | Promise] | None = None,
    ) -> None:
        """`names` is what people call the states, in their language."""
        self.name, self.table, self.names = name, table, names or {}
        unknown = {n for row in table.values() for n in row.values()} - set(table)
        if unknown:
            raise ValueError(f"machine {name}: unknown states {sorted(unknown)}")

    @property
    def initial(self) -> str:
        """The state that a new row starts in."""
        return next(iter(self.table))

    @property
    def states(self) -> list[str]:
        """All states, in the table's order."""
        return list(self.table)

    def next(self, state: str, command: str) -> str:
        """Where `command` leads from `state`; Refused when it leads nowhere."""
        try:
            return self.table[state][command]
        except KeyError:
            raise self.refusal(state, command=command) from None

    def refusal(self, state: str, **details: str) -> Refused:
        """Says that something cannot be done in `state`, which it names."""
        return Refused(
            _("Not possible now: the state is “%(state)s”.")
            % {"state": self.names.get(state, state)},
            machine=self.name,
            state=state,
            **details,
        )

    def allows(self, state: str, command: str) -> bool:
        """Whether `command` is possible in `state`."""
        return command in self.table.get(state, {})


def StateField(machine: Machine) -> "models.CharField[str, str]":  # noqa: N802 - reads as a field
    """The column that holds a machine's state."""
    return models.CharField(max_length=20, default=machine.initial)


def state_constraint(machine: Machine) -> models.CheckConstraint:
    """The database's own refusal of a state that the table does not know."""
    return models.CheckConstraint(
        condition=models.Q(state__in=machine.states), name=f"{machine.name}_state_known"
    )


def expect(row: models.Model, version: int | None) -> None:
    """Raise Conflict when the row moved on since the actor saw `version`; None: not asked."""
    current: int = row.version  # type: ignore[attr-defined]
    if version is not None and version != current:
        raise Conflict(
            _("Somebody else changed this in the meantime. Look again, then repeat."),
            version=current,
        )


def change(row: models.Model, **fields: Any) -> None:
    """Write `fields` and the next version of `row`; the caller records why."""
    row.version += 1  # type: ignore[attr-defined]
    for name, value in fields.items():
        setattr(row, name, value)
    write(row, *fields, "version")


def move(
    row: Any,
    command: str,
    *,
    actor: Any,
    body: Body | None = None,
    case: str = "",
    occurred_at: datetime | None = None,
    **fields: Any,
) -> None:
    """Move `row` along its machine by `command`, write `fields` with it and record it.

    Raises Refused when the table knows no such move.
    """
    from .journal import record, subject_of

    machine: Machine = row.MACHINE
    before = row.state
    after = machine.next(before, command)
    change(row, state=after, **fields)
    record(
        f"{machine.name}.{command}",
        subject=subject_of(row),
        case=case,
        actor=actor,
        before=before,
        after=after,
        occurred_at=occurred_at,
        body=body,
    )
