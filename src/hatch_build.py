"""Put the sources of the graph into the wheel, as mikg/_data; an editable install reads them where they are."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SourcesHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict) -> None:
        if self.target_name == "wheel" and version == "standard":
            for name in ("ontology", "graph", "queries"):
                build_data["force_include"][str(Path(self.root, name))] = f"mikg/_data/{name}"
