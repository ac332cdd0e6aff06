"""The releases that are there as versions of the data set: https://www.w3.org/TR/vocab-dcat-3/#dataset-versions"""

from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from mikg import downloads
from mikg.description.dataset import ABSTRACT, LICENCE, MAKER, TITLE, distribution, made
from mikg.description.statistics import DATASET
from mikg.description.triples import Triples, text, typed
from mikg.namespaces import RELEASE


def describe(address: str, current: Path, known: Mapping[Path, Mapping]) -> Triples:
    """Return each release with its files and the one before it; `known` has their manifests by folder, the newest first."""
    whole = Triples()
    folders = list(known)
    for number, folder in enumerate(folders):
        node = RELEASE + folder.name
        whole.say(DATASET, dcat_hasVersion=node)
        whole.say(
            node,
            a="dcat:Dataset",
            dcterms_title=text(f"{TITLE}: release {folder.name}"),
            dcterms_description=text(ABSTRACT),
            dcterms_publisher=f"{DATASET}#makers",
            dcterms_license=LICENCE,
            dcterms_issued=typed(made(folder), "dateTime"),
            dcat_version=ox.Literal(folder.name),
            dcat_isVersionOf=DATASET,
        )
        whole.say(f"{DATASET}#makers", a="foaf:Agent", foaf_name=ox.Literal(MAKER))
        for file in downloads.FILES:
            if digest := known[folder].get("files", {}).get(file.name):
                place = f"{node}#file-{file.name}"
                whole.say(node, dcat_distribution=place)
                whole.say(place, dcat_accessURL=f"{address}downloads", dcat_downloadURL=f"{address}release/{folder.name}/{file.name}")
                distribution(whole, place, folder, file, digest)
        if number + 1 < len(folders):
            before = RELEASE + folders[number + 1].name
            whole.say(node, dcat_previousVersion=before)
            if folder == current:
                whole.say(DATASET, dcat_previousVersion=before)
    if current in known:
        whole.say(DATASET, dcat_hasCurrentVersion=RELEASE + current.name)
    return whole
