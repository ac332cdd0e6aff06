"""What of a network is asked for, as a reader writes it on the command line, in an address or in Python."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

from mikg import spelling
from mikg.errors import Misuse, NotFound
from mikg.namespaces import MIKG, expand, shorten
from mikg.network.graph import Network
from mikg.network.projections import ASSERTED

REMEMBERED = 8  # parts of a network that are kept with it
ALL = "all"  # as a status: whatever the source does with it
STATUSES = ("asserted", "claimed", "committed", "expected", "hoped", "necessary", "negated", "planned", "possible", "quoted", "reported")


@dataclass(frozen=True)
class Filter:
    """Which edges are wanted; what is empty lets all through, but for `statuses`, which unasked are those that are asserted."""

    kinds: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ASSERTED
    since: str = ""
    until: str = ""
    undated: bool = False

    @classmethod
    def of(cls, **given: object) -> "Filter":
        """Return a filter of texts and lists of texts; what is empty or None is not asked for."""
        known = {}
        for each in fields(cls):
            value = given.pop(each.name, None)
            if value in (None, "", (), []):
                continue
            if each.name in ("since", "until"):
                known[each.name] = str(value)
            elif each.name == "undated":
                known[each.name] = value not in (False, "false", "no", "0")
            else:
                words = value.replace(",", " ").split() if isinstance(value, str) else list(map(str, value))
                known[each.name] = tuple(words)
        if given:
            raise Misuse(f"a network has no filter {next(iter(given))!r}; it takes {', '.join(each.name for each in fields(cls))}.")
        return cls(**known)

    def apply(self, whole: Network) -> Network:
        """Return what the filter leaves of a network with all statuses; `NotFound` or `Misuse` for a name that it does not have.

        The last few are remembered with the network: readers ask for the same one again and again.
        """
        if self not in whole.derived:
            left = self._apply(whole)
            for oldest in [key for key in whole.derived if isinstance(key, Filter)][: -REMEMBERED + 1]:
                whole.derived.pop(oldest, None)
            whole.derived[self] = left
        return whole.derived[self]

    def _apply(self, whole: Network) -> Network:
        statuses = () if ALL in self.statuses else self.statuses
        for status in statuses:
            _known("status", status, STATUSES)
        kinds = {node.kind for node in whole.nodes} if self.kinds else ()
        for kind in self.kinds:
            _known("kind", kind, kinds)
        documents = {document for edge in whole.edges for document in edge.documents} if self.documents else ()
        for document in self.documents:
            _known("document", document, documents)
        relations = {shorten(iri): iri for iri in {edge.relation for edge in whole.edges}} if self.relations else {}
        return whole.narrow(
            self.kinds,
            tuple(_relation(name, relations) for name in self.relations),
            self.documents,
            tuple(_speaker(name, whole) for name in self.speakers),
            statuses,
            self.since,
            self.until,
            self.undated,
        )

    def parameters(self) -> list[tuple[str, str]]:
        """Return the filter as parameters of an address, so that it can be asked for again."""
        pairs = []
        for each in fields(self):
            value = getattr(self, each.name)
            if value != each.default:
                pairs += [(each.name, str(one).lower() if one is True else one) for one in (value if isinstance(value, tuple) else [value])]
        return pairs


def _known(what: str, name: str, names: Iterable[str]) -> None:
    names = sorted(names)
    if name not in names:
        near = spelling.nearest(name, names)
        raise NotFound(f"no {what} is called {name[:100]!r}; {'the nearest' if near else 'there are'}: {', '.join(near or names)}")


def _relation(name: str, known: dict[str, str]) -> str:
    iri = expand(name) or MIKG + name
    if iri in known.values():
        return iri
    found = [iri for short, iri in known.items() if short.partition(":")[2] == name]
    if not found:
        _known("relation", name, [short.removeprefix("mikg:") for short in known])
    return found[0]


def _speaker(name: str, whole: Network) -> str:
    speakers: Collection[str] = {edge.speaker for edge in whole.edges if edge.speaker}
    iri = expand(name)
    if iri in speakers:
        return iri
    spoken = [node for node in whole.nodes if node.iri in speakers]
    return Network(tuple(spoken), ()).find(name).iri
