"""The `sigap` command. Each command is a short function here or in the room it is about."""

import os
import sys

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sigap")
def main() -> None:
    """Emergency calls, dispatch and public complaints for a city."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")


def start_django() -> None:
    """Read the settings and load the apps: first line of each command that needs them."""
    import django

    django.setup()


@main.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands (migrate, makemigrations, dbshell, ...)."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["sigap manage", *arguments])


if __name__ == "__main__":
    sys.exit(main())
