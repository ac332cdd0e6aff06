"""How servers bear what `mikg doctor` sends them, side by side: ours, oxigraph serve, rdflib-endpoint, Virtuoso (where they are installed).

    python tests/bench_doctor.py [SECONDS]

Each runs on loopback over the same release, and is told, where it can be, that a query may take SECONDS (5). It takes some minutes a server.
"""

import shutil
import sys
from collections.abc import Iterator

import peers

from mikg import doctor, release, settings
from mikg.errors import Misuse


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    folder = release.ensure(settings.load(), lambda text: print(text, file=sys.stderr))
    found: dict[str, list[doctor.Finding]] = {}
    for name, server in servers(folder, seconds):
        with server as peer:
            try:
                found[name] = doctor.examine(
                    peer.url, seconds, lambda said, name=name: print(f"{name}: {said}", file=sys.stderr, flush=True)
                )
            except Misuse as fault:
                print(f"{name}: {fault}", file=sys.stderr)
    names = list(found)
    print("| case | " + " | ".join(names) + " |")
    print("| --- |" + " --- |" * len(names))
    for number, case in enumerate(doctor.cases("")):
        cells = [found[name][number] if number < len(found[name]) else None for name in names]
        print(f"| {case.name} | " + " | ".join("(not running any more)" if each is None else cell(each) for each in cells) + " |")
    print("| good | " + " | ".join(f"{sum(each.verdict == 'good' for each in found[name])} of {number + 1}" for name in names) + " |")


def cell(finding: doctor.Finding) -> str:
    return finding.outcome if finding.verdict == "good" else f"**{finding.outcome}: {finding.verdict}**"


def servers(folder: object, seconds: float) -> Iterator[tuple[str, object]]:
    yield "mikg", peers.mikg(folder, MIKG_DEADLINE=f"{seconds:g}", MIKG_REQUEST_SECONDS=f"{seconds:g}")
    yield "oxigraph serve", peers.oxigraph_in_memory(folder, "--timeout-s", f"{seconds:.0f}")
    if (peers.BIN / "rdflib-endpoint").exists():
        yield "rdflib-endpoint", peers.rdflib_endpoint(folder)
    if shutil.which("virtuoso-t"):
        yield "Virtuoso", peers.virtuoso(folder)


if __name__ == "__main__":
    main()
