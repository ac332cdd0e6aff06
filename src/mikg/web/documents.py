"""The sources as pages: which there are, and each passage by passage with what the graph holds of it."""

import re

from flask import Blueprint, current_app, render_template
from markupsafe import Markup, escape

from mikg import citations, disagreements, documents
from mikg.documents import Passage
from mikg.errors import NotFound
from mikg.labels import Named
from mikg.web import addresses, sources
from mikg.web.kept import per_release
from mikg.web.naming import names

read = Blueprint("documents", __name__)
one = per_release(documents.document)
passages = per_release(documents.passages)
judged = per_release(disagreements.judgements)


@read.get("/documents")
def listing() -> str:
    """Each source with its publisher, date, and how much of it the graph holds."""
    found = sources.every()
    return render_template("documents.html", documents=found, named=names([each.publisher for each in found if each.publisher]))


@read.get("/documents/<key>")
def document(key: str) -> str:
    """One source in reading order."""
    found = one(key)
    parts = passages(key, current_app.settings.documents)
    named = names([found.publisher or found.iri], [each.iris for each in parts])
    return render_template(
        "document.html",
        document=found,
        passages=parts,
        named=named,
        annotated=annotated,
    )


@read.get("/documents/<key>/<name>")
def passage(key: str, name: str) -> str:
    """One passage with all that it states, and our judgements that rest on it."""
    found = one(key)
    parts = passages(key, current_app.settings.documents)
    place = next((place for place, each in enumerate(parts) if each.name == name), None)
    if place is None:
        raise NotFound(f"the document {key} has no passage {name[:100]!r}; it has {len(parts)}, from {parts[0].name} to {parts[-1].name}.")
    each = parts[place]
    resting = [judgement for judgement in judged() if each.iri in judgement.passages]
    citation = citations.cite(current_app.engine, [each.iri], current_app.settings.documents)
    return render_template(
        "passage.html",
        document=found,
        passage=each,
        before=parts[place - 1] if place else None,
        after=parts[place + 1] if place + 1 < len(parts) else None,
        resting=resting,
        citation=citation[0] if citation else None,
        named=names(each.iris, [judgement.concerns for judgement in resting]),
        annotated=annotated,
    )


def annotated(passage: Passage, named: dict[str, Named]) -> Markup:
    """Return the words of a passage, with each name that it prints leading to what it names; longer names go before shorter."""
    forms = {form: iri for form, iri in passage.names if form}
    if not forms:
        return escape(passage.quotation)
    longest = sorted(forms, key=lambda form: (-len(form), form))
    pattern = "|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in longest)
    said, end = Markup(), 0
    for found in re.finditer(pattern, passage.quotation):
        iri = forms[found.group()]
        kind = named[iri].kind if iri in named else "thing"
        link = Markup('<a class="named kind-{}" href="{}" title="{}">{}</a>')
        said += escape(passage.quotation[end : found.start()])
        said += link.format(kind, addresses.page(iri), named[iri].name if iri in named else iri, found.group())
        end = found.end()
    return said + escape(passage.quotation[end:])
