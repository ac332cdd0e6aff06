"""The media types of requests and answers, as HTTP headers have them."""

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


def content_type(media_type: str) -> str:
    """Return the header of an answer.

    >>> content_type("text/csv")
    'text/csv; charset=utf-8'
    """
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
