"""What a reader has pasted into a field, read as the thing that it means."""

from mikg.mappings import pages
from mikg.web.kept import per_release

elsewhere = per_release(pages.elsewhere)


def meant(text: str) -> str:
    """Return the CURIE of the thing of ours that an address or a term of another graph means; any other text as it is."""
    return pages.meant(text.strip(), elsewhere)
