"""The Python door: `mikg.open()` gives the graph as an rdflib.Dataset, `mikg.ask()` answers a question, `mikg.find()` searches,
`mikg.path()` connects two things."""

from __future__ import annotations

import functools
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from mikg import answers, choices, cited, federation, queries, release, search, settings
from mikg.engine.embedded import Pool
from mikg.federation import Federated
from mikg.labels import Labels
from mikg.mappings import pages
from mikg.namespaces import is_public

if TYPE_CHECKING:
    import rdflib

    from mikg.network import Network
    from mikg.network.paths import Connections


def open() -> rdflib.Dataset:
    """Return the graph in memory: passages and the other named graphs, and their merge as the default graph.

    The release is made first if it is not there. Nothing that is done to the dataset reaches the release.

    >>> import mikg, rdflib
    >>> graph = mikg.open()
    >>> panama = rdflib.URIRef("https://w3id.org/mikg/id/panama")
    >>> (panama, rdflib.SKOS.prefLabel, rdflib.Literal("Panama", lang="en")) in graph.default_graph
    True
    """
    import rdflib

    folder = release.opened(settings.load(), _say)
    dataset = rdflib.Dataset()
    dataset.parse(folder / "graph.nq", format="nquads")
    for graph in list(dataset.graphs()):
        if is_public(str(graph.identifier)):
            for triple in graph:
                dataset.default_graph.add(triple)
    return dataset


def ask(name: str, /, cite: bool = False, **parameters: Any) -> Any:
    """Return the rows of the question `name` as a list of dicts, or as a pandas.DataFrame where pandas is installed.

    IRIs and texts are str, numbers int or Decimal, dates datetime.date; what is not bound is None. `NotFound` offers the
    nearest name, `Misuse` says what a parameter takes. With `cite=True` a `mikg.cited.Cited`: the answer, what each row rests on,
    and the passages, which a notebook shows.

    >>> import mikg
    >>> len(mikg.ask("agreements-of-a-country", country="id:panama"))
    2
    """
    pool, catalogue = _opened()
    question = queries.find(catalogue, name)
    query = queries.query(question, choices.meant(pool, question, {key: str(value) for key, value in parameters.items()}))
    if cite:
        return cited.named(cited.answer(pool, query, settings.load().documents), Labels(pool))
    table = answers.run(pool, query)
    if table.boolean is not None:
        return table.boolean
    try:
        import pandas
    except ImportError:
        return table.values()
    return pandas.DataFrame(table.values(), columns=list(table.columns))


def path(
    source: str, target: str, /, via: Collection[str] = (), avoid: Collection[str] = (), best: int = 5, language: str = "en", **filters: Any
) -> Connections:
    """Return the best connections between two things, given by name or IRI, as a `mikg.network.paths.Connections`.

    `filters` are those of `mikg.network.Filter`: relations, documents, speakers, statuses, since, until, undated, kinds.

    >>> import mikg
    >>> found = mikg.path("Panama", "Colombia", since="2021", best=1)
    >>> [node.name for node in found.paths[0].nodes]
    ['Panama', 'bilateral meeting of Panama and Colombia (6 August 2021)', 'Colombia']
    """
    from mikg import network
    from mikg.network import paths

    pool, _ = _opened()
    chosen = settings.load()
    whole = network.load(pool, statuses=(), language=language, root=chosen.sources)
    return paths.connect(whole, source, target, network.Filter.of(**filters), via, avoid, best, chosen.deadline, language, chosen.sources)


def find(words: str, kinds: Sequence[str] = (), language: str = "en", limit: int = 20) -> list[search.Hit]:
    """Return the things that `words` name or speak of, the likeliest first, each with the reason why it was found.

    >>> import mikg
    >>> hit = mikg.find("panana", kinds=["country"])[0]
    >>> hit.iri, hit.reason.how, hit.reason.text
    ('https://w3id.org/mikg/id/panama', 'typo', 'Panama')
    """
    text = pages.meant(words, lambda: pages.elsewhere(_opened()[0]))
    return list(search.find(_index(), text, kinds, language, limit).hits)


@functools.cache
def _index() -> search.Index:
    chosen = settings.load()
    release.opened(chosen, _say)
    return search.Index(chosen.releases)


def related(projection: str = "statements", /, language: str = "en", **filters: Any) -> Network:
    """Return a network as a `mikg.network.Network`, which shows itself in a notebook and gives a networkx graph.

    `filters` are those of `mikg.network.Filter`; unasked, only what is asserted draws an edge.

    >>> import mikg
    >>> countries = mikg.related("countries")
    >>> countries.to_networkx().has_edge("https://w3id.org/mikg/id/costa-rica", "https://w3id.org/mikg/id/panama")
    True
    """
    from mikg import network

    pool, _ = _opened()
    whole = network.load(pool, projection, (), language, settings.load().sources)
    return network.Filter.of(**filters).apply(whole)


@functools.cache
def _opened() -> tuple[Pool | Federated, dict[str, queries.Question]]:
    chosen = settings.load()
    release.opened(chosen, _say)
    return federation.engine(chosen), queries.catalogue(chosen.sources)


def _say(text: str) -> None:
    print(f"mikg: {text}", file=sys.stderr)
