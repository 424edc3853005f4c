"""What the exchange calls the line of a call. A drill has no sound, so its exchange writes
there what the caller says, for the trainee to read."""

DRILL = "LATIHAN: "


def line_of(trunk: str) -> str:
    """The line's own name."""
    return trunk.partition(DRILL)[0].strip()


def words_of(trunk: str) -> str:
    """What the caller of a drill says; empty for real calls."""
    return trunk.partition(DRILL)[2].strip()
