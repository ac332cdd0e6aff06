"""The competency questions as pages: all of them by subject, and each with its form, answer, passages and query."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import lazy_gettext

from mikg import answers, choices, cited, queries, resources
from mikg.errors import MikgError
from mikg.exploration import State
from mikg.labels import Named
from mikg.namespaces import shorten
from mikg.queries import Parameter, Question
from mikg.spelling import nearest
from mikg.web.frame import offered
from mikg.web.kept import per_release
from mikg.web.languages import current_language
from mikg.web.naming import names

asked = Blueprint("questions", __name__)
SHOWN = 500  # rows of a table on a page
IN_A_LIST = 40  # choices up to which one picks from a list; beyond, one types and is offered names

values = per_release(choices.values)
NAMES = {
    "actors": lazy_gettext("Countries, bodies and people"),
    "events": lazy_gettext("Meetings and other events"),
    "agreements": lazy_gettext("Agreements, plans and instruments"),
    "movements": lazy_gettext("People on the move"),
    "figures": lazy_gettext("Figures and money"),
    "claims": lazy_gettext("Claims and quotations"),
    "disagreements": lazy_gettext("Disagreements and judgements"),
    "documents": lazy_gettext("Documents and what rests on them"),
    "names": lazy_gettext("Names and identifiers"),
    "ontology": lazy_gettext("The ontology"),
    "other": lazy_gettext("Other questions"),
}


@asked.app_template_global()
def group_name(group: str) -> str:
    """Return what a group of questions is called in the reader's language."""
    return NAMES[group]


@dataclass(frozen=True)
class Field:
    """A parameter as a field of the form: what can be chosen, each as value and name, and what has been."""

    parameter: Parameter
    value: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def listed(self) -> bool:
        """Whether one picks from a list; else one types."""
        return 0 < len(self.choices) <= IN_A_LIST


@asked.get("/questions")
def listing() -> str:
    """All competency questions by subject, or those that have the words of `find`."""
    words = request.args.get("find", "")[:200]
    found = queries.search(current_app.catalogue, words, current_language())
    groups: dict[str, list[Question]] = {}
    for each in found:
        groups.setdefault(each.group, []).append(each)
    order = [group for group in queries.GROUPS if group in groups]
    return render_template("questions.html", words=words, found=found, groups={group: groups[group] for group in order})


@asked.get("/questions/<name>")
def question(name: str) -> Response:
    """One competency question with its form, answer and passages."""
    found = queries.find(current_app.catalogue, name)
    known = {parameter.name for parameter in found.parameters}
    given = {name: value for name in known if (value := request.args.get(name, "")).strip()}
    answer, fault, status = None, "", 200
    offers = {each.name: names(values(found, each)) for each in found.parameters}
    try:
        given = choices.meant(current_app.engine, found, given)
        given = {each.name: choices.resolve(each, given[each.name], offers[each.name]) for each in found.parameters if each.name in given}
        answer = cited.answer(current_app.engine, queries.query(found, given), current_app.settings.documents)
    except MikgError as error:
        fault, status = str(error), error.status
    body = render_template(
        "question.html",
        question=found,
        fields=[_field(each, given.get(each.name, each.default), offers[each.name]) for each in found.parameters],
        given=given,
        answer=answer,
        named=names(answer) if answer else {},
        fault=fault,
        unknown=_unknown(found, given, offers) if answer and not answer.table.rows else [],
        workbench=("/query?" if offered("/query") else "/sparql?") + urlencode({"query": found.text}),
        exploring=State(question=found.name, given=given).address(),
        shown=SHOWN,
    )
    return make_response(body, status)


@asked.get("/api/questions/<name>.<any(json, csv):form>")
def data(name: str, form: str) -> Response:
    """The answer to a question as SPARQL JSON results with its citations, or as CSV, with them when cite=true."""
    found = queries.find(current_app.catalogue, name)
    given = request.args.to_dict()
    cite = given.pop("cite", "") == "true" or form == "json"
    query = queries.query(found, choices.meant(current_app.engine, found, given))
    answer = cited.answer(current_app.engine, query, current_app.settings.documents) if cite else answers.run(current_app.engine, query)
    if form == "csv":
        return Response(answer.to_csv(), mimetype="text/csv")
    return Response(answer.to_json(), mimetype="application/sparql-results+json")


def _unknown(question: Question, given: dict[str, str], offers: dict[str, dict[str, Named]]) -> list[tuple[Parameter, str, list[Named]]]:
    """Return each given thing that the graph does not have, with those that have an answer and are nearly called so."""
    told = []
    for each in question.parameters:
        iri = each.term(given[each.name])["value"] if each.type == "iri" and each.name in given else ""
        if not iri or resources.exists(current_app.engine, iri):
            continue
        called = {one.name: one for one in offers[each.name].values()}
        words = re.split(r"[/#]", iri)[-1].replace("-", " ")
        told.append((each, given[each.name], [called[name] for name in nearest(words, called)]))
    return told


def _field(parameter: Parameter, value: str, offers: dict[str, Named]) -> Field:
    """Return the field; what was given stays among the choices even where it has no answer."""
    short = {shorten(iri).strip("<>"): each.name for iri, each in offers.items()}
    if short and value not in short and ":" in value:
        short[value] = value
    return Field(parameter, value, tuple(sorted(short.items(), key=lambda item: (item[1].casefold(), item[0]))))
