"""Commands that relate: path, central, export."""

from pathlib import Path
from typing import Any

import click

from mikg.cli import main
from mikg.cli.asking import query_text
from mikg.cli.session import documents_option, engine_of, guarded, say, settings_with
from mikg.errors import Misuse

LANGUAGE = click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)


def filtered(command: Any) -> Any:
    """Give a command the options of `network.Filter`."""
    for option in reversed(
        [
            click.option("--relation", "relations", multiple=True, help="Only by this relation, such as memberOf; may be repeated."),
            click.option("--document", "sources", multiple=True, help="Only what this document says, by its key; may be repeated."),
            click.option("--speaker", "speakers", multiple=True, help="Only what this person or body is said to say; may be repeated."),
            click.option("--status", "statuses", multiple=True, help="planned, claimed, negated ... or all. [default: asserted]"),
            click.option("--since", default="", help="Only what may have held on or after this day, month or year."),
            click.option("--until", default="", help="Only what may have held on or before this day, month or year."),
            click.option("--undated", is_flag=True, help="With --since or --until: keep what bears no date, too."),
        ]
    ):
        command = option(command)
    return command


def chosen(given: dict[str, Any]) -> Any:
    """Return the filter that the options of `filtered` ask for."""
    from mikg.network import Filter

    names = ("relations", "speakers", "statuses", "since", "until", "undated")
    return Filter.of(documents=given["sources"], kinds=given.get("kinds"), **{name: given[name] for name in names})


@main.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--via", multiple=True, help="Only by way of this thing; may be repeated, in order.")
@click.option("--not", "avoid", multiple=True, help="Not by way of this thing; may be repeated.")
@click.option("-k", "best", type=int, default=5, show_default=True, help="How many connections.")
@filtered
@LANGUAGE
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@documents_option
@guarded
def path(
    source: str, target: str, via: tuple, avoid: tuple, best: int, language: str, form: str, documents: Path | None, **given: Any
) -> None:
    """Show how two things are connected: the best ways FROM one TO the other, each step in words with its passages.

    A thing is named by its name or IRI. Exit code 1 when there is no connection.

    Example: mikg path "Antony Blinken" "Erika Mouynes" --not panama -k 2
    """
    import json
    import sys

    from mikg import network
    from mikg.network import paths

    settings = settings_with(documents)
    with engine_of(settings) as engine:
        whole = network.load(engine, statuses=(), language=language, root=settings.sources)
        found = paths.connect(whole, source, target, chosen(given), via, avoid, best, settings.deadline, language, settings.sources)
    click.echo(found.to_text() if form == "text" else json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    sys.exit(0 if found.paths else 1)


@main.command()
@click.option("--projection", default="statements", show_default=True, help="The network: a file of queries/networks/.")
@click.option("--show", type=click.Choice(["nodes", "communities", "bridges", "together"]), default="nodes", show_default=True)
@click.option("--by", "measure", default="pagerank", show_default=True, help="degree, ties, betweenness, pagerank, core or community.")
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="How many rows of text; 0 for all.")
@click.option("--around", help="Only the network around this thing.")
@click.option("--steps", type=click.IntRange(1, 10), default=1, show_default=True, help="How far around it.")
@click.option("--kind", "kinds", multiple=True, help="Only things of this kind, such as country; may be repeated.")
@click.option("--backend", default="", help="Another backend of networkx that is installed, such as graphblas.")
@filtered
@LANGUAGE
@click.option("--format", "form", type=click.Choice(["text", "csv", "json", "ttl"]), default="text", show_default=True)
@guarded
def central(
    projection: str,
    show: str,
    measure: str,
    top: int,
    around: str,
    steps: int,
    kinds: tuple,
    backend: str,
    language: str,
    form: str,
    **given: Any,
) -> None:
    """Measure a network: who has many ties, who stands between, what holds together.

    Each measure comes with what it means and what it must not be taken for.

    Example: mikg central --projection countries --by betweenness --top 5
    """
    from mikg import network
    from mikg.network import analysis

    settings = settings_with(None)
    with engine_of(settings) as engine:
        if show == "together":
            rows: Any = analysis.together(engine, language)
        else:
            whole = network.load(engine, projection, (), language, settings.sources)
            wanted = chosen({**given, "kinds": kinds}).apply(whole)
            found = analysis.analyse(wanted.ego(around, steps) if around else wanted, backend)
            rows = found.bridges if show == "bridges" else found.by("community" if show == "communities" else measure)
    if form == "ttl":
        if show in ("bridges", "together"):
            raise Misuse(f"--show {show} has no RDF; it takes text, csv or json.")
        click.echo(analysis.to_turtle(found), nl=False)
    elif form == "text":
        means, caution = analysis.MEASURES[{"nodes": measure, "communities": "community"}.get(show, show)]
        note = f"\n{found.note()}" if show in ("nodes", "communities") and found.note() else ""
        click.echo(f"{means}\n{caution}{note}\n\n{analysis.to_text(rows, top)}")
    else:
        click.echo(analysis.to_csv(rows) if form == "csv" else analysis.rows_to_json(rows), nl=form != "csv")


@main.command()
@click.option("--format", "form", required=True, help="graphml, gexf, dot, json, csv or cytoscape.")
@click.option("--projection", default="statements", show_default=True, help="The network: a file of queries/networks/.")
@click.option("--construct", help="A CONSTRUCT query instead of a projection: a text, a file, or - for standard input.")
@click.option("--around", help="Only the network around this thing.")
@click.option("--steps", type=click.IntRange(1, 10), default=1, show_default=True, help="How far around it.")
@click.option("--kind", "kinds", multiple=True, help="Only things of this kind, such as country; may be repeated.")
@filtered
@LANGUAGE
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write. [default: standard output]")
@guarded
def export(
    form: str,
    projection: str,
    construct: str | None,
    around: str,
    steps: int,
    kinds: tuple,
    language: str,
    output: Path | None,
    **given: Any,
) -> None:
    """Write a network for other tools: Gephi, Cytoscape, Graphviz, igraph, spreadsheets.

    Beside a CSV file stands another, FILE-metadata.json, with its licence, its source and what its columns hold.

    Example: mikg export --format graphml --projection countries -o countries.graphml
    """
    from mikg import network
    from mikg.network import formats

    if form not in formats.FORMATS:
        raise Misuse(f"--format is {form!r}; it takes one of: {', '.join(formats.FORMATS)}.")
    settings = settings_with(None)
    with engine_of(settings) as engine:
        if construct:
            whole, title = formats.constructed(engine, query_text(construct), language), "mikg: a query of its graph"
        else:
            title = f"mikg: {network.find(projection, settings.sources).title}"
            whole = chosen({**given, "kinds": kinds}).apply(network.load(engine, projection, (), language, settings.sources))
        whole = whole.ego(around, steps) if around else whole
        about = formats.About(title, engine.release())
        text = formats.write(whole, form, about)
    if output is None or str(output) == "-":
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
        if form == "csv":
            beside = output.with_name(f"{output.name}-metadata.json")
            beside.write_text(formats.csv_metadata(about, output.name), encoding="utf-8")
    except OSError as fault:
        raise Misuse(f"{output} cannot be written ({fault.strerror}).") from None
    say(f"{output}: {len(whole.nodes)} nodes, {len(whole.edges)} edges")
