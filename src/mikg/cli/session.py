"""What commands share: settings, the engine, and the one place where an error becomes words and an exit code."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mikg import settings
from mikg.errors import MikgError, Misuse

documents_option = click.option("--documents", type=click.Path(path_type=Path), help="Folder of the source texts, for quotations.")


def say(text: str) -> None:
    click.echo(text, err=True)


def guarded(command: Callable) -> Callable:
    """The one place where an error becomes words and an exit code."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except MikgError as fault:
            say(f"mikg: {fault}")
            sys.exit(2)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except KeyboardInterrupt:
            sys.exit(130)

    return run


def settings_with(documents: Path | None) -> settings.Settings:
    from dataclasses import replace

    chosen = settings.load()
    folder = documents or chosen.documents
    if folder is not None and not folder.is_dir():
        raise Misuse(f"{folder} is no folder; --documents (or MIKG_DOCUMENTS) names the folder that holds KEY.txt of each source.")
    return replace(chosen, documents=folder)


class engine_of:  # noqa: N801 (used as a function is)
    """The engine over today's release, closed at the end."""

    def __init__(self, chosen: settings.Settings) -> None:
        self.settings = chosen

    def __enter__(self) -> Any:
        from dataclasses import replace

        from mikg import federation, release

        release.opened(self.settings, say)
        self.pool = federation.engine(replace(self.settings, workers=1, memory_quads=0))
        return self.pool

    def __exit__(self, *_: object) -> None:
        self.pool.close()
