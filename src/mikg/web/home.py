"""The first page: what this is, where to begin, what is inside, and how it hangs together."""

from flask import Blueprint, current_app, render_template

from mikg import counting, disagreements, ties
from mikg.web import sources
from mikg.web.drawing import Drawing, columns
from mikg.web.kept import per_release
from mikg.web.naming import names

first = Blueprint("home", __name__)
SHOWN = 8  # questions
LATEST = 3  # disagreements

judged = per_release(disagreements.judgements)
kinds = per_release(counting.kinds)
tied = per_release(ties.ties)


@first.get("/")
def home() -> str:
    """What this is, what is inside, and where to begin."""
    found, between = sources.every(), tied()
    differing = [each for each in judged() if each.kind == "Discrepancy"]
    shown = [each for each in differing if len(each.sides) == 2 and all(side.printed for side in each.sides)][:LATEST]
    named = names(
        [each.publisher for each in found],
        [(each.nature, each.status, each.concerns) for each in shown],
        between.parties,
        between.hubs,
        between.everywhere,
    )
    drawing: Drawing = columns(between, named)
    return render_template(
        "home.html",
        documents=found,
        counts=kinds(),
        passages=sum(each.passages for each in found),
        questions=[each for each in current_app.catalogue.values() if each.start][:SHOWN],
        every=len(current_app.catalogue),
        differing=shown,
        differences=len(differing),
        between=between,
        drawing=drawing,
        named=named,
    )
