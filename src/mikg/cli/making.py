"""Commands that make and check: build, check, segment."""

import sys
from pathlib import Path

import click

from mikg.cli import main
from mikg.cli.session import guarded, say, settings_with
from mikg.errors import Misuse


@main.command()
@click.option("--force", is_flag=True, help="Make the release again although its sources have not changed.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for evidence and coverage.")
@guarded
def build(force: bool, documents: Path | None) -> None:
    """Make a release from ontology/ and graph/ and put it in use.

    A release that fails leaves the one in use in place; a running server picks the new one up by itself.

    Example: mikg build
    """
    from mikg import release

    folder = release.build(settings_with(documents), say, force)
    counts = release.manifest(folder)["counts"]
    click.echo(
        f"{folder.name}: {counts['quads']} quads in {counts['named graphs']} named graphs, {counts['default graph']} triples in their merge"
    )


@main.command()
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for evidence and coverage.")
@click.option("--format", "form", type=click.Choice(["text", "json", "ttl"]), default="text", show_default=True)
@click.option("--fast", is_flag=True, help="Validate the shapes with pyshifty (pip install 'mikg[fast]'); the report is the same.")
@click.option("--since", metavar="RELEASE", help="Look only at things that have changed since a release, or since `current`.")
@guarded
def check(documents: Path | None, form: str, fast: bool, since: str | None) -> None:
    """Look for what is wrong in the sources: syntax, shapes, terms, evidence. Exit code 1 when there is a violation.

    Example: mikg check --documents ~/documents
    """
    from mikg import checking, release, sources

    chosen = settings_with(documents)
    read = sources.read(chosen.sources)
    known = release.statements(chosen, since) if since else None
    report = checking.check(read, chosen.documents, lambda step: say(f"checking {step} ..."), fast, known)
    click.echo({"text": report.to_text, "json": report.to_json, "ttl": report.to_turtle}[form]())
    sys.exit(1 if report.wrong else 0)


@main.command()
@click.argument("text", type=click.Path(path_type=Path))
@click.argument("key")
@guarded
def segment(text: Path, key: str) -> None:
    """Cut the file TEXT into passages: the TriG in which the document KEY is then encoded (ontology/README.md).

    Example: mikg segment statement.txt ministry-statement > graph/documents/ministry-statement.trig
    """
    import re

    from mikg import inventory, segmentation
    from mikg.namespaces import BASE

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key):
        raise Misuse(f"the key is {key!r}; it takes small letters, digits and single hyphens, such as ministry-statement.")
    try:
        whole = inventory.read(text).decode()
    except UnicodeDecodeError:
        raise Misuse(f"{text} is not UTF-8; offsets count the characters of a UTF-8 file.") from None
    if not segmentation.segment(whole):
        raise Misuse(f"{text} has no text.")
    click.echo(segmentation.skeleton(whole, key, BASE), nl=False)
