"""The command that answers over HTTP: serve."""

from pathlib import Path

import click

from mikg.cli import main
from mikg.cli.session import guarded, say, settings_with


@main.command()
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8000]")
@click.option("--engine", metavar="URL", help="SPARQL endpoint that answers in place of the store here; publish the release there first.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")
@guarded
def serve(host: str | None, port: int | None, engine: str | None, documents: Path | None) -> None:
    """Answer over HTTP; the release is made first if it is not there.

    Example: mikg serve --port 8080
    """
    from dataclasses import replace

    from mikg.web import serving

    chosen = settings_with(documents)
    chosen = replace(chosen, host=host or chosen.host, port=chosen.port if port is None else port, engine=engine or chosen.engine)
    serving.serve(chosen, say)
