"""Each command is run as a user runs it, in a process of its own."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mikg.cli import main


@pytest.fixture
def mikg(made):
    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "MIKG_RELEASES": str(made.releases), **variables}
        return subprocess.run(
            [sys.executable, "-m", "mikg", *arguments], input=stdin, capture_output=True, text=True, env=environment, timeout=300
        )

    return run


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_command_has_help_with_an_example(mikg, name):
    done = mikg(name, "--help")
    assert done.returncode == 0
    assert f"Example: mikg {name}" in re.sub(r"\s+", " ", done.stdout)


def test_query_takes_a_text_a_file_or_standard_input(mikg, tmp_path):
    text = "SELECT ?x { VALUES ?x { 1 2 } } ORDER BY ?x"
    (tmp_path / "q.rq").write_text(text)
    outputs = [mikg("query", text), mikg("query", str(tmp_path / "q.rq")), mikg("query", "-", stdin=text)]
    assert {done.returncode for done in outputs} == {0}
    assert {done.stdout for done in outputs} == {"x\n-\n1\n2\n(2 rows)\n"}


@pytest.mark.parametrize(
    ("form", "begins"),
    [("table", "x"), ("csv", "x\r\n"), ("json", '{\n  "head"'), ("tsv", "?x\n"), ("xml", "<?xml")],
)
def test_query_prints_every_format(mikg, form, begins):
    done = mikg("query", "SELECT ?x { VALUES ?x { 1 } }", "--format", form)
    assert done.returncode == 0
    assert done.stdout.replace("\r\n", "\n").startswith(begins.replace("\r\n", "\n"))


def test_a_graph_is_printed_as_turtle_unless_another_format_is_named(mikg):
    text = "CONSTRUCT WHERE { <https://w3id.org/mikg/id/bitmap> a ?c }"
    assert "id:bitmap a mikg:Programme" in mikg("query", text).stdout
    assert "<https://w3id.org/mikg/id/bitmap>" in mikg("query", text, "--format", "nt").stdout


def test_a_form_that_holds_no_citations_is_refused_with_those_that_do(mikg):
    done = mikg("query", "SELECT ?x { ?x a ?y } LIMIT 1", "--cite", "--format", "xml")
    assert done.returncode == 2 and "--cite comes with --format table, csv or json" in done.stderr


def test_ask_takes_parameters_and_cites(mikg):
    done = mikg("ask", "agreements-of-a-country", "--country", "id:costa-rica", "--cite")
    assert done.returncode == 0
    assert "us-costa-rica-arrangement" in done.stdout
    assert "gist:" in done.stdout
    assert "rests on" in done.stdout
    cited = json.loads(mikg("ask", "agreements-of-a-country", "--country=costa-rica", "--cite", "--format", "json").stdout)
    assert cited["mikg:citations"]["passages"]


def test_questions_lists_them_and_searches(mikg):
    assert "agreements-of-a-country [--country id:panama]" in mikg("questions").stdout
    assert mikg("questions", "agreement").stdout.count("\n") < mikg("questions").stdout.count("\n")
    assert mikg("questions", "zzzz").returncode == 1


def test_segment_prints_a_skeleton(mikg, tmp_path):
    (tmp_path / "text.txt").write_text("A head\n\nIt rained. It stopped.\n")
    done = mikg("segment", str(tmp_path / "text.txt"), "a-text")
    assert done.returncode == 0
    assert "s:p2-s2" in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "ttl"])
def test_check_reports_in_every_format_and_exits_1_when_something_is_wrong(mikg, tree, form):
    root = tree(**{"ontology/mikg.ttl": "", "graph/entities.ttl": "@prefix id: <https://w3id.org/mikg/id/> . id:a id:b id:c ."})
    done = mikg("check", "--format", form, MIKG_SOURCES=str(root))
    assert done.returncode == 1
    assert "hygiene-typed" in done.stdout


def test_build_says_what_it_does_and_again_has_nothing_to_do(mikg, tree, tmp_path):
    root = tree(**{"ontology/mikg.ttl": "", "graph/entities.ttl": ""})
    first, second = (mikg("build", MIKG_SOURCES=str(root), MIKG_RELEASES=str(tmp_path / "releases")) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    assert "applying the rules" in first.stderr
    assert second.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "SELECT * {"], "line 1, column 10"),
        (["query", "nothing.rq"], "no file that can be read"),
        (["query", "ASK {}", "--format", "pdf"], "it takes one of"),
        (["query", "SELECT * { SERVICE <http://x/> {} }"], "Not done"),
        (["ask", "no-such-question"], "no question is called"),
        (["ask", "agreements-of-a-country", "--county", "id:panama"], "its parameters: country"),
        (["ask", "agreements-of-a-country", "--country", "a b"], "it takes an IRI"),
        (["ask", "agreements-of-a-country", "--country"], "has no value"),
        (["ask", "agreements-of-a-country", "stray"], "is not expected"),
        (["check", "--documents", "/no/such/folder"], "is no folder"),
        (["segment", "nothing.txt", "key"], "cannot be read"),
        (["segment", "pyproject.toml", "Not A Key"], "small letters"),
        (["serve", "--host", "no.such.host.invalid"], "is no address"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence_and_exit_code_2(mikg, arguments, said):
    done = mikg(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MIKG_PORT": "eighty"}, "MIKG_PORT is 'eighty'"),
        ({"MIKG_ADDRESS": "mikg.example.org"}, "MIKG_ADDRESS is 'mikg.example.org'; it takes http://"),
        ({"MIKG_ADDRESS": "https://example.org/mikg/"}, "and a host, and no path"),
        ({"MIKG_DEADLINE": "-1"}, "MIKG_DEADLINE"),
        ({"MIKG_SOURCES": "/nowhere"}, "no RDF file was found"),
        ({"MIKG_RELEASES": "/proc/nowhere"}, "cannot be written"),
        ({"MIKG_DOCUMENTS": "/nowhere"}, "is no folder"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence_and_exit_code_2(mikg, variables, said):
    done = mikg("serve", "--port", "0", **variables)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_sentence_and_exit_code_2(mikg):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = mikg("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "is in use already; choose another with --port" in done.stderr


def test_a_broken_file_is_one_sentence_with_its_line_and_exit_code_2(mikg, tree, tmp_path):
    root = tree(**{"graph/entities.ttl": "@prefix id: <https://w3id.org/mikg/id/> .\nid:a id:b\n"})
    done = mikg("serve", "--port", "0", MIKG_SOURCES=str(root), MIKG_RELEASES=str(tmp_path / "none"))
    assert done.returncode == 2
    assert "graph/entities.ttl:2" in done.stderr or "graph/entities.ttl:3" in done.stderr


def test_the_server_stops_at_a_signal_and_leaves_no_worker(made, serve):
    running = serve(made.releases)
    assert running.ask("health").status == 200
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    assert running.stop() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
