"""Commands for who runs a server: doctor."""

import sys

import click

from mikg.cli import main
from mikg.cli.session import guarded, say


@main.command()
@click.option("--url", default="http://127.0.0.1:8000/sparql", show_default=True, help="The SPARQL endpoint to examine: one of your own.")
@click.option("--seconds", type=click.FloatRange(1, 300), default=10.0, show_default=True, help="Time that the endpoint gives a query.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@guarded
def doctor(url: str, seconds: float, form: str) -> None:
    """Try a running endpoint with hostile requests, one after another, and say how it bears them. Exit code 1 when it does not.

    It takes some minutes, and keeps a worker busy meanwhile; do not point it at servers of others.

    Example: mikg doctor --url http://localhost:7878/query
    """
    import json
    from dataclasses import asdict

    from mikg import doctor

    findings = doctor.examine(url, seconds, say)
    click.echo(doctor.to_text(findings) if form == "table" else json.dumps([asdict(each) for each in findings], indent=2))
    sys.exit(0 if all(each.verdict == "good" for each in findings) else 1)
