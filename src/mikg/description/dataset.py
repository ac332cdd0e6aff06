"""The data set and its files for catalogues, as DCAT 3: https://www.w3.org/TR/vocab-dcat-3/"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from mikg import downloads
from mikg.description import statistics
from mikg.description.statistics import DATASET, FILE, HOME
from mikg.description.triples import Triples, text, typed
from mikg.engine import RESULTS, TRIPLES
from mikg.namespaces import BASE, DOCUMENT, EXTERNAL, GRAPH, MIKG

TITLE = "mikg: a knowledge graph of migration policy that cites its sources"
ABSTRACT = (
    "Public documents on migration around Panama as RDF: who acted with whom, what was agreed, planned, claimed and counted. "
    "Each statement lives in the named graph of the passage that states it."
)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
KEYWORDS = ("migration", "migration policy", "Panama", "Darién", "refugees", "linked data", "provenance")
MAKER = "the mikg developers"
CATALOGUE = f"{DATASET}#catalogue"
IANA = "https://www.iana.org/assignments/media-types/"
FORMATS = {
    TRIPLES[0]: "Turtle",
    TRIPLES[1]: "N-Triples",
    TRIPLES[2]: "JSON-LD",
    TRIPLES[3]: "RDF_XML",
    TRIPLES[4]: "TriG",
    TRIPLES[5]: "N-Quads",
    RESULTS[0]: "SPARQL_Results_JSON",
    RESULTS[1]: "SPARQL_Results_XML",
    RESULTS[2]: "SPARQL_Results_CSV",
    RESULTS[3]: "SPARQL_Results_TSV",
}


def quads(store: ox.Store) -> Iterator[ox.Quad]:
    """Yield the description of a data set, without the addresses of any server: the graph of a release that tells of all its others."""
    graphs = [graph.value for graph in store.named_graphs()]
    whole = statistics.count(store)
    whole.extend(about(graphs))
    whole.say(DATASET, void_subset=HOME)
    whole.say(HOME, a="void:Dataset", dcterms_title=[text("What is inside, counted"), text("Qué hay dentro, contado", "es")])
    whole.say(HOME, void_triples=len(set(whole)) + 1)  # this one with them
    home = ox.NamedNode(HOME)
    return (ox.Quad(*triple, home) for triple in whole)


def about(graphs: Iterable[str]) -> Triples:
    """Return what the data set and its catalogue are, whoever serves them."""
    whole = Triples()
    maker, external = f"{DATASET}#makers", _external(graphs)
    whole.say(maker, a="foaf:Agent", foaf_name=ox.Literal(MAKER))
    whole.say(
        CATALOGUE,
        a="dcat:Catalog",
        dcterms_title=text("What mikg publishes"),
        dcterms_description=text("The graph, the open data beside it, and the service that answers queries over both."),
        dcterms_publisher=maker,
        dcterms_license=LICENCE,
        dcat_dataset=[DATASET, *external],
    )
    whole.say(
        DATASET,
        a=["dcat:Dataset", "void:Dataset"],
        dcterms_title=text(TITLE),
        dcterms_description=text(ABSTRACT),
        dcterms_publisher=maker,
        dcterms_creator=maker,
        dcterms_license=LICENCE,
        dcterms_language=[ox.NamedNode(f"http://publications.europa.eu/resource/authority/language/{code}") for code in ("ENG", "SPA")],
        dcterms_source=sorted(
            {DOCUMENT + graph.removeprefix(DOCUMENT).partition("/")[0] for graph in graphs if graph.startswith(DOCUMENT)}
        ),
        dcterms_conformsTo=MIKG.rstrip("#"),
        dcat_keyword=[text(word) for word in KEYWORDS],
        void_vocabulary=[MIKG.rstrip("#"), "http://www.w3.org/2004/02/skos/core", "http://www.w3.org/ns/prov", "http://purl.org/dc/terms/"],
        void_exampleResource=BASE + "id/panama",
        void_feature=[f"formats:{FORMATS[type_]}" for type_ in TRIPLES],
    )
    for graph in external:
        whole.say(graph, a="dcat:Dataset")
    for graph in (*graphs, HOME):
        if graph.startswith(GRAPH):
            whole.say(graph, dcterms_isPartOf=CATALOGUE)
    return whole


def describe(address: str, folder: Path, manifest: Mapping) -> Triples:
    """Return the catalogue, the data set and its files as served at `address`, over the description that the release holds.

    `address` ends with a slash; terms and things keep their canonical IRIs, and files are named where they are fetched.
    """
    whole = about(manifest["graphs"])
    if (folder / FILE).is_file():
        whole.extend(quad.triple for quad in ox.parse(path=str(folder / FILE), format=ox.RdfFormat.N_TRIPLES))
    when, service = typed(made(folder), "dateTime"), f"{address}sparql#service"
    whole.say(CATALOGUE, dcterms_modified=when, dcat_service=service)
    whole.say(
        DATASET,
        dcterms_modified=when,
        dcat_version=ox.Literal(folder.name),
        dcat_landingPage=f"{address}downloads",
        void_sparqlEndpoint=f"{address}sparql",
        foaf_homepage=address,
    )
    for file in downloads.FILES:
        if file.name in manifest.get("files", {}):
            _distribution(whole, address, folder, file, manifest["files"][file.name], service)
    for graph in manifest["graphs"]:
        if graph.startswith(GRAPH):
            whole.say(graph, void_dataDump=f"{address}graph/{graph.removeprefix(GRAPH)}")
    for graph in manifest.get("loaded", {}):
        whole.say(DATASET, void_subset=graph)
        whole.say(graph, a="void:Dataset", void_triples=manifest["graphs"][graph])
    for graph in _external(manifest["graphs"]):
        node = f"{address}graph/{graph.removeprefix(GRAPH)}"
        whole.say(graph, dcat_distribution=node)
        whole.say(node, a="dcat:Distribution", dcat_accessURL=node, dcat_downloadURL=node, dcat_mediaType=IANA + TRIPLES[0])
    return whole


def _external(graphs: Iterable[str]) -> list[str]:
    return sorted(graph for graph in graphs if graph.startswith(EXTERNAL))


def _distribution(whole: Triples, address: str, folder: Path, file: downloads.File, digest: str, service: str) -> None:
    node = f"{DATASET}#file-{file.name}"
    whole.say(DATASET, dcat_distribution=node, void_dataDump=address + file.name)
    whole.say(node, dcat_accessURL=f"{address}downloads", dcat_downloadURL=address + file.name, dcat_accessService=service)
    distribution(whole, node, folder, file, digest)


def distribution(whole: Triples, node: str, folder: Path, file: downloads.File, digest: str) -> None:
    """Say of a file of a release what it is, how large, and its checksum."""
    whole.say(
        node,
        a="dcat:Distribution",
        dcterms_title=text(f"{file.name}: {file.what}"),
        dcterms_license=LICENCE,
        dcat_mediaType=IANA + file.media_type,
        dcat_byteSize=typed((folder / file.name).stat().st_size, "nonNegativeInteger"),
        spdx_checksum=f"{node}-checksum",
    )
    if file.packed:
        whole.say(node, dcat_compressFormat=IANA + "application/gzip")
    whole.say(
        f"{node}-checksum", a="spdx:Checksum", spdx_algorithm="spdx:checksumAlgorithm_sha256", spdx_checksumValue=typed(digest, "hexBinary")
    )


def made(folder: Path) -> str:
    """Return when a release was made."""
    return datetime.datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime, datetime.UTC).replace(microsecond=0).isoformat()
