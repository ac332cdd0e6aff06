"""What runs in the processes in which queries are evaluated: forked by the zygote, which has opened the store.

A worker reads requests from its socket and answers them one after another, imports pyoxigraph and nothing heavy, can open no socket, and
may be killed at any moment. Frames are three numbers of 4 bytes and then JSON (requests), or JSON where something failed and the body.
"""

import ctypes
import itertools
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import threading
from collections.abc import Mapping

import pyoxigraph as ox

from mikg.engine import confinement
from mikg.engine.bounded import Bounded, NotInXml, TooManyBytes, TooManyRows, exact
from mikg.engine.tokens import tokens_of
from mikg.namespaces import PREFIXES

LENGTHS = struct.Struct("!III")  # of JSON and of the body, in bytes; and how many rows the body has
PR_SET_PDEATHSIG = 1
STACK = 8 << 20  # bytes of the stack on which queries are parsed and evaluated
READY = b"R"  # what a worker sends once it can answer
RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
TRIPLES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
BETWEEN = r"(?:\s|#[^\r\n]*[\r\n])*"
STAR = re.compile(rf"\bSELECT{BETWEEN}(?:(?:DISTINCT|REDUCED){BETWEEN})?\*", re.IGNORECASE)
EMPTY = ox.Store()
PLAIN = ("application/n-triples", "application/n-quads")  # of these, the ones that know no prefixes


def main(channel: socket.socket, store: ox.Store, memory: int, parent: int) -> None:
    """Answer requests until the other end closes the socket; `memory` is what may be used beyond what is there, in bytes.

    It does so in a thread, which the allocator gives memory of its own: what was freed while the store was read lies scattered between
    its terms, and to answer from there took three to five times as long over a million quads.
    """
    _confine(parent)
    threading.stack_size(STACK)
    answering = threading.Thread(target=_answer_all, args=(channel, store, memory))
    answering.start()
    answering.join()


def _answer_all(channel: socket.socket, store: ox.Store, memory: int) -> None:
    _limit(memory)
    channel.sendall(READY)
    while (request := _receive(channel)) is not None:
        header, body, count = answer(store, request)
        head = json.dumps(header).encode() if header else b""
        _send(channel, LENGTHS.pack(len(head), len(body), count) + head, body)


def answer(store: ox.Store, request: dict) -> tuple[dict, bytes, int]:
    """Return the header, the body and the rows of the answer to one request; the header is empty, or names the fault."""
    try:
        return {}, *_evaluate(store, request)
    except TooManyBytes:
        return {"fault": "size"}, b"", 0
    except TooManyRows:
        return {"fault": "rows"}, b"", 0
    except NotInXml:
        return {"fault": "xml"}, b"", 0
    except SyntaxError as fault:
        return {"fault": "syntax", "message": fault.msg}, b"", 0
    except (ValueError, TypeError, OSError, RuntimeError) as fault:
        return {"fault": "evaluation", "message": str(fault)}, b"", 0


def _confine(parent: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
        confinement.deny_sockets()


def _limit(memory: int) -> None:
    if sys.platform == "linux":
        with open("/proc/self/statm") as status:
            used = int(status.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))


def _receive(channel: socket.socket) -> dict | None:
    head = _read(channel, LENGTHS.size)
    return json.loads(_read(channel, LENGTHS.unpack(head)[0])) if head else None


def _read(channel: socket.socket, size: int) -> bytes:
    """Return `size` bytes, or none when the other end has closed."""
    data = channel.recv(size, socket.MSG_WAITALL)
    return data if len(data) == size else b""


def _send(channel: socket.socket, head: bytes, body: bytes) -> None:
    sent = channel.sendmsg([head, body])
    rest = len(head) + len(body) - sent
    if rest:
        channel.sendall(memoryview(head + body)[sent:] if sent < len(head) else memoryview(body)[len(body) - rest :])


def _evaluate(store: ox.Store, request: dict) -> tuple[bytes, int]:
    defaults = [ox.NamedNode(iri) for iri in request.get("default_graphs", ())]
    named = [ox.NamedNode(iri) for iri in request.get("named_graphs", ())]
    options = {}
    if defaults or named:
        options["default_graph"] = defaults
        options["named_graphs"] = named
        if len(defaults) > 1:
            # Oxigraph's union of graphs repeats a triple once for each graph; the merge has each once.
            store = _merged(store, defaults, named)
            options["default_graph"] = ox.DefaultGraph()
    results = store.query(_with_columns(request["query"], request["base"]), base_iri=request["base"], **options)
    media_type = request["media_type"]
    output = Bounded(request["max_bytes"], request["max_rows"], media_type if isinstance(results, ox.QuerySolutions) else "")
    if isinstance(results, ox.QueryTriples):
        triples = list(itertools.islice(results, request["max_rows"] + 1))
        if len(triples) > request["max_rows"]:
            raise TooManyRows
        ox.serialize(triples, output, TRIPLES[media_type], prefixes=_used(triples) if media_type not in PLAIN else None)
        return output.whole()[0], len(triples)
    results.serialize(output, RESULTS[media_type])
    body, count = output.whole()
    return exact(body, media_type), count


def _with_columns(text: str, base: str) -> str:
    """Return a query with its variables for `*`, in the order in which they are written; the engine has them by the alphabet."""
    if not STAR.search(text):
        return text
    tokens = tokens_of(text)
    after = next((number + 1 for number, token in enumerate(tokens) if token.keyword == "SELECT"), len(tokens))
    star = next((token for token in tokens[after:] if token.keyword not in ("DISTINCT", "REDUCED")), None)
    if star is None or star.text != "*":
        return text
    solutions = EMPTY.query(text, base_iri=base)
    if not isinstance(solutions, ox.QuerySolutions):
        return text  # it is that of a sub-SELECT
    visible = {variable.value for variable in solutions.variables}
    names = dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable" and token.text[1:] in visible)
    return text[: star.start] + " ".join(f"?{name}" for name in names) + text[star.start + 1 :] if names else text


def _used(triples: list[ox.Triple]) -> dict[str, str]:
    """Return the prefixes whose namespaces are named in triples; to look through one text of them all takes a fifth of the time of looking at each term."""
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return {name: iri for name, iri in PREFIXES.items() if f"<{iri}".encode() in text}


def _merged(store: ox.Store, defaults: list[ox.NamedNode], named: list[ox.NamedNode]) -> ox.Store:
    merged = ox.Store()
    for graph in defaults:
        merged.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph())
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def term(term: Mapping[str, str]) -> ox.NamedNode | ox.Literal:
    """Return a term of SPARQL JSON results in Oxigraph's terms; its `str` is N-Triples."""
    if term["type"] == "uri":
        return ox.NamedNode(term["value"])
    if term.get("xml:lang"):
        return ox.Literal(term["value"], language=term["xml:lang"])
    datatype = term.get("datatype")
    return ox.Literal(term["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(term["value"])
