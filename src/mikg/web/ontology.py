"""The ontology: one page for people, whose anchors are the local names of the terms, and the whole of it as RDF."""

from flask import Blueprint, Response, current_app, make_response, render_template, request

from mikg import resources, vocabulary
from mikg.engine import TRIPLES
from mikg.web import negotiation
from mikg.web.languages import current_language
from mikg.web.resources import SUFFIXES, header, send, signposts

terms = Blueprint("ontology", __name__)


@terms.get("/ontology")
def ontology() -> Response:
    """The terms, as a page or as RDF; a fragment (#Agreement) is the reader's own business, so one address serves all terms."""
    accept = request.headers.get("Accept", "")
    if request.args.get("format") or negotiation.choose(accept, "", (negotiation.HTML, *TRIPLES)) != negotiation.HTML:
        return send(resources.ONTOLOGY)
    known = vocabulary.read(current_app.engine)
    answer = make_response(render_template("ontology.html", known=known, pick=vocabulary.pick, language=current_language()))
    answer.headers["Link"] = header(signposts(resources.ONTOLOGY))
    return answer


@terms.get(f"/ontology.<any({', '.join(SUFFIXES)}):suffix>")
def ontology_data(suffix: str) -> Response:
    """The terms and the shapes in one syntax."""
    return send(resources.ONTOLOGY, suffix)


@terms.after_request
def _vary(answer: Response) -> Response:
    answer.vary.add("Accept")
    return answer
