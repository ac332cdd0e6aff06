"""Commands about links to other graphs: link status, candidates, accept, reject."""

import json
import sys
from pathlib import Path

import click

from mikg.cli import main
from mikg.cli.session import engine_of, guarded, say, settings_with

FORMATS = click.Choice(["table", "csv", "json"])
PREDICATES = click.Choice(["exact", "close", "broad", "narrow", "related"])


@main.group()
def link() -> None:
    """Links to other graphs: what is linked, what could be, and a decision with its reason.

    Example: mikg link status
    """


@link.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--without", is_flag=True, help="List each thing that has no link, and why.")
@guarded
def status(form: str, without: bool) -> None:
    """Say how many things of each kind are linked, to which graphs, and what has no link and why.

    Example: mikg link status --without
    """
    from dataclasses import asdict

    from mikg.mappings import coverage

    with engine_of(settings_with(None)) as engine:
        found = coverage.of(engine)
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2))
        return
    click.echo(coverage.to_text(found, without))


@link.command()
@click.argument("entity", default="")
@click.option("--kind", default="", help="All things of a class instead of one, such as Organisation.")
@click.option(
    "--from", "origin", required=True, help="An RDF file, a CSV or TSV table, a graph of graph/external by its name, or a SPARQL endpoint."
)
@click.option("--least", type=click.FloatRange(0, 1), default=0.75, show_default=True, help="The lowest score shown.")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@guarded
def candidates(entity: str, kind: str, origin: str, least: float, form: str) -> None:
    """List what of another graph could be ENTITY, or a thing of --kind, scored by names, kinds and codes.

    Exit code 1 when nothing is like it. Nothing is written: mikg link accept and reject do that.

    Example: mikg link candidates --kind Airport --from airports.csv
    """
    from mikg.answers import Table
    from mikg.errors import Misuse
    from mikg.mappings import candidates as compared
    from mikg.namespaces import ID, expand

    if bool(entity) == bool(kind):
        raise Misuse("name one ENTITY, such as id:panama, or a --kind, such as Country.")
    chosen = settings_with(None)
    with engine_of(chosen) as engine:
        subjects = compared.things(engine, (expand(entity) or ID + entity) if entity else "", kind)
    if origin.startswith(("http://", "https://")):
        targets = compared.of_endpoint(origin, subjects)
    else:
        graph = chosen.sources / "graph/external" / f"{origin}.ttl"
        targets = compared.of_file(graph if graph.is_file() else Path(origin))
    found = compared.match(subjects, targets, least)
    columns = ("thing", "candidate", "score", "name", "features")
    rows = tuple(
        {
            "thing": {"type": "uri", "value": each.subject},
            "candidate": {"type": "literal", "value": each.object},
            "score": {"type": "literal", "value": f"{each.score:.2f}"},
            "name": {"type": "literal", "value": each.name},
            "features": {"type": "literal", "value": "; ".join(each.features)},
        }
        for each in found
    )
    shown = Table(columns, rows)
    click.echo({"table": shown.to_text, "csv": shown.to_csv, "json": shown.to_json}[form](), nl=form != "csv")
    if not found:
        say(f"mikg: of {len(targets)} things in {origin} none is like {entity or kind} (--least {least}); a lower --least shows more")
        sys.exit(1)


def _decision(matches: bool, name: str, text: str) -> None:
    @link.command(name, help=text)
    @click.argument("subject")
    @click.argument("object")
    @click.option("--predicate", type=PREDICATES, default="exact", show_default=True, help="How the two stand to each other.")
    @click.option("--reason", required=True, help="The evidence: where the pair was read, or what tells the two apart.")
    @click.option("--label", default="", help="The name that the other graph gives its term.")
    @click.option("--confidence", type=click.FloatRange(0, 1), default=0.9, show_default=True)
    @click.option(
        "--by",
        type=click.Choice(["manual", "kinds", "names"]),
        default="manual",
        show_default=True,
        help="Whether what both are was read, or their names and kinds were compared, or only their names.",
    )
    @guarded
    def command(subject: str, object: str, predicate: str, reason: str, label: str, confidence: float, by: str) -> None:
        from mikg.mappings import curation

        root = settings_with(None).sources
        row = curation.decide(root, subject, object, predicate, reason, matches=matches, label=label, confidence=confidence, by=by)
        says = "matches" if matches else "does not match"
        click.echo(f"{row.mapping.subject.curie} {says} {row.mapping.object.curie} ({predicate}): {curation.TABLE}:{row.line}")
        say("mikg: mikg build takes it into the graph")


_decision(
    True,
    "accept",
    """Write that SUBJECT matches OBJECT, a term of another graph, with the reason; nothing is written if it contradicts what stands.

    Example: mikg link accept id:egmont-group wd:Q1 --label "its name there" --reason "read in FILE, version"
    """,
)
_decision(
    False,
    "reject",
    """Write that SUBJECT does not match OBJECT, so that nobody proposes the pair again.

    Example: mikg link reject id:panama geonames:3703443/ --label "Panama City" --reason "the city, not the country"
    """,
)
