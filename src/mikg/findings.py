"""What a check finds: where, about which node, by which rule, and how to mend it."""

from dataclasses import dataclass

from mikg import namespaces


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend. `line` counts from 1, 0 where no line is known; `rule` is a CURIE or a check's name."""

    file: str
    line: int
    node: str
    rule: str
    message: str
    severity: str = "violation"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file else "(no file)"
        return f"{place}: {self.severity}: {namespaces.shorten(self.node)}: {self.message} [{self.rule}]"
