"""SERVICE, to the endpoints that the operator names: this process asks them, and hands their rows to the worker as inline data.

Workers can open no socket and their guard refuses SERVICE, with federation as without: they never see a clause. Each clause is
replaced, in the order of the text, by the rows of its endpoint. Values that are known around it are sent along in batches
(bind join: Schwarte et al., FedX, ISWC 2011), so that a query for ten things asks for ten and not for all.
"""

import re
import threading
import time
from dataclasses import dataclass, replace

import pyoxigraph as ox

from mikg.answers import parse
from mikg.engine import Answer, Query, grammar, guard
from mikg.engine.embedded import Pool
from mikg.engine.tokens import FORMS, position, tokens_of
from mikg.engine.worker import term
from mikg.errors import Busy, QueryError, Refused, RemoteFailed
from mikg.federation import clauses, services
from mikg.namespaces import BASE
from mikg.settings import Settings

# Rows of others are not the asker's text, and have budgets of their own.
WIDE = guard.Limits(1 << 28, 1 << 10, 1 << 14, 1 << 24)
AT_ONCE = 8  # queries that may wait for other servers at a time
SKOLEM = BASE + ".well-known/genid/"  # https://www.w3.org/TR/rdf11-concepts/#section-skolemization


def engine(settings: Settings) -> "Pool | Federated":
    """Return the engine over the release in use, here or where the settings say, with their services if there are any."""
    if settings.engine:
        from mikg.engine.remote import Remote as Elsewhere

        pool = Elsewhere(settings)
    else:
        pool = Pool(settings)
    return Federated(pool, services.read(settings.services)) if settings.services else pool


def endpoints(engine: object) -> list[str]:
    """Return the URLs of the endpoints that SERVICE may reach."""
    return sorted(engine.services.by_url) if isinstance(engine, Federated) else []


@dataclass(frozen=True)
class _Context:
    query: Query
    notes: list[str]


class Federated:
    """An engine that answers SERVICE too."""

    def __init__(self, pool: Pool, named: services.Services) -> None:
        from mikg.federation.remote import Remote  # with its HTTP client, which a server that asks no other need not have

        self.pool = pool
        self.services = named
        self.settings = pool.settings
        self.base = pool.base
        self.limits = replace(pool.limits, services=True)
        self._remote = Remote(named)
        self._waiting = threading.BoundedSemaphore(AT_ONCE)

    def __getattr__(self, name: str) -> object:
        """What else the engine within offers."""
        return getattr(self.pool, name)

    def close(self) -> None:
        self._remote.close()
        self.pool.close()

    def query(self, query: Query) -> Answer:
        if not re.search("service", query.text, re.IGNORECASE) or clauses.first(query.text, self.base) is None:
            return self.pool.query(query)
        outline = guard.read(query.text, self.limits, self.base)
        _check_grammar(query.text)
        values = {name: str(term(value)) for name, value in query.bindings.items()}
        defaults = query.default_graphs or (() if query.named_graphs else outline.default_graphs)
        named = query.named_graphs or (() if query.default_graphs else outline.named_graphs)
        query = replace(
            query, text=guard.bind(query.text, outline, values), bindings={}, default_graphs=tuple(defaults), named_graphs=tuple(named)
        )
        if not self._waiting.acquire(blocking=False):
            raise Busy(f"{AT_ONCE} queries are waiting for other servers already, as many as may; try again in a few seconds.")
        try:
            context = _Context(query, [])
            text = query.text
            while clause := clauses.first(text, self.base):
                text = text[: clause.start] + self._rows(context, text, clause) + text[clause.end :]
        finally:
            self._waiting.release()
        answer = self.pool.query(replace(query, text=text), WIDE)
        return replace(answer, notes=(*answer.notes, *dict.fromkeys(context.notes)))

    def _rows(self, context: _Context, text: str, clause: clauses.Clause) -> str:
        """Return the clause's answer as a group of inline data; for SILENT one empty row where there is none."""
        service = self.services.by_url.get(clause.endpoint)
        try:
            if service is None:
                names = ", ".join(sorted(self.services.by_url)) or "none"
                raise Refused(
                    f"Not done: SERVICE <{clause.endpoint[:200]}> is no endpoint that the operator of this server names. There is: {names}."
                )
            return self._asked(context, text, clause, service)
        except (RemoteFailed, Refused) as fault:
            if not clause.silent:
                raise
            context.notes.append(f"SILENT: {fault}")
            return "{ }"

    def _asked(self, context: _Context, text: str, clause: clauses.Clause, service: services.Service) -> str:
        head = clauses.prologue(text, clause.pattern)
        known = self._known(context, text, clause, service)
        if known is not None and not known[1]:
            return _inline(clause.variables, [])
        batches = [None]
        if known:
            names, rows = known
            batches = [_inline(names, rows[at : at + service.batch]) for at in range(0, len(rows), service.batch)]
        deadline = time.monotonic() + service.seconds
        variables: dict[str, None] = {}
        found: list[dict[str, str]] = []
        recorded = set()
        for number, batch in enumerate(batches):
            pattern = (
                clause.pattern
                if not batch
                else f"{batch[2:-2]} {clause.pattern}"
                if clause.plain
                else f"{batch[2:-2]} {{ {clause.pattern} }}"
            )
            reply = self._remote.ask(service, f"{head}SELECT * WHERE {{ {pattern} }}", deadline)
            variables.update(dict.fromkeys(reply.variables))
            found.extend({name: _term(service, value, number) for name, value in row.items()} for row in reply.rows)
            recorded.add(reply.recorded)
        date = min(filter(None, recorded), default="")
        context.notes.append(f"{service.name} <{service.url}>" + (f" recorded {date}" if date else ""))
        return _inline(tuple(variables), [tuple(row.get(name, "UNDEF") for name in variables) for row in found])

    def _known(
        self, context: _Context, text: str, clause: clauses.Clause, service: services.Service
    ) -> tuple[tuple[str, ...], list] | None:
        """Return variables and rows of values that the clause's answer must agree with; None where nothing is known, or too much."""
        if not clause.around or not clause.variables:
            return None
        limit = service.batch * service.requests
        names = " ".join(f"?{name}" for name in clause.variables)
        asked = f"{_prologue(text)}SELECT DISTINCT {names} WHERE {{ {clause.around} }} LIMIT {limit + 1}"
        table = parse(self.pool.query(replace(context.query, text=asked, results="application/sparql-results+json"), WIDE).body)
        if len(table.rows) > limit:
            return None
        # A value that is missing in a row, or a blank node, says nothing that another server could agree with.
        whole = [name for name in clause.variables if all(name in row and row[name]["type"] in ("uri", "literal") for row in table.rows)]
        if not whole:
            return None
        return tuple(whole), list(dict.fromkeys(tuple(str(term(row[name])) for name in whole) for row in table.rows))


def _prologue(text: str) -> str:
    """Return the text before the query form: BASE and PREFIX."""
    form = next(token for token in tokens_of(text) if token.keyword in FORMS)
    return text[: form.start]


def _check_grammar(text: str) -> None:
    """Refuse what does not parse before anybody is asked: a clause reads as an OPTIONAL, each sign in its place."""
    plain = re.sub(r"(?i)\bSERVICE(\s+SILENT)?\s*(<[^<>]*>|[\w.-]*:[\w.-]*)", lambda found: "OPTIONAL".ljust(len(found.group())), text)
    if fault := grammar.fault(plain):
        raise QueryError(f"The query does not parse at {position(text, fault.start)}: {fault.said}.")


def _inline(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    body = " ".join(f"({' '.join(row)})" for row in rows)
    return f"{{ VALUES ({' '.join(f'?{name}' for name in names)}) {{ {body} }} }}"


def _term(service: services.Service, value: dict, number: int) -> str:
    """Return a term of a remote answer in N-Triples; a blank node as an IRI, since inline data has none."""
    try:
        kind = value["type"]
        if kind == "bnode":
            return str(ox.NamedNode(f"{SKOLEM}{service.name}-{number}-{re.sub(r'[^A-Za-z0-9]', '-', value['value'])}"))
        if kind not in ("uri", "literal", "typed-literal"):
            raise ValueError(kind)
        return str(term({**value, "type": "uri" if kind == "uri" else "literal"}))
    except (KeyError, TypeError, ValueError):
        raise RemoteFailed(f"The service {service.name} ({service.url}) gave a term that RDF does not have: {str(value)[:200]}.") from None
