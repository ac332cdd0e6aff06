"""Who is tied to whom by what: the meetings, agreements and groupings that name more than one party, for one drawing."""

from collections import Counter
from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query

TIES = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?hub ?hubKind ?party ?partyKind
WHERE {
  VALUES ?hubKind { mikg:Event mikg:Instrument mikg:Grouping mikg:Programme }
  VALUES ?partyKind { mikg:Country mikg:Organisation mikg:Person }
  { ?hub mikg:involves ?party } UNION { ?hub mikg:party ?party } UNION { ?party mikg:takesPartIn ?hub }
  ?hub a ?hubKind ; skos:prefLabel ?hubName .
  ?party a ?partyKind ; skos:prefLabel ?partyName .
}
ORDER BY ?hub ?party ?hubKind ?partyKind
"""


@dataclass(frozen=True)
class Ties:
    """A drawing in two columns: parties on the left, on the right what ties them; `everywhere` takes part in most and is left out."""

    parties: tuple[str, ...]
    hubs: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]  # party, hub
    everywhere: str
    in_so_many: int  # meetings, agreements and groupings in which it takes part
    of_all: int


def ties(engine: Engine, most: int = 16) -> Ties:
    """Return the `most` meetings, agreements and groupings that tie the most parties, ordered so that lines cross little."""
    members: dict[str, set[str]] = {}
    for row in answers.run(engine, Query(TIES)).rows:
        members.setdefault(row["hub"]["value"], set()).add(row["party"]["value"])
    counts = Counter(party for parties in members.values() for party in parties)
    if not counts:
        return Ties((), (), (), "", 0, 0)
    everywhere, in_so_many = min(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = {hub: parties - {everywhere} for hub, parties in members.items()}
    hubs = sorted((hub for hub, parties in rest.items() if parties and len(members[hub]) > 1), key=lambda hub: (-len(rest[hub]), hub))[
        :most
    ]
    lines = sorted((party, hub) for hub in hubs for party in rest[hub])
    parties = sorted({party for party, _ in lines}, key=lambda party: (-sum(each == party for each, _ in lines), party))
    # Each side in turn at the mean place of what it is tied to (Sugiyama's barycentre), a few times over.
    for _ in range(8):
        place = {hub: number / len(hubs) for number, hub in enumerate(hubs)}
        parties = _by_mean(parties, {party: [place[hub] for each, hub in lines if each == party] for party in parties})
        place = {party: number / len(parties) for number, party in enumerate(parties)}
        hubs = _by_mean(hubs, {hub: [place[party] for party, each in lines if each == hub] for hub in hubs})
    return Ties(tuple(parties), tuple(hubs), tuple(lines), everywhere, in_so_many, len(members))


def _by_mean(names: list[str], places: dict[str, list[float]]) -> list[str]:
    return sorted(names, key=lambda name: (sum(places[name]) / len(places[name]), name))
