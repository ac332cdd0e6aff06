"""The doctor: what it finds at our own server, and at one that is ill."""

import http.server
import subprocess
import sys
import threading

import pytest

from mikg import doctor
from mikg.errors import Misuse


def test_our_server_bears_every_case(serve, made):
    server = serve(made.releases, MIKG_DEADLINE="1", MIKG_REQUEST_SECONDS="1", MIKG_WORKER_MEMORY=str(200 << 20))
    findings = doctor.examine(f"{server.url}sparql", 1)
    assert len(findings) == len(list(doctor.cases("")))
    assert [(each.case, each.outcome, each.verdict) for each in findings if each.verdict != "good"] == []
    assert f"{len(findings)} of {len(findings)} good" in doctor.to_text(findings)


class Ill(http.server.BaseHTTPRequestHandler):
    """Answers the probe, cuts every other answer off, and fetches nothing."""

    def do_GET(self) -> None:
        self._say(b'{"head":{"vars":["s"]},"results":{"bindings":[]}}')

    def do_POST(self) -> None:
        self.rfile.read(max(0, min(int(self.headers.get("Content-Length", 0)), 3_000_000)))
        self._say(b'{"head":{"vars":["s"]},"results":{"bind')

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", doctor.JSON)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_an_ill_server_is_found_to_be_ill(monkeypatch):
    some = [
        each for each in doctor.cases("http://127.0.0.1:9/") if each.name in ("a plain question", "an update", "SERVICE to this machine")
    ]
    monkeypatch.setattr(doctor, "cases", lambda canary: some)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ill) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        findings = doctor.examine(f"http://127.0.0.1:{running.server_port}/sparql", 1)
        running.shutdown()
    assert [each.verdict for each in findings] == ["a part of the answer came as if it were all"] * 2 + ["it was let pass"]


def test_what_does_not_answer_is_not_examined():
    with pytest.raises(Misuse, match="does not answer"):
        doctor.examine("http://127.0.0.1:9/sparql", 1)
    done = subprocess.run([sys.executable, "-m", "mikg", "doctor", "--url", "nonsense"], capture_output=True, text=True, check=False)
    assert (done.returncode, "no address that can be examined" in done.stderr) == (2, True)
