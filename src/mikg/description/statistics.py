"""What is inside, counted, as VoID: https://www.w3.org/TR/void/

The whole (the default graph) with its classes, properties and links to others; each graph of ours and each document as a subset.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox

from mikg.description.triples import Triples, serialize, text
from mikg.namespaces import BASE, DOCUMENT, GRAPH, shorten
from mikg.settings import Settings

FILE = "void.nt"
DATASET = BASE + "dataset"
HOME = GRAPH + "description"  # the graph of a release that holds its description
COUNTS = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
  (COUNT(DISTINCT ?p) AS ?properties)
WHERE { %s }
"""
CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?entities) WHERE { ?s a ?class FILTER(isIRI(?class)) } GROUP BY ?class ORDER BY ?class"
PROPERTIES = """
SELECT ?property (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
WHERE { ?s ?property ?o } GROUP BY ?property ORDER BY ?property
"""
PROPERTIES_OF_CLASSES = """
SELECT ?class ?property (COUNT(*) AS ?triples)
WHERE { ?s a ?class ; ?property ?o FILTER(isIRI(?class)) } GROUP BY ?class ?property ORDER BY ?class ?property
"""
ENTITIES = "SELECT (COUNT(DISTINCT ?s) AS ?entities) WHERE { %s FILTER(isIRI(?s)) }"
# The namespace of an identifier elsewhere: what stands before its last part.
LINKS = """
SELECT ?property ?authority (COUNT(*) AS ?triples)
WHERE {
  GRAPH <https://w3id.org/mikg/graph/links> { ?s ?property ?o }
  FILTER(isIRI(?o) && !STRSTARTS(STR(?o), "https://w3id.org/mikg/") && STRSTARTS(STR(?s), "https://w3id.org/mikg/"))
  FILTER(?property IN (%s))
  BIND(REPLACE(STR(?o), "[^/#=:]+/?$", "") AS ?authority)
}
GROUP BY ?property ?authority ORDER BY ?authority ?property
"""
LINKING = " ".join(f"<http://www.w3.org/2004/02/skos/core#{kind}Match>," for kind in ("exact", "close", "broad", "narrow", "related"))
LINKING += " <https://schema.org/sameAs>, <http://www.w3.org/2002/07/owl#sameAs>, <http://www.w3.org/2000/01/rdf-schema#seeAlso>"


def write(settings: Settings, place: Path, store: ox.Store, say: Callable[[str], None]) -> None:
    """Write the description that a store holds as sorted N-Triples into the folder of its release."""
    described = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(HOME))]
    lines = serialize(described, "application/n-triples").decode().splitlines(keepends=True)
    (place / FILE).write_text("".join(sorted(lines)), encoding="utf-8")


def count(store: ox.Store) -> Triples:
    """Return the VoID description of a store, without addresses."""
    whole = Triples()
    whole.say(DATASET, a="void:Dataset", void_uriSpace=ox.Literal(BASE), **_counts(store, "?s ?p ?o"))
    classes = list(_rows(store, CLASSES))
    whole.say(DATASET, void_classes=len(classes))
    for row in classes:
        part = f"{DATASET}#class-{_fragment(row['class'])}"
        whole.say(DATASET, void_classPartition=part)
        whole.say(part, void_class=row["class"], void_entities=row["entities"])
    for row in _rows(store, PROPERTIES_OF_CLASSES):
        part = f"{DATASET}#class-{_fragment(row['class'])}"
        inner = f"{part}-{_fragment(row['property'])}"
        whole.say(part, void_propertyPartition=inner)
        whole.say(inner, void_property=row["property"], void_triples=row["triples"])
    for row in _rows(store, PROPERTIES):
        part = f"{DATASET}#property-{_fragment(row['property'])}"
        whole.say(DATASET, void_propertyPartition=part)
        numbers = {f"void_{name}": row[name] for name in ("triples", "distinctSubjects", "distinctObjects")}
        whole.say(part, void_property=row["property"], **numbers)
    for row in _rows(store, LINKS % LINKING):
        link = f"{DATASET}#links-{_fragment(row['property'])}-{_fragment(row['authority'])}"
        whole.say(DATASET, void_subset=link)
        whole.say(
            link,
            a="void:Linkset",
            void_linkPredicate=row["property"],
            void_subjectsTarget=DATASET,
            void_objectsTarget=link + "-target",
            void_triples=row["triples"],
        )
        whole.say(link + "-target", a="void:Dataset", void_uriSpace=ox.Literal(row["authority"]))
    _subsets(store, whole)
    return whole


def _subsets(store: ox.Store, whole: Triples) -> None:
    """Each graph of ours; of the passages, which are many, one subset for each document."""
    documents: dict[str, list[str]] = {}
    for graph in sorted(each.value for each in store.named_graphs()):
        if graph.startswith(DOCUMENT):
            documents.setdefault(graph.removeprefix(DOCUMENT).partition("/")[0], []).append(graph)
            continue
        whole.say(DATASET, void_subset=graph)
        whole.say(graph, a="void:Dataset", **_counts(store, f"GRAPH <{graph}> {{ ?s ?p ?o }}"))
    for key, graphs in documents.items():
        subset = f"{DATASET}#document-{key}"
        values = " ".join(f"<{graph}>" for graph in graphs)
        distinct = f"{{ SELECT DISTINCT ?s ?p ?o {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} }}"
        whole.say(DATASET, void_subset=subset)
        whole.say(
            subset,
            a="void:Dataset",
            dcterms_title=text(f"What the passages of the document {key} state"),
            dcterms_source=DOCUMENT + key,
            void_documents=len(graphs),
            **_counts(store, distinct),
        )


def _counts(store: ox.Store, pattern: str) -> dict[str, object]:
    (row,) = _rows(store, COUNTS % pattern)
    (entities,) = _rows(store, ENTITIES % pattern)
    return {f"void_{name}": value for name, value in {**row, **entities}.items()}


def _rows(store: ox.Store, query: str) -> Iterator[dict[str, object]]:
    found = store.query(query)
    names = [variable.value for variable in found.variables]
    for row in found:
        yield {name: _value(row[name]) for name in names}


def _value(term: ox.NamedNode | ox.Literal) -> object:
    number = isinstance(term, ox.Literal) and term.datatype.value.endswith("#integer")
    return int(term.value) if number else term.value


def _fragment(name: str) -> str:
    """A part of an IRI that tells its reader what it stands for.

    >>> _fragment(BASE + "graph/x"), _fragment("http://www.wikidata.org/entity/")
    ('graph-x', 'www.wikidata.org-entity')
    """
    short = shorten(name).strip("<>").removeprefix("https://").removeprefix("http://")
    return "".join(each if each.isalnum() or each in "._" else "-" for each in short).strip("-")
