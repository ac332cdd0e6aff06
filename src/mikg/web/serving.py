"""The server over a release: it listens and answers queries while the application is still being imported."""

import logging
import threading
from collections.abc import Callable

from mikg import release
from mikg.engine.embedded import Pool
from mikg.errors import Misuse
from mikg.settings import EVERYWHERE, Settings
from mikg.web import direct, gate
from mikg.web.front import HEADERS, Front
from mikg.web.server import Server


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until told to stop; `Misuse` when the address cannot be had."""
    release.ensure(settings, say)
    _logs(settings)
    front = Front(settings, _application(settings))
    try:
        server = Server(front.gate, settings, lambda sockets: _direct(front, settings, sockets))
        threading.Thread(target=front.engine.warm, args=(server.wake,), name="mikg-warm", daemon=True).start()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{server.port}/"
        say(f"mikg: release {front.engine.release()} at {address} (SPARQL: {address}sparql); stop with Ctrl-C")
        if settings.host in EVERYWHERE and not (settings.address or settings.trusted_proxy):
            say(
                "mikg: MIKG_ADDRESS is not set; descriptions, sitemap and manifests take this server for one of this machine or network only"
            )
        faults: list[Exception] = []
        threading.Thread(target=_made, args=(front, server, faults), name="mikg-pages", daemon=True).start()
        server.run()
        if faults:
            raise faults[0]
    finally:
        front.engine.close()


def _application(settings: Settings) -> Callable[[Front], object]:
    """Return what makes the application; it takes longer to import than all that answers a query."""

    def make(front: Front) -> object:
        from mikg.web.application import create_app

        return create_app(settings, front)

    return make


def _made(front: Front, server: Server, faults: list[Exception]) -> None:
    """Make the application; where that fails, keep the reason and stop the server."""
    try:
        front.ready()
    except Exception as fault:
        faults.append(fault)
        server.stop()


def _direct(front: Front, settings: Settings, sockets: dict) -> direct.Direct | None:
    """Return what answers plain queries without the application; None where the engine is not on this machine."""
    engine = getattr(front.engine, "pool", front.engine)
    if not isinstance(engine, Pool):
        return None
    headers = (*HEADERS, ("Vary", "Accept, Accept-Encoding"))
    return direct.Direct(engine, front.kept, front.gate, headers, settings.trusted_proxy, sockets, front.made)


def _logs(settings: Settings) -> None:
    for log, target in ((gate.LOG, settings.access_log), (gate.SLOW, "-")):
        if target:
            try:
                handler = logging.StreamHandler() if target == "-" else logging.FileHandler(target, encoding="utf-8")
            except OSError as fault:
                raise Misuse(
                    f"MIKG_ACCESS_LOG is {target!r}, which cannot be written ({fault.strerror}); name a file, or - for stderr."
                ) from None
            log.handlers = [handler]
            log.propagate = False
            log.setLevel(logging.INFO)
