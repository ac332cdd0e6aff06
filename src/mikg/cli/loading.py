"""Commands for open data: load, external."""

from pathlib import Path

import click

from mikg.cli import main
from mikg.cli.session import guarded, say, settings_with


@main.command()
@click.argument("source")
@click.option("--graph", required=True, help="Name of the graph, such as world-bank: https://w3id.org/mikg/graph/external/world-bank.")
@click.option(
    "--format", "form", default="", help="Syntax, where the ending does not tell it: ttl, nt, nq, trig, rdf, jsonld, n3, csv, tsv."
)
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="How a CSV is read: metadata of CSV on the Web. [default: FILE-metadata.json]"
)
@click.option("--title", default="", help="What the data are, in a few words.")
@click.option("--license", default="", help="Address of their licence.")
@guarded
def load(source: str, graph: str, form: str, mapping: Path | None, title: str, license: str) -> None:
    """Bring the open data of a file or address SOURCE in, as a graph of their own.

    RDF in every syntax, CSV and TSV, packed by gzip or not, of any size. A new release is made beside the one in use and swapped in
    whole; what fails or is killed leaves everything as it was. Every later build has the data too. A graph of the same name is replaced.

    Example: mikg load population.csv --graph population --mapping population.json --license https://creativecommons.org/licenses/by/4.0/
    """
    from mikg import loading

    record, size = loading.load(settings_with(None), source, graph, say, form, mapping, title, license)
    click.echo(f"{record.graph}: {size} triples; snapshot of {record.date}")


@main.group()
def external() -> None:
    """Look after the open data that have been loaded.

    Example: mikg external refresh
    """


@external.command("list")
@guarded
def list_() -> None:
    """List what has been loaded, and from where.

    Example: mikg external list
    """
    from mikg import loads

    found = loads.read(settings_with(None))
    for record in found:
        licence = record.license or "licence not stated"
        click.echo(f"{record.name}: snapshot of {record.date} from {record.source}; {licence}")
    if not found:
        say("mikg: nothing has been loaded; bring data in with: mikg load FILE --graph NAME")


@external.command()
@click.argument("names", nargs=-1)
@guarded
def refresh(names: tuple[str, ...]) -> None:
    """Fetch the graphs NAMES (or all) anew from where they came. What is out of reach keeps its snapshot.

    A graph of graph/external/ is fetched where it says of itself dcat:downloadURL or void:dataDump.

    Example: mikg external refresh population
    """
    from mikg import loading

    for record, what in loading.refresh(settings_with(None), list(names), say):
        click.echo(f"{record.name}: {what}")


@external.command()
@click.argument("name")
@guarded
def drop(name: str) -> None:
    """Take the loaded graph NAME out again; a graph of graph/external/ that it had replaced comes back.

    Example: mikg external drop population
    """
    from mikg import loading

    folder = loading.drop(settings_with(None), name, say)
    click.echo(f"{name} is no longer in release {folder.name}")
