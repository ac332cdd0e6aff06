"""The house keeps its order: imports go down, the README tells the truth, nothing names this machine."""

import ast
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from mikg import settings
from mikg.engine import Query

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/mikg"
FLOORS = (
    {"errors", "namespaces"},
    {"findings", "inventory", "settings", "spelling"},
    {"engine", "sources"},
    {"answers"},
    {
        "citations",
        "doctor",
        "downloads",
        "evidence",
        "graphs",
        "hygiene",
        "labels",
        "layout",
        "loads",
        "mappings",
        "provenance",
        "publishing",
        "queries",
        "reach",
        "rules",
        "segmentation",
        "usage",
        "validation",
        "vocabulary",
    },
    {
        "checking",
        "choices",
        "cited",
        "counting",
        "description",
        "diagnosis",
        "disagreements",
        "documents",
        "drafting",
        "entities",
        "external",
        "extracts",
        "federation",
        "geography",
        "indicators",
        "network",
        "resources",
        "search",
        "ties",
        "timeline",
    },
    {"exploration", "reconciliation", "release"},
    {"loading"},
    {"api", "web"},
    {"cli"},
    {"__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_from_lower_floors_only(path):
    own = room(path)
    assert own in FLOOR, f"give {own} a floor"
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "mikg":
            names = [node.module.split(".")[1]] if "." in node.module else [alias.name for alias in node.names if alias.name in FLOOR]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("mikg.")]
        for name in names:
            assert name == own or FLOOR[name] < FLOOR[own], f"{path.name} imports {name}, which is not below it"


def test_what_answers_a_query_loads_no_rdf_library(made):
    code = (
        "import sys; from pathlib import Path; from mikg import release, settings; from mikg.engine import Query; from mikg.engine.embedded import Pool;"
        f"chosen = settings.Settings(releases=Path({str(made.releases)!r})); release.current(chosen); pool = Pool(chosen);"
        "pool.query(Query('ASK {}')); pool.close();"
        "print(sorted({'rdflib', 'pyshacl', 'networkx', 'flask', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_names_a_path_of_a_machine_or_a_registry():
    pattern = re.compile(r"(?<![\w/.-])/(?:work|root|home)/\w|index-url|registry\.npmjs|pypi\.org", re.IGNORECASE)
    for path in tracked():
        if path.suffix in {".png", ".gz"} or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            assert not pattern.search(line), f"{path.relative_to(ROOT)}:{number}"


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_paths_that_the_readme_names_exist():
    named = set(re.findall(r"`((?:ontology|graph|src|queries|tests|\.ci)/[\w./-]*)`", README))
    assert named
    for name in named:
        assert (ROOT / name.rstrip("/")).exists(), name


def test_the_questions_that_the_readme_asks_exist():
    asked = set(re.findall(r"mikg ask ([\w-]+)", README)) | set(re.findall(r'mikg\.ask\("([\w-]+)"', README))
    assert asked
    for name in asked:
        assert (ROOT / "queries" / f"{name}.rq").is_file(), name


def test_the_commands_that_the_readme_names_exist():
    from mikg.cli import main

    for name in set(re.findall(r"^(?:\$ )?(?:\.venv/bin/)?mikg (\w+)", README, re.MULTILINE)):
        assert name in main.commands, name


def test_the_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, re.MULTILINE)) <= targets


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_readme_do_what_it_says(made, tmp_path):
    (tmp_path / "my-query.rq").write_text("SELECT * { } LIMIT 1")
    commands = re.findall(r"^\$ (mikg .+)$", "\n".join(blocks("console")), re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        done = subprocess.run([sys.executable, "-m", *shlex.split(command)], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout


def test_the_answers_that_the_readme_shows_are_those_of_the_server(server):
    (shown,) = [block for block in blocks("console") if "curl" in block]
    path, answer = re.search(r"^\$ curl -s 'localhost:8000/(\S+)'\n(.*)", shown, re.MULTILINE | re.DOTALL).groups()
    assert server.ask(path).text.replace("\r\n", "\n") == answer


def test_the_queries_of_the_readme_have_an_answer(pool):
    assert blocks("sparql")
    for text in blocks("sparql"):
        assert b"passage" in pool.query(Query(text, results="text/csv")).body


def test_the_python_of_the_readme_runs(made):
    for text in blocks("python"):
        exec(compile(text, "README.md", "exec"), {})


def test_every_setting_stands_in_the_readme():
    for each in fields(settings.Settings):
        assert f"MIKG_{each.name.upper()}" in README


@pytest.mark.parametrize(
    "given", [{"MIKG_DEADLINE": "0.5"}, {"MIKG_PORT": "0"}, {"MIKG_DOCUMENTS": "~/texts"}, {"MIKG_HOST": "::1"}], ids=str
)
def test_a_setting_is_read_from_the_environment(given):
    ((name, value),) = given.items()
    chosen = getattr(settings.load(given), name.removeprefix("MIKG_").lower())
    assert str(chosen) == str(Path(value).expanduser()) if name == "MIKG_DOCUMENTS" else str(chosen) == value
