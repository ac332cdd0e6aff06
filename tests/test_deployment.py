"""The unit and the container file: what they name exists, and what can be tried here is."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from mikg import settings
from mikg.cli import main

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "src/mikg/deployment/mikg.service"
CONTAINER = ROOT / "Containerfile"


@pytest.mark.parametrize("path", [UNIT, CONTAINER], ids=lambda path: path.name)
def test_the_settings_and_commands_that_are_named_exist(path):
    text = path.read_text()
    known = {f"MIKG_{each.name.upper()}" for each in fields(settings.Settings)}
    assert set(re.findall(r"MIKG_[A-Z_]*[A-Z]", text)) <= known
    assert set(re.findall(r"bin/mikg (\w+)", text)) | set(re.findall(r'^CMD \["(\w+)"\]', text, re.MULTILINE)) <= set(main.commands)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_systemd_finds_no_fault_with_the_unit(tmp_path):
    unit = tmp_path / "mikg.service"
    unit.write_text(UNIT.read_text().replace("/opt/mikg/bin/mikg", shutil.which("true")))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "mikg.service" not in done.stderr


def test_the_steps_of_the_container_file_follow_one_another():
    steps = [line.split()[0] for line in CONTAINER.read_text().splitlines() if re.match(r"[A-Z]+ ", line)]
    assert steps.count("FROM") == 2
    assert steps.index("USER") < steps.index("ENTRYPOINT")
