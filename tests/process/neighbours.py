"""Enters a neighbouring centre into a city, in a process of its own: the centre and its fields as
JSON behind python -m tests.process.neighbours."""

import json
import sys

from sigap.config.cli import start_django


def main() -> None:
    """Enter the centre, as an administrator does."""
    start_django()
    from sigap.core.actors import system
    from sigap.neighbours.actions import define_centre
    from sigap.neighbours.models import Centre

    fields = json.loads(sys.argv[1])
    define_centre(Centre, key={"code": fields.pop("code")}, actor=system("setup"), **fields)


if __name__ == "__main__":
    main()
