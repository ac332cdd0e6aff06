"""The service: https://www.w3.org/TR/sparql11-service-description/. It says only what tests have tried."""

from collections.abc import Iterable

import pyoxigraph as ox

from mikg.description.dataset import FORMATS
from mikg.description.statistics import DATASET
from mikg.description.triples import Triples, text
from mikg.engine import RESULTS, TRIPLES
from mikg.settings import Settings

GEOSPARQL = "http://www.opengis.net/def/function/geosparql/"
SIMPLE_FEATURES = ("sfEquals", "sfDisjoint", "sfIntersects", "sfTouches", "sfCrosses", "sfWithin", "sfContains", "sfOverlaps")
# What the engine has beyond the standard's own functions; a test asks for the result of each.
FUNCTIONS = (
    *(GEOSPARQL + name for name in (*SIMPLE_FEATURES, "distance", "getSRID", "isEmpty", "envelope", "dimension", "asGeoJSON")),
    *(f"xsd:{name}" for name in ("date", "time", "duration", "dayTimeDuration", "yearMonthDuration")),
    *(f"xsd:{name}" for name in ("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay")),
)
# Settings that bound a query: what each is called in the description, and its unit.
LIMITS = {
    "deadline": ("wall-clock time of a query", "SEC"),
    "answer_bytes": ("size of an answer", "AD"),  # UN/CEFACT: byte
    "answer_rows": ("rows or triples of an answer", ""),
    "worker_memory": ("memory that a query may use", "AD"),
    "query_bytes": ("text of a query", "AD"),
    "query_depth": ("nested brackets of a query", ""),
    "query_patterns": ("triple patterns, list items, operators and groups of a query", ""),
    "query_values": ("terms of inline data in a query", ""),
}


def describe(address: str, graphs: Iterable[str], settings: Settings, services: Iterable[str] = ()) -> Triples:
    """Return the description of the endpoint that is served below `address`, which ends with a slash."""
    whole = Triples()
    endpoint = f"{address}sparql"
    service, default = f"{endpoint}#service", f"{endpoint}#default-graph"
    whole.say(
        service,
        a=["sd:Service", "dcat:DataService"],
        sd_endpoint=endpoint,
        sd_supportedLanguage="sd:SPARQL11Query",
        sd_resultFormat=[f"formats:{FORMATS[type_]}" for type_ in (*RESULTS, *TRIPLES)],
        sd_defaultEntailmentRegime="entailment:Simple",
        sd_extensionFunction=list(FUNCTIONS),
        sd_defaultDataset=f"{endpoint}#dataset",
        sd_availableGraphs=f"{endpoint}#dataset",
        dcterms_title=text("SPARQL endpoint of mikg"),
        dcterms_conformsTo="https://www.w3.org/TR/sparql11-protocol/",
        rdfs_comment=text(
            "Queries only. Nothing is inferred while a query is answered: superclasses, superproperties, labels and what the rules of "
            "ontology/rules derive are written into the graph when a release is made. The default graph is the merge of all graphs but "
            "the records of mappings, shapes, the description of the data and open data."
        ),
        dcat_endpointURL=endpoint,
        dcat_endpointDescription=f"{endpoint}?format=ttl",
        dcat_servesDataset=DATASET,
    )
    for name in FUNCTIONS:
        whole.say(name, a="sd:Function")
    if services := list(services):
        whole.say(service, sd_feature="sd:BasicFederatedQuery")
        note = "SERVICE reaches these endpoints and no other: " + ", ".join(services) + "."
        whole.say(service, rdfs_comment=text(note))
    for name, (what, unit) in LIMITS.items():
        node = f"{endpoint}#limit-{name.replace('_', '-')}"
        value = getattr(settings, name)
        whole.say(service, schema_additionalProperty=node)
        whole.say(node, a="schema:PropertyValue", schema_name=text(what), schema_maxValue=value)
        if unit:
            whole.say(node, schema_unitCode=ox.Literal(unit))
    whole.say(f"{endpoint}#dataset", a=["sd:Dataset", "sd:GraphCollection"], sd_defaultGraph=default)
    whole.say(default, a="sd:Graph")
    for number, graph in enumerate(sorted(graphs)):
        named = f"{endpoint}#graph-{number}"
        whole.say(f"{endpoint}#dataset", sd_namedGraph=named)
        whole.say(named, a="sd:NamedGraph", sd_name=graph)
    return whole
