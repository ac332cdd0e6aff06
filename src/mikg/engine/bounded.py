"""Answers that stop where a limit is: how many bytes and rows they have, counted while they are written."""

import re

from mikg.engine import RESULTS

# What stands once for each row in each format, strings aside; XML escapes it in them, and TSV its line ends.
MARKS = dict(zip(RESULTS, (b"},{", b"<result>", b"\r\n", b"\n"), strict=True))
# XML 1.0 cannot hold these, not even escaped: https://www.w3.org/TR/xml/#charsets
NOT_IN_XML = bytes(number for number in range(32) if number not in b"\t\n\r")
# How a row begins behind another one: within a string no quote stands behind the brace, unless it ends there.
ROW = re.compile(rb'\},\{(?="[^"\\]*":\{"type":)')
STRING = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)')  # the last may have no end yet


class TooManyBytes(Exception):
    """The answer has more bytes than are allowed."""


class TooManyRows(Exception):
    """The answer has more rows than are allowed."""


class NotInXml(Exception):
    """The answer has a character that XML cannot hold."""


class Bounded:
    """A file for the result format `media_type` that takes a number of bytes and of rows, and no more."""

    def __init__(self, most_bytes: int, most_rows: int, media_type: str = "") -> None:
        self.most_bytes, self.most_rows = most_bytes, most_rows
        self.size, self.parts = 0, []
        self._media_type = media_type
        self._mark = MARKS.get(media_type, b"")
        self._found = 0  # marks, those within strings with them
        self._end = b""  # the last bytes, in which a mark may have begun

    def write(self, data: bytes) -> int:
        data = bytes(data)
        self.size += len(data)
        if self.size > self.most_bytes:
            raise TooManyBytes
        self.parts.append(data)
        if self._mark:
            self._found += (self._end + data).count(self._mark)
            self._end = data[1 - len(self._mark) :] if len(self._mark) > 1 else b""
            # A head is a line too, and the first row of JSON has no mark.
            if self._found > self.most_rows + 1:
                self._found = rows(b"".join(self.parts), self._media_type)
                if self._found > self.most_rows:
                    raise TooManyRows
        return len(data)

    def flush(self) -> None:
        pass

    def whole(self) -> tuple[bytes, int]:
        """Return what was written, and how many rows that is, for a log: a string in which a mark stands may count too."""
        body = b"".join(self.parts)
        if self._found >= self.most_rows and rows(body, self._media_type) > self.most_rows:
            raise TooManyRows
        if self._media_type == RESULTS[0]:
            return body, self._found + (b'"bindings":[{' in body)
        return body, self._found - (self._media_type in RESULTS[2:])


def exact(body: bytes, media_type: str) -> bytes:
    """Return an answer as the format has it: the engine writes carriage returns in XML that no reader would see. `NotInXml` says it cannot be."""
    if media_type != RESULTS[1]:
        return body
    if len(body.translate(None, NOT_IN_XML)) < len(body):  # a sixth of the time of a pattern
        raise NotInXml
    return body.replace(b"\r", b"&#13;")


def rows(body: bytes, media_type: str) -> int:
    """Return how many rows a SELECT answer of the engine has, whole or so far; 0 for what is none.

    >>> rows(b'x\\r\\n"a\\r\\nb"\\r\\n', "text/csv")
    1
    """
    if media_type == RESULTS[0]:
        if b"},{}" not in body:  # nowhere a row without a value
            return sum(1 for _ in ROW.finditer(body)) + (b'"bindings":[{' in body)
        plain = STRING.sub(b"", body)
        return plain.count(MARKS[media_type]) + (b"[{" in plain)
    if media_type == RESULTS[2]:
        return max(0, sum(part.count(b"\r\n") for part in body.split(b'"')[::2]) - 1)
    found = body.count(MARKS[media_type]) if media_type in MARKS else 0
    return max(0, found - 1) if media_type == RESULTS[3] else found
