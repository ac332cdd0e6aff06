"""What an operator can set, read from MIKG_... variables, and where sources and releases lie."""

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path

import platformdirs

from mikg.errors import Misuse

PACKAGE = Path(__file__).resolve().parent
EVERYWHERE = ("0.0.0.0", "::", "")  # hosts that stand for every address of the machine


def sources_root() -> Path:
    """Return the folder that holds ontology/, graph/ and queries/: inside an installed package, else the checkout."""
    installed = PACKAGE / "_data"
    return installed if installed.is_dir() else PACKAGE.parents[1]


def releases_root() -> Path:
    """Return where releases are kept: in a checkout beside the sources, else in the user's data folder."""
    root = sources_root()
    return root / "releases" if root != PACKAGE / "_data" else platformdirs.user_data_path("mikg") / "releases"


@dataclass(frozen=True)
class Settings:
    """One value for each MIKG_... variable; times in seconds, sizes in bytes."""

    sources: Path = field(default_factory=sources_root)
    releases: Path = field(default_factory=releases_root)
    documents: Path | None = None  # the texts of the sources, for evidence and quotations
    services: Path | None = None  # the file that names the endpoints that SERVICE may reach
    host: str = "127.0.0.1"
    port: int = 8000
    address: str = ""  # of the server as the world knows it, such as https://mikg.example.org/
    deadline: float = 10.0  # wall clock of one query
    workers: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    queue: int = 32  # queries that may wait for a worker
    worker_memory: int = 1 << 30  # address space of a worker beyond what its store needs
    memory_quads: int = 2_000_000  # a release of up to so many quads is held in memory
    query_bytes: int = 65_536  # text of a query
    query_depth: int = 64  # nested brackets
    query_patterns: int = 500  # triple patterns, list items and operators together
    query_values: int = 10_000  # rows of inline data
    answer_bytes: int = 50_000_000
    answer_rows: int = 100_000  # or triples
    cache_bytes: int = 100_000_000  # answers that are kept to be given again; 0 keeps none
    client_requests: int = 8  # requests of one client that may be answered or wait at once
    connections: int = 256  # connections that may be open at once
    request_seconds: float = 15.0  # within which a request must have arrived whole
    address_bytes: int = 16_384  # of a request's address, its query with it
    header_bytes: int = 32_768  # of a request's header
    body_bytes: int = 1_000_000  # of a request's body
    engine: str = ""  # URL of a SPARQL endpoint that answers in place of the store here; user:password@ where it asks for them
    engine_auth: str = "basic"  # how it asks: basic or digest
    engine_rows: int = 0  # rows at which it cuts its answers, 0 where it does not
    trusted_proxy: str = ""  # address of the proxy whose X-Forwarded-For, -Proto and -Host are believed
    operator_token: str = ""  # who sends it may see and stop running queries from elsewhere than this machine
    access_log: str = ""  # a file, or - for stderr: one line of JSON for each request
    slow_seconds: float = 2.0  # a query that takes longer is written to stderr with its text


def load(environment: dict[str, str] | None = None) -> Settings:
    """Return the settings that the environment asks for; `Misuse` names a variable with an impossible value.

    >>> load({"MIKG_PORT": "8080"}).port
    8080
    """
    environment = dict(os.environ) if environment is None else environment
    given = {}
    defaults = Settings()
    for each in fields(Settings):
        variable = f"MIKG_{each.name.upper()}"
        text = environment.get(variable, "")
        if not text:
            continue
        default = getattr(defaults, each.name)
        kind = type(default) if default is not None else Path
        kind = Path if issubclass(kind, Path) else kind
        try:
            given[each.name] = kind(text).expanduser() if kind is Path else kind(text)
        except ValueError:
            raise Misuse(f"{variable} is {text!r}; it takes a value such as {default!r}.") from None
        if (
            kind in (int, float)
            and not (0 if each.name in ("port", "queue", "cache_bytes", "memory_quads", "engine_rows") else 1e-3) <= given[each.name] < 1e15
        ):
            raise Misuse(f"{variable} is {text!r}; it takes a number above zero, such as {default!r}.")
    if "address" in given:
        if not re.fullmatch(r"https?://([^/?#@\s\"<>]+)/?", given["address"]):
            raise Misuse(
                f"MIKG_ADDRESS is {given['address']!r}; it takes http:// or https:// and a host, and no path: https://mikg.example.org/"
            )
        given["address"] = given["address"].rstrip("/") + "/"
    if given.get("port", 0) > 65_535:
        raise Misuse(f"MIKG_PORT is {given['port']}; a port is a number from 0 to 65535.")
    return Settings(**given)
