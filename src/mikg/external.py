"""The open data that stand beside the documents, one named graph a source: whose they are, of what day, under which licence."""

from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import EXTERNAL

# What a licence is called where only its IRI is given.
LICENCES = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
    "https://creativecommons.org/publicdomain/mark/1.0/": "public domain",
    "https://opendatacommons.org/licenses/odbl/1-0/": "ODbL 1.0",
    "https://opendatacommons.org/licenses/pddl/1-0/": "ODC PDDL 1.0",
}

DATASETS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX void: <http://rdfs.org/ns/void#>
SELECT ?graph ?property ?value (LANG(?value) AS ?language)
WHERE {
  VALUES ?property {
    dcterms:title dcterms:description dcterms:license dcterms:rights dcterms:modified dcterms:source owl:versionInfo
  }
  GRAPH ?graph { ?graph a void:Dataset ; ?property ?value }
}
ORDER BY ?graph ?property ?value
"""


@dataclass(frozen=True, order=True)
class Source:
    """One graph of open data."""

    graph: str
    title: str
    description: str
    licence: str
    licence_name: str
    attribution: str
    date: str
    version: str
    addresses: tuple[str, ...]

    @property
    def name(self) -> str:
        """The last part of the graph's IRI, as in graph/external/NAME.ttl."""
        return self.graph.removeprefix(EXTERNAL)


def sources(engine: Engine, language: str = "en") -> list[Source]:
    """Return the graphs of open data of the release in use, A to Z, with their titles in the language where they have one."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for row in answers.run(engine, Query(DATASETS)).rows:
        graph, name = row["graph"]["value"], row["property"]["value"].rpartition("/")[2].rpartition("#")[2]
        if graph.startswith(EXTERNAL):
            tag = row.get("language", {}).get("value", "")
            found.setdefault(graph, {}).setdefault(name, []).append((tag, row["value"]["value"]))
    return [_source(graph, said, language) for graph, said in sorted(found.items())]


def _source(graph: str, said: dict[str, list[tuple[str, str]]], language: str) -> Source:
    def best(name: str) -> str:
        texts = said.get(name, [("", "")])
        return next((text for tag in (language, "en", "") for known, text in texts if known == tag), texts[0][1])

    licence = best("license")
    addresses = tuple(text for _, text in said.get("source", ()))
    name = LICENCES.get(licence, licence)
    return Source(
        graph, best("title"), best("description"), licence, name, best("rights"), best("modified"), best("versionInfo"), addresses
    )
