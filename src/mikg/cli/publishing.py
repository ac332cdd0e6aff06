"""The command that writes a release to another server: publish."""

import click

from mikg.cli import main
from mikg.cli.session import guarded, say, settings_with


@main.command()
@click.option("--to", "url", required=True, help="Graph Store (or with --update the update endpoint) of a SPARQL 1.1 server.")
@click.option("--update", is_flag=True, help="Write by SPARQL Update instead of the Graph Store Protocol.")
@click.option(
    "--merge", is_flag=True, help="Write the merge as a named graph, for servers whose default graph cannot be written (Virtuoso)."
)
@click.option(
    "--auth", type=click.Choice(["basic", "digest"]), default="basic", show_default=True, help="How user:password@ of the URL is sent."
)
@guarded
def publish(url: str, update: bool, merge: bool, auth: str) -> None:
    """Write the release in use to another server, from which `mikg serve --engine URL` then answers.

    Example: mikg publish --to http://localhost:7878/store
    """
    from mikg import publishing, release

    folder = release.opened(settings_with(None), say)
    written = publishing.publish(folder, url, say, auth, update, merge)
    click.echo(f"{folder.name}: {written} triples written to {publishing.address(url, auth)[0]}")
