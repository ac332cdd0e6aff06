"""The documents of the release in use, and the one that a request names."""

from flask import request
from flask_babel import gettext as _

from mikg import documents
from mikg.web.kept import per_release

every = per_release(documents.documents)


def asked(faults: list[str]) -> str:
    """Return the key of the document that the request names; one that is not there is left out and said."""
    key, known = request.args.get("document", "").strip(), [each.key for each in every()]
    if not key or key in known:
        return key
    faults.append(_("No document has the key “%(value)s”; it takes one of: %(offers)s.", value=key[:60], offers=", ".join(known)))
    return ""
