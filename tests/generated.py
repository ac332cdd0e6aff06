"""Releases of any size in the shape of ours, for benchmarks: `python tests/generated.py QUADS FOLDER` makes one and puts it in use.

Each passage is a named graph of about sixteen statements: an event with who takes part, when, where and how it is held; a post and its
holder; three figures; at every tenth a claim with its claimant. The merge stands in the default graph, as in a release. The same
number gives the same quads.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

MIKG, ID, DOC, GRAPH = (f"https://w3id.org/mikg/{name}" for name in ("ontology#", "id/", "document/", "graph/"))
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
VALUE = "<https://schema.org/value>"
XSD = "http://www.w3.org/2001/XMLSchema#"
MODALITIES = ("asserted",) * 8 + ("planned", "reported")
EVENTS = ("Meeting", "Training", "LawEnforcementOperation", "Visit", "Action")
PASSAGES = 100  # of a document
EACH = 28  # quads that a passage makes on average, those in graph:documents with them


def lines(quads: int) -> Iterator[str]:
    """Yield N-Quads for about so many quads, each triple in its graph and in the default graph."""
    chance = random.Random(20220420)
    for number in range(max(1, quads // EACH)):
        document, place = divmod(number, PASSAGES)
        passage = f"<{DOC}generated-{document}/p{place}>"
        for graph, triple in _passage(chance, number, f"<{DOC}generated-{document}>", passage, place):
            yield f"{triple} {graph} .\n{triple} .\n"


def _passage(chance: random.Random, number: int, document: str, passage: str, place: int) -> Iterator[tuple[str, str]]:
    about = f"<{GRAPH}documents>"
    if place == 0:
        yield about, f'{document} <{MIKG}key> "generated-{number // PASSAGES}"'
        yield about, f'{document} <http://purl.org/dc/terms/title> "Document {number // PASSAGES}"@en'
    yield about, f"{passage} {TYPE} <{MIKG}Sentence>"
    yield about, f"{passage} <{MIKG}document> {document}"
    yield about, f'{passage} <{MIKG}position> "{place + 1}"^^<{XSD}integer>'
    yield about, f'{passage} <{MIKG}gist> "What passage {number} says."@en'
    yield about, f'{passage} <{MIKG}characterStart> "{place * 80}"^^<{XSD}integer>'
    yield about, f'{passage} <{MIKG}characterEnd> "{place * 80 + 78}"^^<{XSD}integer>'
    yield about, f'{passage} <{MIKG}sha256> "{chance.getrandbits(256):064x}"'
    event = f"<{ID}event-{number}>"
    person, country = f"<{ID}person-{chance.randrange(1 + number // 3)}>", f"<{ID}country-{int(chance.paretovariate(1)) % 200}>"
    yield passage, f"{event} {TYPE} <{MIKG}{chance.choice(EVENTS)}>"
    yield passage, f"{event} {TYPE} <{MIKG}Event>"
    yield passage, f'{event} {LABEL} "event {number}"@en'
    yield passage, f"{event} <{MIKG}actor> {person}"
    yield passage, f"{event} <{MIKG}actor> {country}"
    yield passage, f"{event} <{MIKG}modality> <{MIKG}{chance.choice(MODALITIES)}>"
    yield passage, f'{event} <{MIKG}earliest> "{2010 + number % 12}-{1 + number % 12:02}-01"^^<{XSD}date>'
    yield passage, f"{person} {TYPE} <{MIKG}Person>"
    yield passage, f"{person} <{MIKG}holdsPost> <{ID}post-{chance.randrange(1 + number // 5)}>"
    for each in range(3):
        figure = f"<{ID}figure-{number}-{each}>"
        yield passage, f"{figure} {TYPE} <{MIKG}Observation>"
        yield passage, f"{figure} <{MIKG}indicator> <{ID}indicator-{chance.randrange(60)}>"
        yield passage, f'{figure} {VALUE} "{chance.randrange(1_000_000)}"^^<{XSD}integer>'
        yield passage, f"{figure} <{MIKG}about> {country}"
    if number % 10 == 0:
        claim = f"<{ID}claim-{number}>"
        yield passage, f"{claim} {TYPE} <{MIKG}Claim>"
        yield passage, f"{claim} <{MIKG}modality> <{MIKG}reported>"
        yield passage, f"{claim} <{MIKG}claimant> {person}"
        yield passage, f"{claim} <{MIKG}about> {event}"


def make(quads: int, folder: Path) -> Path:
    """Make a release of about so many quads below `folder` and put it in use there; one that is there is left as it is."""
    target = folder / f"generated-{quads}"
    if not (target / "manifest.json").is_file():
        target.mkdir(parents=True, exist_ok=True)
        text = target / "quads.nq"
        with open(text, "w", encoding="utf-8") as file:
            file.writelines(lines(quads))
        store = ox.Store(str(target / "store"))
        store.bulk_load(path=str(text), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        graphs = {graph.value: 0 for graph in store.named_graphs()}
        whole = len(store)
        store.flush()
        text.unlink()
        counts = {"quads": whole // 2, "default graph": whole - whole // 2, "named graphs": len(graphs)}
        (target / "manifest.json").write_text(json.dumps({"counts": counts, "graphs": graphs}))
    link = folder / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    return target


if __name__ == "__main__":
    began = time.monotonic()
    made = make(int(sys.argv[1]), Path(sys.argv[2]))
    print(f"{made}: {json.loads((made / 'manifest.json').read_text())['counts']} in {time.monotonic() - began:.0f} s")
