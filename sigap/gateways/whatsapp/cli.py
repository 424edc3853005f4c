"""`sigap whatsapp`: what the city's number lacks."""

import asyncio
import sys

import click


@click.group(name="whatsapp")
def whatsapp() -> None:
    """The city's WhatsApp number."""


@whatsapp.command()
@click.option(
    "--template",
    "templates",
    multiple=True,
    help="A template that must be approved. Default: those that the product sends.",
)
def doctor(templates: tuple[str, ...]) -> None:
    """Say what is missing for a verified account, and what to do about each."""
    import django

    django.setup()
    from .account import connected, secrets
    from .doctor import Finding, Setup, examine
    from .sender import templates as sent

    async def found() -> list[Finding]:
        async with connected() as api:
            return await examine(Setup(templates=templates or tuple(sent()), **secrets()), api)

    findings = asyncio.run(found())
    for finding in findings:
        sign = {"ok": "✓", "look": "!", "missing": "✗"}[finding.state]
        click.echo(f"{sign} {finding.says}" + (f"\n  {finding.todo}" if finding.todo else ""))
    if any(finding.state == "missing" for finding in findings):
        sys.exit(1)
