"""How to cite the data set, as a citation file: https://citation-file-format.github.io/"""

from pathlib import Path

import yaml

from mikg.description.dataset import ABSTRACT, KEYWORDS, MAKER, TITLE, made
from mikg.namespaces import BASE, RELEASE


def cff(folder: Path, address: str) -> str:
    """Return the citation file of the release in a folder, as served at `address`."""
    facts = {
        "cff-version": "1.2.0",
        "type": "dataset",
        "message": "Cite the data set with its release, and the passages that an answer rests on.",
        "title": TITLE,
        "abstract": ABSTRACT.strip(),
        "authors": [{"name": MAKER}],
        "version": folder.name,
        "date-released": made(folder)[:10],
        "identifiers": [{"type": "url", "value": RELEASE + folder.name, "description": "The release that was asked."}],
        "url": BASE,
        "repository": address,
        "license": "CC-BY-4.0",
        "keywords": list(KEYWORDS),
    }
    return yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=120)
