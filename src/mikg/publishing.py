"""Write a release to another SPARQL server: by the Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/), or by Update.

The name of the release is taken away first and written last, so that what is half written is never answered from.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox

from mikg import __version__
from mikg.engine.remote import MARK, MERGE, NAME, address
from mikg.errors import EngineFailed, Misuse
from mikg.namespaces import BASE

PATIENCE = 300  # seconds for one request
BATCH = 5_000  # triples of one INSERT DATA
N_TRIPLES = "application/n-triples"


def publish(folder: Path, url: str, say: Callable[[str], None], auth: str = "basic", update: bool = False, merge: bool = False) -> int:
    """Write the release in `folder` to the Graph Store (with `update` the update endpoint) at `url`; return how many triples.

    `merge` writes the merge as a named graph too, which servers need whose default graph cannot be written. `EngineFailed` says what
    the server answered.
    """
    plain, credentials = address(url, auth)
    store = ox.Store.read_only(str(folder / "store"))
    with httpx.Client(auth=credentials, headers={"User-Agent": f"mikg/{__version__}"}, timeout=PATIENCE, trust_env=False) as client:
        target = (_Update if update else _Store)(client, plain)
        target.clear(MARK)
        written = 0
        graphs = sorted(graph.value for graph in store.named_graphs())
        for number, graph in enumerate(graphs, 1):
            triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))]
            target.put(graph, triples)
            written += len(triples)
            if number % 50 == 0:
                say(f"{number} of {len(graphs)} graphs ...")
        whole = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]
        if merge:
            target.put(MERGE, whole)
        else:
            target.put(None, whole)
        target.put(MARK, [ox.Triple(ox.NamedNode(BASE), ox.NamedNode(NAME), ox.Literal(folder.name))])
    return written + len(whole)


class _Store:
    """A Graph Store."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self._url = client, url

    def put(self, graph: str | None, triples: list[ox.Triple]) -> None:
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        self._send("PUT", graph, body)

    def clear(self, graph: str) -> None:
        self._send("DELETE", graph)

    def _send(self, method: str, graph: str | None, body: bytes | None = None) -> None:
        where = {"graph": graph} if graph else {"default": ""}
        answer = _reached(
            self._url, lambda: self._client.request(method, self._url, params=where, content=body, headers={"Content-Type": N_TRIPLES})
        )
        if answer.status_code >= 300 and not (method == "DELETE" and answer.status_code == 404):
            raise _failed(self._url, answer)


class _Update:
    """An endpoint for SPARQL 1.1 Update."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self._url = client, url

    def put(self, graph: str | None, triples: list[ox.Triple]) -> None:
        self._send(f"CLEAR SILENT GRAPH <{graph}>" if graph else "CLEAR SILENT DEFAULT")
        for lines in _batches(triples):
            inside = f"GRAPH <{graph}> {{ {lines} }}" if graph else lines
            self._send(f"INSERT DATA {{ {inside} }}")

    def clear(self, graph: str) -> None:
        self._send(f"CLEAR SILENT GRAPH <{graph}>")

    def _send(self, text: str) -> None:
        answer = _reached(self._url, lambda: self._client.post(self._url, data={"update": text}))
        if answer.status_code >= 300:
            raise _failed(self._url, answer)


def _batches(triples: list[ox.Triple]) -> Iterator[str]:
    for start in range(0, len(triples), BATCH):
        yield "\n".join(f"{triple} ." for triple in triples[start : start + BATCH])


def _reached(url: str, send: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        return send()
    except httpx.InvalidURL:
        raise Misuse(f"{url!r} is no address.") from None
    except httpx.HTTPError as fault:
        raise EngineFailed(f"The server {url} cannot be reached ({fault or type(fault).__name__}); nothing more was written.") from None


def _failed(url: str, answer: httpx.Response) -> EngineFailed:
    said = " ".join(answer.text.split())[:300]
    what = {
        401: "It wants a user and password: http://user:password@host/…",
        404: "Is this its Graph Store, or update endpoint (--update)?",
    }
    return EngineFailed(f"The server {url} answered with HTTP {answer.status_code}: {said} {what.get(answer.status_code, '')}".rstrip())
