"""The wheel holds program and graph: installed anywhere, it makes its release and answers."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run([*pip, "wheel", str(ROOT), "--no-deps", "--wheel-dir", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("mikg-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(made)], check=True, capture_output=True)
    return made


def test_the_wheel_holds_the_graph_and_no_scratch(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for expected in (
        "mikg/_data/ontology/mikg.ttl",
        "mikg/_data/graph/entities.ttl",
        "mikg/web/templates/home.html",
        "mikg/web/assets/css/app.css",
        "mikg/web/static/dist/style.css",
        "mikg/web/static/dist/THIRD-PARTY.txt",
    ):
        assert expected in names
    assert any(name.startswith("mikg/_data/queries/") for name in names)
    assert any(name.startswith("mikg/_data/ontology/rules/") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith("hatch_build.py")]


def test_an_installed_mikg_answers_from_an_empty_folder(wheel, tmp_path):
    environment = {"PATH": os.defpath, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(wheel.parent / "site")}
    command = [sys.executable, "-m", "mikg", "ask", "agreements-of-a-country", "--country", "id:costa-rica", "--format", "csv"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "us-costa-rica-arrangement" in done.stdout
    assert list((tmp_path / "home").rglob("manifest.json"))
    assert not list(tmp_path.glob("*.ttl"))
