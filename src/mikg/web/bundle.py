"""The scripts and styles of the pages: bundled at installation, or the plain styles where that was skipped.

WhiteNoise serves them as they were packed; addresses change with the content, so that a browser may keep them for a year.
"""

import hashlib
from pathlib import Path

from flask import Blueprint, Flask, url_for
from whitenoise import WhiteNoise

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
PLAIN = FOLDER / "assets/css"
FIRST_TYPE = ("source-serif-4", "inter")  # what the first screen is set in, asked for before the styles are read


class Files(WhiteNoise):
    """Files that may be kept for a year."""

    FOREVER = 31_536_000  # seconds

    def immutable_file_test(self, path: str, url: str) -> bool:
        return True


plain = Blueprint("plain", __name__, static_folder="assets/css", static_url_path="/plain")


def register(app: Flask) -> None:
    """Offer `styles()`, `script(name)`, `type_files()` and `static(name)` to the templates."""
    dist = STATIC / "dist"
    stamp = dist / ".stamp"
    bundled = stamp.is_file()
    version = stamp.read_text()[:12] if bundled else ""

    def styles() -> list[str]:
        if bundled:
            return [url_for("static", filename="dist/style.css", v=version)]
        files = [path for path in sorted(PLAIN.glob("*.css")) if path.name not in ("style.css", "type.css")]
        return [url_for("plain.static", filename=path.name, v=_digest(path)) for path in files]

    def script(name: str) -> str | None:
        """The address of a script, or None where the interactive parts were not installed."""
        return url_for("static", filename=f"dist/{name}.js", v=version) if bundled else None

    def type_files() -> list[str]:
        files = sorted(path.name for path in dist.glob("fonts/*.woff2") if path.name.startswith(FIRST_TYPE))
        return [url_for("static", filename=f"dist/fonts/{name}") for name in files]

    def static(name: str) -> str:
        return url_for("static", filename=name, v=_digest(STATIC / name))

    app.jinja_env.globals.update(styles=styles, script=script, type_files=type_files, static=static)
    app.register_blueprint(plain)
    served = Files(app.wsgi_app, STATIC, "static/", add_headers_function=_headers)
    served.add_files(str(PLAIN), "plain/")
    app.wsgi_app = served


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


def _headers(headers: object, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    # A worker goes by the policy of its own file, and imports what it shares with the page; browsers differ in how strictly they hold it to that.
    headers["Content-Security-Policy"] = "default-src 'none'; " + (
        "script-src 'self'" if path.endswith(".js") else "style-src 'unsafe-inline'"
    )
