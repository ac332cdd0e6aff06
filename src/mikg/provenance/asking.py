"""What one citation asks of an engine: rows of terms as data, answers as terms in N-Triples, all of one release."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mikg.engine import Engine, Query
from mikg.provenance.patterns import Unsupported, literal

BYTES = 400_000  # of the data of one request
TERMS = 40_000
REQUESTS = 200  # that one citation may make
Solution = Mapping[str, str]  # variable to term in N-Triples


@dataclass
class Asker:
    """One engine as it is for one citation: its release, and how often it has been asked."""

    engine: Engine
    release: str = ""
    requests: int = 0

    def __post_init__(self) -> None:
        self.release = self.engine.release()

    def rows(
        self, text: str, default_graphs: tuple[str, ...] = (), named_graphs: tuple[str, ...] = (), data: str = ""
    ) -> list[dict[str, dict[str, str]]]:
        """Return the rows of a SELECT, with terms as in SPARQL JSON results."""
        self.requests += 1
        if self.requests > REQUESTS:
            raise Unsupported(f"what takes more than {REQUESTS} requests (ask for fewer rows)")
        answer = self.engine.query(Query(text, default_graphs=default_graphs, named_graphs=named_graphs, data=data))
        if self.release and answer.release != self.release:
            raise Unsupported("what was asked while a new release came into use (ask again)")
        return json.loads(answer.body)["results"]["bindings"]

    def each(self, text: str, names: list[str], rows: Iterable[tuple]) -> Iterator[Solution]:
        """Yield the solutions of a SELECT that match some rows."""
        for block in blocks(names, rows):
            yield from solutions(self.rows(text, data=block))


def solutions(rows: Iterable[Mapping[str, Mapping[str, str]]]) -> Iterator[Solution]:
    """Yield rows of an answer as solutions: each variable with its term in N-Triples."""
    literals: dict[tuple, str] = {}
    for row in rows:
        solution = {}
        for name, term in row.items():
            if term["type"] == "uri":
                found = f"<{term['value']}>"
            elif term["type"] != "literal":
                found = ntriples(term)
            elif (found := literals.get(sign := tuple(term.values()))) is None:
                found = literals[sign] = ntriples(term)
            solution[f"?{name}"] = found
        yield solution


def blocks(names: list[str], rows: Iterable[tuple[str | None, ...]]) -> Iterator[str]:
    """Yield VALUES for some rows at a time. A blank node cannot be asked for: anything may stand in its place."""
    head = f"VALUES ({' '.join(names)}) {{ "
    lines: list[str] = []
    size = 0
    for row in sorted(set(rows), key=str) if names else ():
        line = "(" + " ".join("UNDEF" if cell is None or cell.startswith("_:") else cell for cell in row) + ") "
        if lines and (size + len(line) > BYTES or (len(lines) + 1) * len(names) > TERMS):
            yield head + "".join(lines) + "}"
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield head + "".join(lines) + "}"


def ntriples(term: Mapping[str, str]) -> str:
    """Return a term of SPARQL JSON results in N-Triples."""
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return f"_:{term['value']}"
    if term["type"] == "triple":
        raise Unsupported("a triple term in the answer")
    direction = f"--{term['its:dir']}" if "its:dir" in term else ""
    return literal(term["value"], term.get("datatype", ""), term.get("xml:lang", "") + direction)
