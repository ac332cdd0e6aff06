"""Two servers over one release folder, behind which the release changes while they are asked: no request fails."""

import threading
from urllib.parse import urlencode

import pyoxigraph as ox

from mikg import release

SECONDS = 4


def test_two_servers_take_up_a_new_release_and_no_request_fails(serve, release_of):
    def made(value: str):
        name = ox.NamedNode("https://w3id.org/mikg/id/x")
        return release_of([ox.Quad(name, name, ox.Literal(value), ox.DefaultGraph())])

    first, second = made("one"), made("two")
    (folder,) = [path for path in second.releases.iterdir() if not path.is_symlink()]
    moved = first.releases / folder.name
    servers = [serve(first.releases, MIKG_SOURCES=str(first.sources)) for _ in range(2)]
    assert [each.ask("ready").status for each in servers] == [200, 200]
    stopping = threading.Event()
    seen: list[list[tuple[int, str]]] = [[] for _ in range(4)]

    def ask(number: int) -> None:
        count = 0
        while not stopping.is_set():
            count += 1  # a different text each time, so that no answer is one that was kept
            query = f"SELECT ?o {{ ?s ?p ?o }} # {number} {count}"
            reply = servers[number % 2].ask("sparql?" + urlencode({"query": query, "format": "csv"}))
            seen[number].append((reply.status, reply.text.split()[-1]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    stopping.wait(SECONDS / 2)
    folder.rename(moved)
    release.use(moved)
    stopping.wait(SECONDS / 2)
    stopping.set()
    for thread in threads:
        thread.join()
    for replies in seen:
        assert len(replies) > 10
        assert {status for status, _ in replies} == {200}
        values = [value for _, value in replies]
        # Whoever has seen the new release never sees the old one again.
        assert values == sorted(values)
        assert set(values) == {"one", "two"}
