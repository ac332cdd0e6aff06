"""The command line: words in, words out. Answers go to stdout, all else to stderr.

One module a subject; each command is a thin call into the program. Exit codes: 0 done, 1 the answer is no, 2 asked wrongly or
not possible.
"""

import click

from mikg import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mikg")
def main() -> None:
    """A knowledge graph of migration policy that cites its sources.

    Example: mikg ask agreements-of-a-country --country id:panama --cite
    """


# Each module adds its commands to `main`, which therefore stands above.
from mikg.cli import asking, finding, linking, loading, making, operating, publishing, relating, serving  # noqa: E402

__all__ = ["asking", "finding", "linking", "loading", "main", "making", "operating", "publishing", "relating", "serving"]
