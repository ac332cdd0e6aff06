"""What search engines read of a page: schema.org as JSON-LD (https://schema.org/Dataset)."""

from flask import Flask, current_app

from mikg import __version__
from mikg.documents import Document
from mikg.labels import Named
from mikg.namespaces import BASE
from mikg.web import addresses


def register(app: Flask) -> None:
    """Offer `dataset(documents)` and `described(document, named)` to the templates."""
    app.jinja_env.globals.update(dataset=dataset, described=described)


def dataset(documents: list[Document]) -> dict:
    """Return the graph as a schema.org Dataset with what it is based on."""
    root = addresses.home()
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": BASE + "graph",
        "name": "mikg: migration policy around Panama, with its sources",
        "description": "A knowledge graph of migration policy: what public documents say of countries, people, agreements, meetings and "
        "figures, each statement in the named graph of the passage that states it.",
        "url": root,
        "version": f"{__version__} {current_app.engine.release()}",
        "isAccessibleForFree": True,
        "inLanguage": ["en", "es"],
        "isBasedOn": [each.iri for each in documents],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "application/n-quads", "contentUrl": f"{root}graph.nq.gz"},
            {"@type": "DataDownload", "encodingFormat": "application/sparql-results+json", "contentUrl": f"{root}sparql"},
        ],
    }


def described(document: Document, named: dict[str, Named]) -> dict:
    """Return a source as a schema.org CreativeWork; what is not known is left out."""
    period = f"{document.earliest}/{document.latest}" if document.earliest else ""
    publisher = named.get(document.publisher)
    facts = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "@id": document.iri,
        "name": document.title,
        "abstract": document.description,
        "identifier": document.key,
        "inLanguage": document.language,
        "datePublished": document.issued,
        "temporalCoverage": "" if document.issued else period,
        "publisher": {"@type": "Organization", "@id": publisher.iri, "name": publisher.name} if publisher else "",
        "license": document.rights,
    }
    return {name: value for name, value in facts.items() if value}
