"""A storm over a server of ours: as many requests as a busy hour has, good, huge, hostile and abandoned ones mixed, and what is left after.

    python tests/bench_storm.py [REQUESTS]

Prints how each kind was answered, and processes and memory before and after; exit code 1 where a good query was not answered or a process
was lost. Bounded: loopback, REQUESTS (20,000) requests by eight clients, a deadline of one second.
"""

import collections
import http.client
import random
import socket
import sys
import threading
import time
from urllib.parse import quote

import peers

from mikg import doctor, release, settings

CLIENTS = 8
PREFIX = "PREFIX mikg: <https://w3id.org/mikg/ontology#> "
GOOD = (
    "SELECT ?s ?o {{ ?s mikg:party ?o }} ORDER BY ?s ?o LIMIT {0}",
    "SELECT ?passage {{ GRAPH ?passage {{ ?s mikg:party ?o }} }} OFFSET {0} LIMIT 20",
    "ASK {{ ?s mikg:party ?o }} # {0}",
    "SELECT ({0} AS ?n) {{ }}",
)
HUGE = ("SELECT * {{ ?s ?p ?o }} LIMIT {0}0000", "CONSTRUCT WHERE {{ ?s ?p ?o }} LIMIT {0}0000")
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PARTS = (("good", 0.74), ("repeated", 0.2), ("huge", 0.02), ("hostile", 0.03), ("abandoned", 0.01))


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    folder = release.ensure(settings.load(), lambda text: print(text, file=sys.stderr))
    hostile = [each.query for each in doctor.cases("http://127.0.0.1:9/") if each.query and not each.leaves]
    with peers.mikg(folder, MIKG_DEADLINE="1", MIKG_WORKERS="4", MIKG_CLIENT_REQUESTS=str(4 * CLIENTS)) as server:
        _ask(server.port, "ASK {}")
        time.sleep(2)
        before = stands(server)
        seen: dict[str, list[tuple[str, float]]] = collections.defaultdict(list)
        chance = random.Random(20220420)
        work = iter(chance.choices([name for name, _ in PARTS], [part for _, part in PARTS], k=requests))
        lock = threading.Lock()

        def client(number: int) -> None:
            mine = random.Random(number)
            line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            while True:
                with lock:
                    kind = next(work, None)
                if kind is None:
                    return
                began = time.perf_counter()
                if kind == "abandoned":
                    said = abandon(server.port)
                else:
                    query = {
                        "good": lambda: PREFIX + mine.choice(GOOD).format(mine.randrange(1, 1_000_000)),
                        "repeated": lambda: PREFIX + mine.choice(GOOD).format(7),
                        "huge": lambda: mine.choice(HUGE).format(mine.randrange(1, 9)),
                        "hostile": lambda: mine.choice(hostile),
                    }[kind]()
                    said = _send(line, query)
                    while said == "503" and kind in ("good", "repeated") and time.perf_counter() - began < 10:
                        time.sleep(1)  # a client that is told to come again does so
                        said = _send(line, query).replace("200", "200 when asked again")
                seen[kind].append((said, time.perf_counter() - began))

        began = time.monotonic()
        threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.monotonic() - began
        time.sleep(3)
        after = stands(server)
        print(f"{requests:,} requests in {taken:.0f} s by {CLIENTS} clients")
        print("| kind | requests | answers | median ms | p99 ms |\n| --- | --- | --- | --- | --- |")
        for kind, _ in PARTS:
            times = sorted(1000 * took for _, took in seen[kind])
            counts = ", ".join(f"{count:,} × {said}" for said, count in collections.Counter(said for said, _ in seen[kind]).most_common())
            print(f"| {kind} | {len(times):,} | {counts} | {times[len(times) // 2]:.1f} | {times[int(len(times) * 0.99)]:.0f} |")
        print("| process | before | after |\n| --- | --- | --- |")
        for role in before:
            print(f"| {role} | {before[role]} | {after.get(role, 'gone')} |")
        lost = [said for kind in ("good", "repeated") for said, _ in seen[kind] if not said.startswith("200")]
        sys.exit(1 if lost or before["server"].split()[0] != after["server"].split()[0] else 0)


def stands(server: peers.Peer) -> dict[str, str]:
    """Return process numbers and memory by role: the server, what holds the store, the workers."""
    found = {"server": f"{server.process.pid} ({peers.memory(server.process.pid) >> 20} MiB)"}
    below = peers.descendants(server.process.pid)[1:]
    holders = [each for each in below if peers.descendants(each)[1:]] or below[:1]
    for role, processes in (("holds the store", holders), ("workers", [each for each in below if each not in holders])):
        found[role] = ", ".join(f"{each} ({peers.memory(each) >> 20} MiB)" for each in processes)
    return found


def abandon(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as channel:
        channel.sendall(f"GET /sparql?query={quote(PRODUCT)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.05)
    return "left"


def _send(line: http.client.HTTPConnection, query: str) -> str:
    try:
        line.request("POST", "/sparql", query.encode(errors="replace"), {"Content-Type": "application/sparql-query"})
        answer = line.getresponse()
        answer.read()
        return str(answer.status)
    except (OSError, http.client.HTTPException) as fault:
        line.close()
        return type(fault).__name__


def _ask(port: int, query: str) -> str:
    return _send(http.client.HTTPConnection("127.0.0.1", port, timeout=60), query)


if __name__ == "__main__":
    main()
