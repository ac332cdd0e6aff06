"""The scripts and styles of the pages: bundled at installation, or the plain styles where that was skipped."""

from pathlib import Path

from flask import Blueprint, Flask, url_for

FOLDER = Path(__file__).parent
DIST = FOLDER / "static/dist"
PLAIN = FOLDER / "assets/css"

plain = Blueprint("plain", __name__, static_folder="assets/css", static_url_path="/plain")


def register(app: Flask) -> None:
    """Offer `styles()` and `script(name)` to the templates: addresses that change with the content."""
    stamp = DIST / ".stamp"
    version = stamp.read_text()[:12] if stamp.is_file() else ""

    def styles() -> list[str]:
        if version:
            return [url_for("pages.static", filename="dist/style.css", v=version)]
        return [
            url_for("plain.static", filename=path.name)
            for path in sorted(PLAIN.glob("*.css"))
            if path.name not in ("style.css", "type.css")
        ]

    def script(name: str) -> str | None:
        """The address of a script, or None where the interactive parts were not installed."""
        return url_for("pages.static", filename=f"dist/{name}.js", v=version) if version else None

    app.jinja_env.globals.update(styles=styles, script=script)
    app.register_blueprint(plain)
