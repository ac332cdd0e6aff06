"""How long open data take to load, in one run: `mikg load` against `oxigraph load` of the same file into a store of its own.

    python tests/bench_load.py [MILLIONS]

The file is N-Triples of MILLIONS (1 if not said) million triples, made first. Quote the ratios: machines differ and are noisy. `mikg load`
makes a release beside one that has 45,000 quads of ours, counts the graph, and swaps it in; `oxigraph load` (pip install oxigraph) only loads.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

BLOCK = 5  # triples that one event has


def main() -> None:
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1
    with tempfile.TemporaryDirectory(prefix="mikg-bench-") as folder:
        place = Path(folder)
        data = place / "data.nt"
        write(data, int(millions * 1_000_000 / BLOCK))
        environment = {**os.environ, "MIKG_RELEASES": str(place / "releases")}
        subprocess.run([sys.executable, "-m", "mikg", "build"], env=environment, check=True, capture_output=True)
        mikg = [sys.executable, "-m", "mikg", "load", str(data), "--graph", "bench"]
        command = shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))
        peer = [command, "load", "--location", str(place / "peer"), "--file", str(data), "--graph", "http://x.example/bench"]
        print(f"{millions:g} million triples, {data.stat().st_size >> 20} MiB of N-Triples")
        ours = timed("mikg load", mikg, environment)
        theirs = timed("oxigraph load", peer, environment)
        print("ratio of mikg load to oxigraph load: " + ", ".join(f"{name} {ours[name] / theirs[name]:.2f}" for name in ours))
        store = ox.Store.read_only(str(place / "releases/current/store"))
        began = time.perf_counter()
        (row,) = store.query("SELECT (COUNT(*) AS ?n) { GRAPH <https://w3id.org/mikg/graph/external/bench> { ?s ?p ?o } }")
        print(f"{row['n'].value} triples counted in {time.perf_counter() - began:.2f} s")


def write(path: Path, events: int) -> None:
    event, data, xsd = "http://data.example/event/", "http://data.example/", "http://www.w3.org/2001/XMLSchema#"
    with open(path, "w", encoding="utf-8") as output:
        for number in range(events):
            node = f"<{event}{number}>"
            output.write(
                f"{node} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{data}Event> .\n"
                f'{node} <{data}name> "Event number {number}"@en .\n'
                f'{node} <{data}year> "{1990 + number % 30}"^^<{xsd}gYear> .\n'
                f'{node} <{data}people> "{number * 7919 % 100_000}"^^<{xsd}integer> .\n'
                f"{node} <{data}place> <{data}place/{number % 5000}> .\n"
            )


def timed(name: str, command: list[str], environment: dict[str, str]) -> dict[str, float]:
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    found = {"wall": time.perf_counter() - began, "CPU": used.ru_utime + used.ru_stime, "peak memory": used.ru_maxrss / 1024}
    print(
        f"{name:14} {found['wall']:7.1f} s wall {found['CPU']:7.1f} s CPU {found['peak memory']:7.0f} MiB" + (" FAILED" if status else "")
    )
    return found


if __name__ == "__main__":
    main()
