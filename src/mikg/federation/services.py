"""The endpoints that SERVICE may reach, as the operator names them in a YAML file (MIKG_SERVICES).

    contact: mailto:data@example.org          # goes into our User-Agent, so that their operators know whom to write to
    recordings: {folder: recordings, mode: fallback}
    services:
      wikidata:
        url: https://query.wikidata.org/sparql
        seconds: 20        # of one clause, all its requests together
        bytes: 10000000    # of one answer
        requests: 20       # of one clause
        per_minute: 60     # requests, of all queries together
        batch: 100         # values that one request is given
        private: false     # whether its name may lead to an address of a private network

A recording is an answer written down with its date. `record` writes each answer; `fallback` writes it, and gives it again when the
endpoint cannot be had; `replay` gives recorded answers and asks nobody.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from mikg.errors import Misuse

MODES = ("record", "fallback", "replay")


@dataclass(frozen=True)
class Service:
    """One endpoint with its budgets."""

    name: str
    url: str
    seconds: float = 20.0
    bytes: int = 10_000_000
    requests: int = 20
    per_minute: int = 60
    batch: int = 100
    private: bool = False


@dataclass(frozen=True)
class Services:
    """All endpoints by their URL, whom to write to, and what is done with their answers."""

    by_url: dict[str, Service]
    contact: str = ""
    recordings: Path | None = None
    mode: str = ""


def read(path: Path) -> Services:
    """Return the services that a file names; `Misuse` says what of it cannot be."""
    try:
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise Misuse(f"{path} (MIKG_SERVICES) cannot be read: {fault}") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("services"), dict):
        raise Misuse(f"{path} (MIKG_SERVICES) has no `services:` with a name and a url for each.")
    if unknown := set(whole) - {"services", "contact", "recordings"}:
        raise Misuse(f"{path}: {sorted(unknown)[0]!r} is not known here; it takes contact, recordings and services.")
    by_url = {}
    for name, given in whole["services"].items():
        service = _service(path, str(name), given)
        by_url[service.url] = service
    recordings = whole.get("recordings") or {}
    mode = recordings.get("mode", "record") if recordings else ""
    if recordings and (mode not in MODES or not recordings.get("folder")):
        raise Misuse(f"{path}: recordings has a folder and a mode: {', '.join(MODES)}.")
    folder = (path.parent / recordings["folder"]) if recordings else None
    return Services(by_url, str(whole.get("contact") or ""), folder, mode)


def _service(path: Path, name: str, given: object) -> Service:
    kinds = {each.name: type(each.default) for each in fields(Service) if each.name not in ("name", "url")}
    if not isinstance(given, dict) or not isinstance(given.get("url"), str):
        raise Misuse(f"{path}: the service {name!r} has no url.")
    url = urlsplit(given["url"])
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.fragment:
        raise Misuse(
            f"{path}: the url of {name!r} is {given['url']!r}; it begins with http:// or https:// and holds no name, password or #."
        )
    values = {}
    for key, value in given.items():
        if key == "url":
            continue
        if key not in kinds:
            raise Misuse(f"{path}: {key!r} of the service {name!r} is not known; it takes url, {', '.join(kinds)}.")
        fits = (
            isinstance(value, bool) if kinds[key] is bool else isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        )
        if not fits:
            raise Misuse(
                f"{path}: {key} of the service {name!r} is {value!r}; it takes {'true or false' if kinds[key] is bool else 'a number above zero'}."
            )
        values[key] = kinds[key](value)
    return Service(name, given["url"], **values)
