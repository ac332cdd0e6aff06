"""Words in, words out: the command line. Answers go to stdout, all else to stderr.

Exit codes: 0 done, 1 the answer is no, 2 asked wrongly or not possible.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mikg import __version__, settings
from mikg.errors import MikgError, Misuse

FORMATS = click.Choice(["table", "csv", "json"])


def _say(text: str) -> None:
    click.echo(text, err=True)


def _guarded(command: Callable) -> Callable:
    """The one place where an error becomes words and an exit code."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except MikgError as fault:
            _say(f"mikg: {fault}")
            sys.exit(2)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except KeyboardInterrupt:
            sys.exit(130)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mikg")
def main() -> None:
    """A knowledge graph of migration policy that cites its sources.

    Example: mikg ask agreements-of-a-country --country id:panama --cite
    """


@main.command()
@click.option("--force", is_flag=True, help="Make the release again although its sources have not changed.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for evidence and coverage.")
@_guarded
def build(force: bool, documents: Path | None) -> None:
    """Make a release from ontology/ and graph/ and put it in use.

    A release that fails leaves the one in use in place; a running server picks the new one up by itself.

    Example: mikg build
    """
    from mikg import release

    folder = release.build(_settings(documents), _say, force)
    counts = release.manifest(folder)["counts"]
    click.echo(
        f"{folder.name}: {counts['quads']} quads in {counts['named graphs']} named graphs, {counts['default graph']} triples in their merge"
    )


@main.command()
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for evidence and coverage.")
@click.option("--format", "form", type=click.Choice(["text", "json", "ttl"]), default="text", show_default=True)
@_guarded
def check(documents: Path | None, form: str) -> None:
    """Look for what is wrong in the sources: syntax, shapes, terms, evidence. Exit code 1 when there is a violation.

    Example: mikg check --documents ~/documents
    """
    from mikg import checking, sources

    chosen = _settings(documents)
    report = checking.check(sources.read(chosen.sources), chosen.documents, lambda step: _say(f"checking {step} ..."))
    click.echo({"text": report.to_text, "json": report.to_json, "ttl": report.to_turtle}[form]())
    sys.exit(1 if report.wrong else 0)


@main.command()
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8000]")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")
@_guarded
def serve(host: str | None, port: int | None, documents: Path | None) -> None:
    """Answer over HTTP; the release is made first if it is not there.

    Example: mikg serve --port 8080
    """
    from dataclasses import replace

    from mikg import web

    chosen = _settings(documents)
    chosen = replace(chosen, host=host or chosen.host, port=chosen.port if port is None else port)
    web.serve(chosen, _say)


@main.command()
@click.argument("query")
@click.option("--format", "form", default="table", show_default=True, help="table, csv, json; for a graph: ttl, nt, jsonld, rdf, trig, nq.")
@click.option("--cite", is_flag=True, help="Show the passages that each row rests on.")
@click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")
@_guarded
def query(query: str, form: str, cite: bool, documents: Path | None) -> None:
    """Answer a SPARQL QUERY: a text, a file, or - for standard input.

    Example: mikg query 'SELECT ?class (COUNT(?x) AS ?count) { ?x a ?class } GROUP BY ?class ORDER BY ?class'
    """
    from mikg.engine import RESULTS, Query, guard
    from mikg.web.negotiation import SUFFIXES

    text = _query_text(query)
    chosen = _settings(documents)
    with _engine(chosen) as engine:
        if form == "table" and not cite and guard.read(text, engine.limits).form in ("CONSTRUCT", "DESCRIBE"):
            form = "ttl"
        if form in ("table", "csv", "json"):
            _print(engine, Query(text), form, cite, chosen.documents)
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
@_guarded
def ask(context: click.Context, question: str, form: str, cite: bool, documents: Path | None) -> None:
    """Answer the competency QUESTION, one of `mikg questions`; its parameters are options.

    Example: mikg ask agreements-of-a-country --country id:costa-rica --format csv
    """
    from mikg import queries

    chosen = _settings(documents)
    found = queries.find(queries.catalogue(chosen.sources), question)
    given = _parameters(context.args)
    found.bindings(given)
    with _engine(chosen) as engine:
        _print(engine, queries.query(found, given), form, cite, chosen.documents)


@main.command()
@click.argument("words", default="")
@_guarded
def questions(words: str) -> None:
    """List the competency questions, or those that have each word of WORDS.

    Example: mikg questions agreement
    """
    from mikg import queries

    found = queries.search(queries.catalogue(_settings(None).sources), words)
    for each in found:
        options = " ".join(f"[--{parameter.name} {parameter.default}]" for parameter in each.parameters)
        click.echo(f"{each.name} {options}".rstrip() + f"\n    {each.description}")
    if not found:
        _say(f"mikg: no question has {words!r} in its name, title or description; list all with: mikg questions")
        sys.exit(1)


@main.command()
@click.argument("text", type=click.Path(path_type=Path))
@click.argument("key")
@_guarded
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


def _settings(documents: Path | None) -> settings.Settings:
    from dataclasses import replace

    chosen = settings.load()
    folder = documents or chosen.documents
    if folder is not None and not folder.is_dir():
        raise Misuse(f"{folder} is no folder; --documents (or MIKG_DOCUMENTS) names the folder that holds KEY.txt of each source.")
    return replace(chosen, documents=folder)


class _engine:  # noqa: N801 (used as a function is)
    """The engine over today's release, closed at the end."""

    def __init__(self, chosen: settings.Settings) -> None:
        self.settings = chosen

    def __enter__(self) -> Any:
        from dataclasses import replace

        from mikg import release
        from mikg.engine.embedded import Pool

        release.opened(self.settings, _say)
        self.pool = Pool(replace(self.settings, workers=1))
        return self.pool

    def __exit__(self, *_: object) -> None:
        self.pool.close()


def _query_text(given: str) -> str:
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


def _print(engine: Any, query: Any, form: str, cite: bool, documents: Path | None) -> None:
    """Print the answer to a SELECT or ASK; with `cite` what each row rests on."""
    from mikg import answers, cited

    shown = cited.answer(engine, query, documents) if cite else answers.run(engine, query)
    click.echo({"table": shown.to_text, "csv": shown.to_csv, "json": shown.to_json}[form](), nl=form != "csv")
