"""How servers bear what `mikg doctor` sends them, side by side: ours, oxigraph serve, rdflib-endpoint, Virtuoso (where they are installed).

    python tests/bench_doctor.py [SECONDS]

Each runs on loopback over the same release, and is told, where it can be, that a query may take SECONDS (5). One that ends is started again
and tried with what is left. It takes some minutes a server.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import peers

from mikg import doctor, release, settings
from mikg.errors import Misuse


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    folder = release.ensure(settings.load(), tell)
    count = len(list(doctor.cases("")))
    found: dict[str, list[doctor.Finding]] = {}
    starts: dict[str, int] = {}
    for name, start in servers(folder, seconds):
        found[name], starts[name] = [], 0
        while len(found[name]) < count:
            starts[name] += 1
            with start() as peer:
                try:
                    found[name] += doctor.examine(peer.url, seconds, lambda said, name=name: tell(f"{name}: {said}"), len(found[name]))
                except Misuse as fault:
                    tell(f"{name}: {fault}")
                    break
    names = list(found)
    print("| case | " + " | ".join(names) + " |")
    print("| --- |" + " --- |" * len(names))
    for number, case in enumerate(doctor.cases("")):
        cells = [cell(found[name][number]) if number < len(found[name]) else "" for name in names]
        print(f"| {case.name} | " + " | ".join(cells) + " |")
    print("| **good** | " + " | ".join(f"{sum(each.verdict == 'good' for each in found[name])} of {count}" for name in names) + " |")
    print("| **started again** | " + " | ".join(f"{starts[name] - 1} times" for name in names) + " |")


def tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


def cell(finding: doctor.Finding) -> str:
    return finding.outcome if finding.verdict == "good" else f"**{finding.outcome}: {finding.verdict}**"


def servers(folder: Path, seconds: float) -> Iterator[tuple[str, Callable]]:
    yield "mikg", lambda: peers.mikg(folder, MIKG_DEADLINE=f"{seconds:g}", MIKG_REQUEST_SECONDS=f"{seconds:g}")
    yield "oxigraph serve", lambda: peers.oxigraph_in_memory(folder, "--timeout-s", f"{seconds:.0f}")
    if (peers.BIN / "rdflib-endpoint").exists():
        yield "rdflib-endpoint", lambda: peers.rdflib_endpoint(folder)
    if shutil.which("virtuoso-t"):
        yield "Virtuoso", lambda: peers.virtuoso(folder)


if __name__ == "__main__":
    main()
