"""What an address asks for and a page does not heed: said on the page, so that no parameter is passed over in silence."""

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict

from mikg.spelling import nearest

MOST = 5  # names that are told
ANYWHERE = ("lang", "theme")
FOREIGN = ("utm_", "fbclid", "gclid")  # what other sites hang on to an address


class Heeded(ImmutableMultiDict):
    """Parameters that remember which names were looked for.

    >>> given = Heeded([("find", "a"), ("pgae", "2")])
    >>> given.get("find"), given.getlist("page"), sorted(given.looked_for)
    ('a', [], ['find', 'page'])
    """

    @property
    def looked_for(self) -> set[str]:
        return self.__dict__.setdefault("_looked_for", set())

    def __getitem__(self, name: str) -> str:
        self.looked_for.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.looked_for.add(str(name))
        return super().__contains__(name)

    def getlist(self, name: str, type: object = None) -> list:
        self.looked_for.add(name)
        return super().getlist(name, type)

    def to_dict(self, flat: bool = True) -> dict:
        """Return all of them, which whoever asks for judges by themselves."""
        self.looked_for.update(self.keys())
        return super().to_dict(flat)


class Asked(Request):
    """A request that knows which of its parameters were heeded."""

    parameter_storage_class = Heeded


def register(app: Flask) -> None:
    """Offer `unheeded()` to the templates."""
    app.jinja_env.globals["unheeded"] = unheeded


def unheeded() -> list[tuple[str, str]]:
    """Return each parameter of the address that nothing looked for, with one that was looked for and is nearly called so, or nothing."""
    looked_for = request.args.looked_for
    unread = [name for name in request.args if name not in looked_for and name not in ANYWHERE and not name.startswith(FOREIGN)]
    return [(name[:60], next(iter(nearest(name, sorted(looked_for - {*ANYWHERE}), 1)), "")) for name in unread[:MOST]]
