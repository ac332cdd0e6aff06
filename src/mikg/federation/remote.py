"""Ask other servers, each within its budgets of time, size and rate, and tell in plain words what they do not answer."""

import datetime
import email.utils
import hashlib
import ipaddress
import json
import re
import socket
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from mikg import __version__
from mikg.errors import RemoteFailed
from mikg.federation.services import Service, Services

ACCEPT = "application/sparql-results+json"
REDIRECTS = 3
KEPT, KEPT_BYTES, KEPT_SECONDS = 64, 1_000_000, 60  # answers that are not asked for again at once
REPEATED = (429, 503)  # what a server says that wants to be left alone for a while
SAID = 200  # characters of a remote error that are shown


@dataclass(frozen=True)
class Reply:
    """What a server answered: variables and rows as in SPARQL JSON results, and the date of a recording."""

    variables: tuple[str, ...]
    rows: tuple[dict, ...]
    recorded: str = ""


class Remote:
    """The servers that may be asked."""

    def __init__(self, services: Services) -> None:
        self.services = services
        contact = f" ({services.contact})" if services.contact else ""
        agent = {"User-Agent": f"mikg/{__version__}{contact}", "Accept": ACCEPT}
        # Nothing of the environment: no proxy and no .netrc stands between the operator's list and the network.
        self._client = httpx.Client(headers=agent, follow_redirects=False, trust_env=False)
        self._lock = threading.Lock()
        self._asked: dict[str, deque[float]] = {}
        self._rest: dict[str, float] = {}
        self._answers: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()

    def close(self) -> None:
        self._client.close()

    def ask(self, service: Service, query: str, deadline: float) -> Reply:
        """Return the answer to a SELECT; `RemoteFailed` says why there is none. `deadline` is a `time.monotonic` value."""
        if self.services.mode == "replay":
            return self._replayed(service, query, None)
        try:
            body = self._known(service, query) or self._fetch(service, query, deadline)
            reply = _reply(service, body)
        except RemoteFailed as fault:
            if self.services.mode == "fallback":
                return self._replayed(service, query, fault)
            raise
        self._keep(service, query, body)
        return reply

    # Asking

    def _fetch(self, service: Service, query: str, deadline: float) -> bytes:
        url = service.url
        for _ in range(REDIRECTS + 1):
            self._wait(service, deadline)
            _check_address(service, url)
            try:
                status, headers, body = self._send(service, url, query, deadline)
            except httpx.TimeoutException:
                raise _failed(service, f"gave no answer within {service.seconds:g} seconds") from None
            except httpx.HTTPError as fault:
                raise _failed(service, f"cannot be reached ({_plain(str(fault)) or type(fault).__name__})") from None
            if status in (301, 302, 303, 307, 308):
                url = self._redirected(service, url, headers.get("Location", ""))
                continue
            if status in REPEATED and (pause := _retry_after(headers.get("Retry-After", ""))) is not None:
                self._rest[service.url] = time.monotonic() + pause
                if time.monotonic() + pause >= deadline:
                    raise _failed(service, f"asks to be left alone for {pause:.0f} seconds (HTTP {status})")
                continue
            if status != 200:
                said = _plain(body.decode(errors="replace"))
                raise _failed(service, f"answered with HTTP {status}" + (f": {said}" if said else ""))
            return body
        raise _failed(service, f"sent us on, or away, more than {REDIRECTS} times")

    def _send(self, service: Service, url: str, query: str, deadline: float) -> tuple[int, httpx.Headers, bytes]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("")
        with self._client.stream("POST", url, data={"query": query}, timeout=left) as answer:
            stream = answer.extensions.get("network_stream")
            peer = stream.get_extra_info("server_addr") if stream else None
            if peer:
                _check_peer(service, peer[0])
            parts, size = [], 0
            for part in answer.iter_bytes(1 << 16):
                size += len(part)
                if size > service.bytes:
                    raise _failed(service, f"answers with more than {service.bytes} bytes, its budget; ask for less of it")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("")
                parts.append(part)
            return answer.status_code, answer.headers, b"".join(parts)

    def _wait(self, service: Service, deadline: float) -> None:
        """Return when the server may be asked; `RemoteFailed` when that is after the deadline."""
        with self._lock:
            now = time.monotonic()
            asked = self._asked.setdefault(service.url, deque())
            while asked and asked[0] < now - 60:
                asked.popleft()
            ready = max(self._rest.get(service.url, 0), asked[0] + 60 if len(asked) >= service.per_minute else 0, now)
            if ready >= deadline:
                raise _failed(
                    service, f"may be asked again in {ready - now:.0f} seconds (its budget is {service.per_minute} requests a minute)"
                )
            asked.append(ready)
        time.sleep(max(0, ready - now))

    def _redirected(self, service: Service, url: str, location: str) -> str:
        target = urljoin(url, location)
        named = {_origin(each) for each in self.services.by_url}
        if not location or _origin(target) not in named:
            raise _failed(service, f"sends us on to {target[:SAID]}, which is on no server that the operator names")
        return target

    # What was answered before

    def _known(self, service: Service, query: str) -> bytes | None:
        with self._lock:
            when, body = self._answers.get((service.url, query), (0.0, b""))
        return body if body and time.monotonic() - when < KEPT_SECONDS else None

    def _keep(self, service: Service, query: str, body: bytes) -> None:
        if len(body) <= KEPT_BYTES:
            with self._lock:
                self._answers.setdefault((service.url, query), (time.monotonic(), body))
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
        if self.services.recordings:
            path = self._recording(service, query)
            path.parent.mkdir(parents=True, exist_ok=True)
            date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            whole = {"endpoint": service.url, "date": date, "query": query, "answer": json.loads(body)}
            part = path.with_suffix(f".{threading.get_ident()}")
            part.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            part.replace(path)

    def _replayed(self, service: Service, query: str, fault: RemoteFailed | None) -> Reply:
        path = self._recording(service, query)
        try:
            whole = json.loads(path.read_bytes())
        except (OSError, ValueError):
            raise fault or _failed(service, f"is not asked (mode replay), and {path.parent} has no recording of this question") from None
        reply = _reply(service, json.dumps(whole["answer"]).encode())
        return Reply(reply.variables, reply.rows, whole["date"])

    def _recording(self, service: Service, query: str) -> Path:
        return self.services.recordings / f"{hashlib.sha256(f'{service.url} {query}'.encode()).hexdigest()[:32]}.json"


def _reply(service: Service, body: bytes) -> Reply:
    try:
        whole = json.loads(body)
        variables, rows = whole["head"].get("vars", []), whole["results"]["bindings"]
        assert isinstance(variables, list)
        assert all(isinstance(row, dict) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        said = _plain(body[:2000].decode(errors="replace"))
        raise _failed(service, f"answered, but not with SPARQL JSON results: {said}") from None
    return Reply(tuple(variables), tuple(rows))


def _failed(service: Service, what: str) -> RemoteFailed:
    return RemoteFailed(f"The service {service.name} ({service.url}) {what}.")


def _plain(text: str) -> str:
    """What a server said, without its markup, in one line of bounded length."""
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^<>]{1,500}>", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    return text[:SAID] + "…" * (len(text) > SAID)


def _retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After, which may be a date; None where there is none."""
    if value.strip().isdigit():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _check_address(service: Service, url: str) -> None:
    """Refuse a name that leads into a private network where the operator has not said that it may."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise _failed(service, f"cannot be found ({fault.strerror or fault})") from None
    for *_, address in found:
        _check_peer(service, address[0])


def _check_peer(service: Service, address: str) -> None:
    host = urlsplit(service.url).hostname or ""
    # An address or localhost in the URL is the operator's own word; a name could lead anywhere.
    if service.private or host == "localhost" or re.fullmatch(r"[0-9.]+|[0-9a-f:]*:[0-9a-f:.]*", host):
        return
    if not ipaddress.ip_address(address.partition("%")[0]).is_global:
        raise _failed(service, f"leads to {address}, an address of a private network; say `private: true` where that is meant")
