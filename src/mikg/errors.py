"""What can go wrong, as one tree. `status` is the HTTP answer; every error ends a command with exit code 2.

MikgError
├── SourceError      a file of ontology/, graph/ or queries/ cannot be read
├── ReleaseError     there is no release, or it is broken, or its folder cannot be written
├── NotFound         nothing bears that name
├── Misuse           a setting, parameter or option has a value that it cannot have
└── QueryError       the query does not parse
    ├── Refused      it asks for what this endpoint does not do
    ├── TooLarge     it, or its answer, is over a limit
    ├── TimedOut     it ran into its deadline
    ├── Busy         every worker is taken and the queue is full
    ├── Cancelled    its operator stopped it, or whoever asked has gone
    ├── RemoteFailed another server, which it asks by SERVICE, gave no answer
    └── EngineFailed the process that answered it ended
"""

import re


class MikgError(Exception):
    """Whoever catches this catches all that mikg raises on purpose."""

    status = 500


class SourceError(MikgError):
    """A source file cannot be read: the message begins with its path and line."""


class ReleaseError(MikgError):
    """There is no release, or it is broken, or it cannot be written."""

    status = 503


class NotFound(MikgError):
    """Nothing bears that name."""

    status = 404


class Misuse(MikgError):
    """A setting, parameter or option has a value that it cannot have."""

    status = 400


class QueryError(MikgError):
    """The query does not parse; the message gives line and column where the parser tells them, `details` the engine's own words."""

    status = 400

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details

    @property
    def place(self) -> tuple[int, int] | None:
        """The first line and column of the message, both from 1; None where it names none.

        >>> QueryError("The '{' at line 2, column 11 is never closed.").place
        (2, 11)
        """
        found = re.search(r"line (\d+), column (\d+)", str(self))
        return (int(found[1]), int(found[2])) if found else None


class Refused(QueryError):
    """The query asks for what this endpoint does not do."""

    status = 403


class TooLarge(QueryError):
    """The query or its answer is over a limit, which the message names."""

    status = 413


class TimedOut(QueryError):
    """The query ran into its deadline and was stopped."""

    status = 503


class Busy(QueryError):
    """Every worker is taken and the queue is full."""

    status = 503


class Cancelled(QueryError):
    """The query was stopped by its operator, or since whoever asked has gone."""

    status = 503


class RemoteFailed(QueryError):
    """Another server, which the query asks by SERVICE, gave no answer; the message names it and what it said."""

    status = 502


class EngineFailed(QueryError):
    """The process that answered the query ended before the answer was whole."""

    status = 503
