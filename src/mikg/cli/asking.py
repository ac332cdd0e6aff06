"""Commands that ask: query, ask, questions."""

import sys
from pathlib import Path
from typing import Any

import click

from mikg.cli import main
from mikg.cli.session import engine_of, guarded, say, settings_with
from mikg.errors import Misuse

FORMATS = click.Choice(["table", "csv", "json"])


@main.command()
@click.argument("query")
@click.option("--format", "form", default="table", show_default=True, help="table, csv, json; for a graph: ttl, nt, jsonld, rdf, trig, nq.")
@click.option("--cite", is_flag=True, help="Show the passages that each row rests on.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")
@guarded
def query(query: str, form: str, cite: bool, documents: Path | None) -> None:
    """Answer a SPARQL QUERY: a text, a file, or - for standard input.

    Example: mikg query 'SELECT ?class (COUNT(?x) AS ?count) { ?x a ?class } GROUP BY ?class ORDER BY ?class'
    """
    from mikg.engine import RESULTS, Query, guard
    from mikg.web.negotiation import SUFFIXES

    text = query_text(query)
    chosen = settings_with(documents)
    with engine_of(chosen) as engine:
        if form == "table" and not cite and guard.read(text, engine.limits).form in ("CONSTRUCT", "DESCRIBE"):
            form = "ttl"
        if form in ("table", "csv", "json"):
            if not _print(engine, Query(text), form, cite, chosen.documents):
                from mikg import diagnosis

                for line in diagnosis.hint(engine, Query(text), chosen.releases).splitlines():
                    say(f"mikg: {line}")
        elif form in SUFFIXES and cite:
            raise Misuse(f"--cite comes with --format table, csv or json, not with {form}; a graph comes as a table of its triples.")
        elif form in SUFFIXES:
            kind = "results" if SUFFIXES[form] in RESULTS else "triples"
            click.echo(engine.query(Query(text, **{kind: SUFFIXES[form]})).body, nl=False)
        else:
            raise Misuse(f"--format is {form!r}; it takes one of: table, {', '.join(SUFFIXES)}.")


@main.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("question")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.option("--cite", is_flag=True, help="Show the passages that each row rests on.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")
@click.pass_context
@guarded
def ask(context: click.Context, question: str, form: str, cite: bool, documents: Path | None) -> None:
    """Answer the competency QUESTION, one of `mikg questions`; its parameters are options.

    Example: mikg ask agreements-of-a-country --country id:costa-rica --format csv
    """
    from mikg import choices, queries

    chosen = settings_with(documents)
    found = queries.find(queries.catalogue(chosen.sources), question)
    given = _parameters(context.args)
    found.bindings(given)
    with engine_of(chosen) as engine:
        _print(engine, queries.query(found, choices.meant(engine, found, given)), form, cite, chosen.documents)


@main.command()
@click.argument("words", default="")
@guarded
def questions(words: str) -> None:
    """List the competency questions, or those that have each word of WORDS.

    Example: mikg questions agreement
    """
    from mikg import queries

    found = queries.search(queries.catalogue(settings_with(None).sources), words)
    for each in found:
        options = " ".join(f"[--{parameter.name} {parameter.default}]" for parameter in each.parameters)
        click.echo(f"{each.name} {options}".rstrip() + f"\n    {each.description}")
    if not found:
        say(f"mikg: no question has {words!r} in its name, title or description; list all with: mikg questions")
        sys.exit(1)


def query_text(given: str) -> str:
    if given == "-":
        return click.get_text_stream("stdin").read()
    if "{" in given or "\n" in given:
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Misuse(f"{given} is not UTF-8.") from None
    except OSError as fault:
        raise Misuse(f"{given!r} is no query (it has no brace) and no file that can be read ({fault.strerror}).") from None


def _parameters(words: list[str]) -> dict[str, str]:
    given = {}
    rest = list(words)
    while rest:
        name = rest.pop(0)
        if not name.startswith("--"):
            raise Misuse(f"{name!r} is not expected here; a parameter is written --name value.")
        name, equals, value = name[2:].partition("=")
        if not equals:
            if not rest:
                raise Misuse(f"--{name} has no value.")
            value = rest.pop(0)
        given[name] = value
    return given


def _print(engine: Any, query: Any, form: str, cite: bool, documents: Path | None) -> bool:
    """Print the answer to a SELECT or ASK, with `cite` what each row rests on; return whether there is a row, or a yes or no."""
    from mikg import answers, cited

    shown = cited.answer(engine, query, documents) if cite else answers.run(engine, query)
    click.echo({"table": shown.to_text, "csv": shown.to_csv, "json": shown.to_json}[form](), nl=form != "csv")
    table = shown.table if cite else shown
    return bool(table.rows) or table.boolean is not None
