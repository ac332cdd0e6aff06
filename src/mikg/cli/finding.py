"""The command that searches: find."""

import csv
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mikg.cli import main
from mikg.cli.session import engine_of, guarded, say, settings_with

if TYPE_CHECKING:
    from mikg.search import Found, Hit
    from mikg.settings import Settings

WIDTH = 60  # characters of a name in the table
HOW = {"printed": "printed as", "typo": "named", "name": "named"}


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", "kinds", multiple=True, help="Only things of this kind, such as country or question; may be given again.")
@click.option("--language", default="en", show_default=True, help="Language of the names.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@guarded
def find(words: tuple[str, ...], kinds: tuple[str, ...], language: str, limit: int, form: str) -> None:
    """Find what WORDS name or speak of: entities, passages, questions, terms. Misspelt words are found too.

    Example: mikg find estados unidos --kind country
    """
    from mikg import release, search
    from mikg.errors import Misuse
    from mikg.labels import KINDS, OTHER
    from mikg.mappings import pages

    known = (*KINDS, OTHER, "question")
    for kind in kinds:
        if kind not in known:
            raise Misuse(f"--kind is {kind!r}; it takes one of: {', '.join(known)}.")
    chosen = settings_with(None)
    release.opened(chosen, say)
    text = pages.meant(" ".join(words), lambda: elsewhere(chosen))
    index = search.Index(chosen.releases)
    found = search.find(index, text, kinds, language, limit)
    _print(found, form)
    if found.suggestion:
        say(f"mikg: nothing has all of these words as they stand; was {found.suggestion!r} meant?")
    if not found.hits:
        near = ", ".join(hit.name for hit in search.nearest(index, text))
        say(f"mikg: nothing is found for {text[:200]!r}" + (f"; the nearest: {near}" if near else "; fewer or other words may do."))
        sys.exit(1)
    if form == "table" and found.total > len(found.hits):
        say(f"({len(found.hits)} of {found.total}; --limit shows more, --kind narrows)")


def elsewhere(chosen: "Settings") -> dict[str, str]:
    """Return the things that terms of other graphs stand for."""
    from mikg.mappings import pages

    with engine_of(chosen) as engine:
        return pages.elsewhere(engine)


def _print(found: "Found", form: str) -> None:
    from mikg.namespaces import shorten

    if form == "json":
        hits = [{key: value for key, value in asdict(hit).items() if key not in ("names", "classes", "texts")} for hit in found.hits]
        click.echo(
            json.dumps(
                {"total": found.total, "kinds": found.facets, "suggestion": found.suggestion, "hits": hits}, ensure_ascii=False, indent=2
            )
        )
    elif form == "csv":
        writer = csv.writer(click.get_text_stream("stdout"))
        writer.writerow(["iri", "name", "kind", "score", "reason", "matched", "passage"])
        writer.writerows(
            [hit.iri, hit.name, hit.kind, hit.score, hit.reason.how, hit.reason.text, hit.reason.passage] for hit in found.hits
        )
    else:
        for hit in found.hits:
            name = hit.name if len(hit.name) <= WIDTH else hit.name[: WIDTH - 1] + "…"
            click.echo(f"{shorten(hit.iri)}  {name}  ({hit.kind}){_why(hit)}")


def _why(hit: "Hit") -> str:
    from mikg.namespaces import shorten

    reason = hit.reason
    words = "; ".join(f"{typed} → {meant}" for typed, meant in reason.typos)
    if reason.how != "text" and reason.text != hit.name:
        words = f"{HOW.get(reason.how, reason.how)} “{reason.text[:WIDTH]}”" + (f"; {words}" if words else "")
        words += f" in {shorten(reason.passage)}" if reason.passage else ""
    return f"  [{words}]" if words else ""
