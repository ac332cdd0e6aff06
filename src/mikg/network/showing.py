"""How a network shows itself in a notebook: a small drawing where it is small enough to be read, and its edges as a table."""

import math
from collections.abc import Collection, Mapping
from html import escape
from typing import Protocol

from mikg.namespaces import DOCUMENT, shorten

DRAWN = 40  # nodes of a drawing that can still be read
ROWS = 20
SIZE = 640
# One colour for each kind, dark enough on white.
COLOURS = {
    "country": "#2f6690",
    "person": "#9a4f25",
    "organisation": "#3f6a38",
    "event": "#9c3f58",
    "agreement": "#75600e",
    "programme": "#77508a",
}


class Drawn(Protocol):
    """What is drawn of a network."""

    nodes: tuple
    edges: tuple
    by_iri: Mapping
    projection: str

    def around(self, iri: str) -> Collection: ...


def svg(network: Drawn) -> str:
    """Return a drawing: the nodes in a ring, the most tied beside one another; nothing where there are too many to be read."""
    if not 0 < len(network.nodes) <= DRAWN:
        return ""
    order = sorted(network.nodes, key=lambda node: (-len(network.around(node.iri)), node.iri))
    middle, radius = SIZE / 2, SIZE / 2 - 150
    place = {}
    for number, node in enumerate(order):
        angle = 2 * math.pi * number / len(order)
        place[node.iri] = (middle + radius * math.cos(angle), middle + radius * math.sin(angle), angle)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" role="img" font-family="sans-serif" font-size="11">'
        f"<title>{escape(_caption(network))}</title>"
    ]
    for edge in network.edges:
        (x, y, _), (u, v, _) = place[edge.source], place[edge.target]
        dash = "" if edge.status == "asserted" else ' stroke-dasharray="4 3"'
        bend = f"{(x + u) / 2 * 0.6 + middle * 0.4:.1f} {(y + v) / 2 * 0.6 + middle * 0.4:.1f}"
        said = f"{network.by_iri[edge.source].name} – {edge.label} → {network.by_iri[edge.target].name}"
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}Q{bend} {u:.1f} {v:.1f}" fill="none" stroke="#869092"{dash}><title>{escape(said)}</title></path>'
        )
    for node in order:
        x, y, angle = place[node.iri]
        flipped = math.cos(angle) < 0
        turn = math.degrees(angle) + (180 if flipped else 0)
        words = node.name if len(node.name) <= 24 else node.name[:23] + "…"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS.get(node.kind, "#556067")}"><title>{escape(node.name)}</title></circle>'
            f'<text transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})" x="{-9 if flipped else 9}" dy=".35em" fill="#20282c"'
            f' text-anchor="{"end" if flipped else "start"}">{escape(words)}</text>'
        )
    return "".join([*parts, "</svg>"])


def html(network: Drawn) -> str:
    """Return the drawing, and a table of the first edges with their passages."""
    names = {node.iri: node.name for node in network.nodes}
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(cell)}</td>"
            for cell in (
                names[edge.source],
                edge.label,
                names[edge.target],
                edge.status,
                edge.start if edge.start == edge.end else f"{edge.start} – {edge.end}",
                ", ".join(shorten(each).removeprefix("doc:") if each.startswith(DOCUMENT) else shorten(each) for each in edge.passages),
            )
        )
        + "</tr>"
        for edge in network.edges[:ROWS]
    )
    heads = "".join(f"<th>{head}</th>" for head in ("source", "relation", "target", "status", "time", "passages"))
    more = f"<p>the first {ROWS} of {len(network.edges)} edges</p>" if len(network.edges) > ROWS else ""
    return (
        f"<p><b>{escape(_caption(network))}</b></p>{svg(network)}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"
    )


def _caption(network: Drawn) -> str:
    return f"{network.projection or 'network'}: {len(network.nodes)} things, {len(network.edges)} relations"
