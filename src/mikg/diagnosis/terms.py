"""The constants of a query held against the graph: which it does not have, and which of its own come nearest."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from mikg.engine.tokens import TOKEN
from mikg.namespaces import PREFIXES, RDF, XSD, shorten
from mikg.provenance.patterns import Closure, Parsed, Path, Triple
from mikg.usage import Usage

NEAR = 3  # terms that are offered
LIKE = 70  # of 100: how like a name must be to be offered
LISTED = 20_000  # names of one namespace that are compared
TYPE = f"<{RDF}type>"


@dataclass(frozen=True)
class Suggestion:
    said: str
    token: str
    instead: tuple[str, ...] = ()


class Terms:
    """The terms of one query; `ask` and `rows` put patterns to the engine."""

    def __init__(self, parsed: Parsed, usage: Usage, ask: Callable[[str], bool], rows: Callable[..., list]) -> None:
        self.parsed, self.usage, self.ask, self.rows = parsed, usage, ask, rows
        self.tokens: dict[str, int] = {}

    def read(self, text: str) -> None:
        """Remember where each token of the query stands first; a literal with its language or datatype is one."""
        tokens = [match for match in TOKEN.finditer(text) if match.lastgroup != "space"]
        for number, match in enumerate(tokens):
            self.tokens.setdefault(match.group(), match.start())
            if match.lastgroup == "word":
                self.tokens.setdefault(match.group().upper(), match.start())
            elif match.lastgroup == "string":
                rest = "".join(each.group() for each in tokens[number + 1 : number + 3])
                self.tokens.setdefault(match.group() + rest, match.start())
                self.tokens.setdefault(match.group() + "".join(each.group() for each in tokens[number + 1 : number + 2]), match.start())

    def place(self, token: str) -> int | None:
        return self.tokens.get(token)

    def token(self, part: Triple | Closure | object) -> str:
        """Return the token by which a pattern is found in the query: its property, else its object or subject."""
        wanted = (
            _iris(part.path)
            if isinstance(part, Closure)
            else [part.predicate, part.object, part.subject]
            if isinstance(part, Triple)
            else []
        )
        return next((each for each in wanted if each in self.tokens), "")

    def iri(self, token: str) -> str:
        return self.parsed.term(token)[1:-1]

    def look(self, part: Triple | Closure, graph: str) -> Iterator[Suggestion]:
        """Yield what the graph does not have of a pattern."""
        inside = f"GRAPH {graph} {{ %s }}" if graph else "%s"
        properties = _iris(part.path) if isinstance(part, Closure) else [] if part.predicate.startswith("?") else [part.predicate]
        for token in properties:
            if not self.ask(inside % f"?s {token} ?o"):
                yield self.unknown_property(token, graph)
        typed = isinstance(part, Triple) and part.predicate == TYPE
        for token in (part.subject, part.object):
            if token.startswith(("?", '"', "'")) or not _is_name(token):
                continue
            if typed and token == part.object:
                if not self.ask(inside % f"?s {TYPE} {token}"):
                    yield self.unknown_class(token, graph)
            elif not self.ask(inside % f"{{ {token} ?p ?o }} UNION {{ ?s ?q {token} }}"):
                yield self.unknown_thing(token, graph)

    def unknown_property(self, token: str, graph: str) -> Suggestion:
        iri = self.iri(token)
        known = self.usage.terms.get(iri)
        if known and known.elsewhere and not graph:
            graphs = ", ".join(map(shorten, known.elsewhere[:2]))
            return Suggestion(
                f"{token} is not used in the default graph; it is in {graphs}: write GRAPH {shorten(known.elsewhere[0])} {{ ... }} around it.",
                token,
            )
        if known and known.count and graph:
            return Suggestion(f"{token} is used in the graph, but not inside of GRAPH {graph}.", token)
        near = self._terms_like(iri, "property")
        what = "no statement has it" if known else "the graph has no such property"
        return Suggestion(f"{token}: {what}{_or(near)}", token, near)

    def unknown_class(self, token: str, graph: str) -> Suggestion:
        iri = self.iri(token)
        known = self.usage.terms.get(iri)
        if known and known.count and graph:
            return Suggestion(
                f"{token} has instances, but their types do not stand inside of GRAPH {graph}; types stand in graph:entities.", token
            )
        near = self._terms_like(iri, "class")
        what = "nothing is of this class" if known else "the graph has no such class"
        return Suggestion(f"{token}: {what}{_or(near)}", token, near)

    def unknown_thing(self, token: str, graph: str) -> Suggestion:
        iri = self.iri(token)
        if self.ask(f"{{ {token} ?p ?o }} UNION {{ ?s ?q {token} }} FILTER(true)") and graph:
            return Suggestion(f"{token} is in the graph, but not inside of GRAPH {graph}.", token)
        places = self.rows(f"GRAPH ?graph {{ {{ {token} ?p ?o }} UNION {{ ?s ?q {token} }} }}", 1, "?graph")
        if places and not graph:
            where = shorten(places[0]["graph"]["value"])
            return Suggestion(f"{token} is not in the default graph; it is in {where}: write GRAPH {where} {{ ... }} around it.", token)
        near = self._things_like(iri)
        return Suggestion(f"{token}: nothing in the graph is called so{_or(near)}", token, near)

    def unknown_graph(self, token: str, iri: str, graphs: Iterable[str]) -> Suggestion:
        near = tuple(
            self.written(each) for each, *_ in process.extract(iri, list(graphs), scorer=fuzz.ratio, limit=NEAR, score_cutoff=LIKE)
        )
        return Suggestion(f"{token}: there is no graph of this name{_or(near)}", token, near)

    def near_value(self, part: Triple) -> Suggestion | None:
        """What stands where a literal was asked for that the graph writes with another language tag, datatype or case."""
        if not part.object.startswith(('"', "'")) and not part.object[0].isdigit():
            return None
        asked = self.parsed.term(part.object)
        value = asked[: asked.rindex('"') + 1]
        pattern = f"{part.subject} {part.predicate} ?found FILTER(isLiteral(?found) && %s)"
        for condition in (f"STR(?found) = {value}", f"LCASE(STR(?found)) = LCASE({value})"):
            rows = self.rows(pattern % condition, 1, "DISTINCT ?found")
            if rows:
                found = self.shown(rows[0]["found"])
                return Suggestion(f"{part.predicate} {part.object} is not in the graph; it writes {found}.", part.object, (found,))
        samples = [self.shown(row["found"]) for row in self.rows(pattern % "true", NEAR, "DISTINCT ?found")]
        if samples:
            return Suggestion(f"{part.predicate} is never {part.object}; it is for example {', '.join(samples)}.", part.object)
        return None

    def graphs_with(self, part: Triple) -> str:
        rows = self.rows(f"GRAPH ?graph {{ {part.subject} {part.predicate} {part.object} }}", 2, "DISTINCT ?graph")
        return ", ".join(shorten(row["graph"]["value"]) for row in rows)

    def of_class(self, typing: object, part: object) -> str:
        """Say which properties instances of a class have, where one pattern gives the class and the other asks for another property."""
        if not (isinstance(typing, Triple) and isinstance(part, Triple) and typing.predicate == TYPE and typing.subject == part.subject):
            return ""
        if not _is_name(typing.object) or part.predicate.startswith("?"):
            return ""
        uses = self.usage.uses.get(self.iri(typing.object), {})
        if not uses or self.iri(part.predicate) in uses:
            return ""
        own = [shorten(iri) for iri in uses if not iri.startswith(RDF) and "rdf-schema#" not in iri][:6]
        return f"no {typing.object} has {part.predicate}; its properties: {', '.join(own)}"

    def shown(self, term: Mapping[str, str]) -> str:
        """Return a term of an answer as it would be written in this query."""
        if term["type"] == "uri":
            return self.written(term["value"])
        text = '"' + term["value"][:80].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if term.get("xml:lang"):
            return f"{text}@{term['xml:lang']}"
        datatype = term.get("datatype", "")
        if datatype in (XSD + "integer", XSD + "decimal", XSD + "boolean"):
            return term["value"]
        return f"{text}^^{self.written(datatype)}" if datatype and datatype != XSD + "string" else text

    def written(self, iri: str) -> str:
        """Return an IRI with a prefix of the query, else with one of ours, else whole."""
        for prefix, namespace in self.parsed.prefixes.items():
            local = iri.removeprefix(namespace)
            if local != iri and local and TOKEN.fullmatch(f"{prefix}:{local}"):
                return f"{prefix}:{local}"
        return f"<{iri}>"

    def _terms_like(self, iri: str, kind: str) -> tuple[str, ...]:
        return tuple(map(self.written, _near(self.usage, iri, kind)))

    def _things_like(self, iri: str) -> tuple[str, ...]:
        namespace = next((each for each in sorted(PREFIXES.values(), key=len, reverse=True) if iri.startswith(each)), "")
        if not namespace:
            return ()
        pattern = f'{{ ?term ?p ?o }} UNION {{ ?s ?q ?term }} FILTER(isIRI(?term) && STRSTARTS(STR(?term), "{namespace}"))'
        names = {row["term"]["value"]: _local(row["term"]["value"]) for row in self.rows(pattern, LISTED, "DISTINCT ?term")}
        found = process.extract(_local(iri), names, scorer=fuzz.ratio, limit=NEAR, score_cutoff=LIKE)
        found = found or process.extract(_words(_local(iri)), names, scorer=fuzz.partial_ratio, limit=NEAR, score_cutoff=85)
        return tuple(self.written(key) for _, _, key in found)


def like(usage: Usage, iri: str) -> tuple[str, ...]:
    """Return the CURIEs of the terms in use that come nearest to an IRI."""
    return tuple(map(shorten, _near(usage, iri, "")))


def _near(usage: Usage, iri: str, kind: str) -> list[str]:
    """Return the terms in use that are most like an IRI, by local name or by name: those of its own namespace, else of any."""
    local = _local(iri)
    terms = [each for each in usage.terms.values() if each.count and kind in ("", each.kind)]
    best: dict[str, float] = {}
    for names in ({each.iri: _words(_local(each.iri)) for each in terms}, {each.iri: each.name("en") for each in terms if each.names}):
        for _, score, key in process.extract(_words(local), names, scorer=_likeness, limit=NEAR, score_cutoff=LIKE):
            best[key] = max(score, best.get(key, 0))
    ranked = sorted(best, key=lambda key: (-best[key], key))
    own = [key for key in ranked if key.removesuffix(_local(key)) == iri.removesuffix(local)]
    return (own or ranked)[:NEAR]


def _iris(path: Path) -> list[str]:
    return [path.iri] if path.kind == "iri" else [iri for part in path.parts for iri in _iris(part)]


def _is_name(token: str) -> bool:
    return token.startswith("<") or (":" in token and token[0] not in "\"'_?0123456789+-.")


def _local(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _words(name: str) -> str:
    """Return a local name as words: partyOf is `party of`."""
    return "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in name).replace("-", " ").replace("_", " ").strip()


def _likeness(one: str, other: str, **options: object) -> float:
    return max(fuzz.ratio(one, other), 0.97 * fuzz.token_sort_ratio(one, other), 0.9 * fuzz.token_set_ratio(one, other))


def _or(near: tuple[str, ...]) -> str:
    return f"; the nearest: {', '.join(near)}." if near else "."
