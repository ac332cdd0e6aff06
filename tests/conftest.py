"""One release of the real graph and one live server for all tests of a run."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pyoxigraph as ox
import pytest

from mikg import release, settings
from mikg.engine.embedded import Pool

pytest.register_assert_rewrite("browsers", "waiting")
from browsers import browser, look, opened  # noqa: E402, F401 (fixtures of every test with a browser)

ROOT = Path(__file__).parents[1]
DOCUMENTS = os.environ.get("MIKG_DOCUMENTS") or next((str(path) for path in [ROOT.parent / "shared/documents"] if path.is_dir()), "")

# The seconds that a query may take where a test does not ask about that, in this process and in those that it starts: a busy machine is slow.
DEADLINE = 60.0
os.environ["MIKG_DEADLINE"] = str(DEADLINE)
# What the tests start is compiled once, and not for each of several hundred processes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The tests, doctests among them, have a release of their own; what the user has made stays untouched. All processes of a run share it.
# MIKG_TEST_RELEASES names a folder that is kept from run to run: a release of the same sources is then not made again.
KEPT = os.environ.get("MIKG_TEST_RELEASES")
FIRST = "PYTEST_XDIST_WORKER" not in os.environ
RELEASES = Path(KEPT or (tempfile.mkdtemp(prefix="mikg-tests-") if FIRST else os.environ["MIKG_RELEASES"]))
os.environ["MIKG_RELEASES"] = str(RELEASES)

# What is generated is the same in each run of the tests, and something else in each of `make fuzz`.
hypothesis.settings.register_profile("bounded", derandomize=True, database=None, deadline=None)
if not os.environ.get("MIKG_FUZZ"):
    hypothesis.settings.load_profile("bounded")


def pytest_unconfigure() -> None:
    if FIRST and not KEPT:
        shutil.rmtree(RELEASES, ignore_errors=True)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """`mikg serve` as a process of its own, reached by real HTTP."""

    def __init__(self, releases: Path, *arguments: str, **variables: str) -> None:
        environment = {**os.environ, "MIKG_RELEASES": str(releases), **variables}
        command = [sys.executable, "-m", "mikg", "serve", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True)
        for line in self.process.stderr:
            if found := re.search(r"http://\S+/", line):
                self.url = found.group()
                return
        raise AssertionError(f"the server ended with {self.process.wait()}")

    def ask(self, path: str, data: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path.lstrip("/"), data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return Reply(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as fault:
            return Reply(fault.code, dict(fault.headers), fault.read())

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@pytest.fixture(scope="session")
def documents() -> Path:
    """The folder of the source texts; tests that need it are skipped, with the reason, where it is not at hand."""
    if not DOCUMENTS:
        pytest.skip("the texts of the sources are not at hand (MIKG_DOCUMENTS)")
    return Path(DOCUMENTS)


@pytest.fixture(scope="session")
def made() -> settings.Settings:
    """Settings under which the real sources have been made into a release."""
    chosen = settings.Settings(sources=ROOT, releases=RELEASES, documents=Path(DOCUMENTS) if DOCUMENTS else None, deadline=DEADLINE)
    RELEASES.mkdir(parents=True, exist_ok=True)
    with (RELEASES / ".making").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        release.build(chosen, print)
    return chosen


@pytest.fixture(scope="session")
def pool(made: settings.Settings):
    with_pool = Pool(made)
    yield with_pool
    with_pool.close()


@pytest.fixture(scope="session")
def server(made: settings.Settings):
    running = Server(made.releases, *(["--documents", DOCUMENTS] if DOCUMENTS else []))
    yield running
    running.stop()


def _start():
    running: list[Server] = []

    def start(releases: Path, *arguments: str, **variables: str) -> Server:
        running.append(Server(releases, *arguments, **variables))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.stop()


@pytest.fixture
def serve():
    """A function that starts a server of a test's own; what still runs at the end is stopped."""
    yield from _start()


@pytest.fixture(scope="module")
def serve_module():
    """The same for a server that the tests of a module share."""
    yield from _start()


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory):
    """A function that makes a release of given quads as they are, unchecked, and returns settings under which it is in use."""

    def make(quads: Iterable[ox.Quad], queries: bool = False) -> settings.Settings:
        root = tmp_path_factory.mktemp("release")
        (root / "graph").mkdir()
        if queries:
            shutil.copytree(ROOT / "queries", root / "queries")
        quads = list(quads)
        (root / "graph/quads.trig").write_bytes(ox.serialize(quads, format=ox.RdfFormat.TRIG))
        chosen = settings.Settings(sources=root, releases=root / "releases")
        folder = chosen.releases / release.name(chosen)
        folder.mkdir(parents=True)
        store = ox.Store(str(folder / "store"))
        store.extend(quads)
        store.flush()
        graphs = Counter(quad.graph_name.value for quad in store if isinstance(quad.graph_name, ox.NamedNode))
        counts = {"quads": graphs.total(), "default graph": len(store) - graphs.total(), "named graphs": len(graphs)}
        (folder / "manifest.json").write_text(json.dumps({"counts": counts, "graphs": graphs}))
        (chosen.releases / "current").symlink_to(folder.name)
        return chosen

    return make


@pytest.fixture
def tree(tmp_path: Path):
    """A function that writes files below a fresh root and returns the root."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write
