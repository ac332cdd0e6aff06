"""Projections: queries of queries/networks/, each row an edge as one passage states it, and the networks that they make."""

import csv
import hashlib
import io
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from mikg import queries, settings
from mikg.engine import Engine, Query
from mikg.errors import NotFound, SourceError
from mikg.labels import Labels
from mikg.mappings import pages
from mikg.namespaces import BASE, DOCUMENT
from mikg.network.graph import ELSEWHERE, Edge, Network, Node

ASSERTED = ("asserted",)
PROJECTIONS = "queries/networks"
COLUMNS = ("source", "relation", "target", "via", "status", "speaker", "start", "end", "capacity", "passage")


class Networks:
    """The networks of the release in use, remembered until it changes."""

    def __init__(self, engine: Engine, root: Path | None = None) -> None:
        self.engine = engine
        self.root = root
        self._release = ""
        self._known: dict[tuple[str, str], Network] = {}

    def get(self, projection: str = "statements", statuses: Collection[str] = ASSERTED, language: str = "en") -> Network:
        """Return a network; no statuses stand for all."""
        release = self.engine.release()
        if release != self._release:
            self._release, self._known = release, {}
        known = self._known
        if (projection, language) not in known:
            known[projection, language] = load(self.engine, projection, (), language, self.root)
        whole = known[projection, language]
        return whole.narrow(statuses=statuses) if statuses else whole


def projections(root: Path | None = None) -> dict[str, queries.Question]:
    """Return the named projections, A to Z; `SourceError` for one whose query lacks a column."""
    return _read((root or settings.load().sources) / PROJECTIONS)


def find(name: str, root: Path | None = None) -> queries.Question:
    """Return the projection of this name; `NotFound` lists those that there are."""
    known = projections(root)
    if name not in known:
        raise NotFound(f"no network is called {name[:100]!r}; there are: {', '.join(known)}")
    return known[name]


def load(
    engine: Engine,
    projection: str = "statements",
    statuses: Collection[str] = ASSERTED,
    language: str = "en",
    root: Path | None = None,
) -> Network:
    """Return the network that a projection makes of the release in use, with edges of these statuses; no statuses stand for all."""
    query = Query(find(projection, root).text, results="text/csv")
    rows = csv.DictReader(io.StringIO(engine.query(query).body.decode(), newline=""))
    network = build(rows, Labels(engine), language, projection, statuses)
    network.derived[ELSEWHERE] = pages.elsewhere(engine)
    return network


def build(rows: Iterable[dict[str, str]], labels: Labels, language: str, projection: str, statuses: Collection[str] = ()) -> Network:
    """Return the network of rows with the columns of a projection."""
    merged: dict[tuple[str, ...], list] = {}
    for row in rows:
        status = row["status"] or "asserted"
        if statuses and status not in statuses:
            continue
        key = (row["source"], row["relation"], row["target"], row["via"], status, row["speaker"])
        known = merged.get(key)
        if known is None:
            known = merged[tuple(map(sys.intern, key))] = [set(), set(), row["start"], row["end"]]
        known[0].add(row["passage"])
        if row["capacity"]:
            known[1].add(row["capacity"])
        known[2] = min(filter(None, (known[2], row["start"])), default="")
        known[3] = max(known[3], row["end"])
    ends = {iri for key in merged for iri in (key[0], key[2])}
    said = {word for _, capacities, _, _ in merged.values() for word in capacities if word.startswith(BASE)}
    names = labels.of([*sorted(ends), *sorted({key[1] for key in merged}), *sorted(said)], language)
    edges = tuple(_edges(sorted(merged.items()), names))
    return Network(tuple(_nodes(edges, names)), edges, projection)


def _edges(merged: Iterable[tuple], names: dict) -> Iterator[Edge]:
    for key, (passages, capacities, start, end) in merged:
        source, relation, target, via, status, speaker = key
        digest = hashlib.sha256("\n".join(key).encode()).hexdigest()
        yield Edge(
            f"e{digest[:15]}",
            source,
            target,
            relation,
            names[relation].name,
            status,
            speaker,
            start,
            end,
            via,
            "; ".join(sorted(names[word].name if word in names else word for word in capacities)),
            tuple(sorted(passages)),
            tuple(sorted({document for each in passages if (document := _document(each))})),
            len(passages),
        )


def _nodes(edges: Iterable[Edge], names: dict) -> Iterator[Node]:
    seen: dict[str, tuple[set[str], set[str]]] = {}
    for edge in edges:
        for iri in (edge.source, edge.target):
            years, documents = seen.setdefault(iri, (set(), set()))
            years.update(day[:4] for day in (edge.start, edge.end) if day)
            documents.update(edge.documents)
    for iri, (years, documents) in sorted(seen.items()):
        first, last = (int(min(years)), int(max(years))) if years else (None, None)
        yield Node(iri, names[iri].name, names[iri].kind, first, last, tuple(sorted(documents)))


def _document(passage: str) -> str:
    return passage.removeprefix(DOCUMENT).partition("/")[0] if passage.startswith(DOCUMENT) else ""


@cache
def _read(folder: Path) -> dict[str, queries.Question]:
    known = {}
    for path in sorted(folder.glob("*.rq")):
        name = f"{PROJECTIONS}/{path.name}"
        known[path.stem] = queries.read(path, name)
        head = known[path.stem].text.partition("WHERE")[0]
        for column in COLUMNS:
            if f"?{column}" not in head:
                raise SourceError(f"{name}: its query has no column ?{column}; a network takes {', '.join(COLUMNS)}.")
    return known
