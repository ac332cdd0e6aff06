"""The questions of the catalogue and the prefixes, in the form that SPARQL editors read: SHACL's sh:SPARQLExecutable and sh:declare.

https://www.w3.org/TR/shacl/#sparql-constraints-prefixes; the form is that of the collections of SPARQL examples
(https://github.com/sib-swiss/sparql-examples).
"""

import re
from collections.abc import Mapping

import pyoxigraph as ox

from mikg.description.triples import Triples, text, typed
from mikg.engine import guard
from mikg.engine.worker import term
from mikg.namespaces import BASE, PREFIXES
from mikg.queries import Question

QUESTIONS = BASE + "questions/"
DECLARED = BASE + "prefixes"  # whose sh:declare the questions point to
FORMS = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct", "DESCRIBE": "Describe"}


def describe(questions: Mapping[str, Question], endpoint: str) -> Triples:
    """Return every question with its query, ready to run: parameters have their defaults."""
    whole = prefixes()
    for name, question in questions.items():
        runnable = bound(question)
        form = guard.read(runnable).form
        whole.say(
            QUESTIONS + name,
            a=["sh:SPARQLExecutable", f"sh:SPARQL{FORMS[form]}Executable"],
            rdfs_label=text(question.title),
            rdfs_comment=text(question.description),
            sh_prefixes=DECLARED,
            schema_target=endpoint,
            **{f"sh_{form.lower()}": ox.Literal(runnable)},
        )
    return whole


def bound(question: Question) -> str:
    """Return the text of a question without its head, its parameters bound to their defaults."""
    lines = [line for line in question.text.splitlines() if not line.startswith("#+")]
    query = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
    values = {name: str(term(value)) for name, value in question.bindings({}).items()}
    return guard.bind(query, guard.read(query), values)


def prefixes() -> Triples:
    """Return the prefixes of the project as sh:declare has them."""
    whole = Triples()
    whole.say(DECLARED, a="owl:Ontology")
    for prefix, namespace in PREFIXES.items():
        node = f"{DECLARED}#{prefix}"
        whole.say(DECLARED, sh_declare=node)
        whole.say(node, a="sh:PrefixDeclaration", sh_prefix=ox.Literal(prefix), sh_namespace=typed(namespace, "anyURI"))
    return whole
