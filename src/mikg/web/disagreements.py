"""Where sources differ, side by side, with what we make of it."""

from flask import Blueprint, current_app, render_template

from mikg import citations, disagreements
from mikg.web.kept import per_release
from mikg.web.naming import names

differing = Blueprint("disagreements", __name__)
judged = per_release(disagreements.judgements)


@differing.get("/disagreements")
def listing() -> str:
    """Every discrepancy with its sides; then what is held apart, and what is read as one."""
    found = judged()
    resting = [iri for each in found for iri in (*each.passages, *(iri for side in each.sides for iri in side.passages))]
    cited = citations.cite(current_app.engine, resting, current_app.settings.documents)
    shown = [(each.nature, each.status, each.concerns, [side.iri for side in each.sides]) for each in found]
    return render_template(
        "disagreements.html",
        differing=[each for each in found if each.kind == "Discrepancy"],
        apart=[each for each in found if each.kind == "Distinction"],
        one=[each for each in found if each.kind == "Identification"],
        cited={each.iri: each for each in cited},
        named=names(shown),
    )
