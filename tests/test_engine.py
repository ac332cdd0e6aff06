"""The pool: deadlines that stop, memory that ends, crashes that cost one query."""

import functools
import itertools
import json
import os
import random
import signal
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import has_ended, until

from mikg.engine import RESULTS, Query, bounded
from mikg.engine.embedded import Pool
from mikg.engine.ordering import ordered
from mikg.engine.processes import gone
from mikg.errors import Busy, Cancelled, EngineFailed, QueryError, Refused, ReleaseError, TimedOut, TooLarge
from mikg.namespaces import GRAPH

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def hasty(made):
    pool = Pool(replace(made, deadline=3.0, workers=2, queue=2, worker_memory=300 << 20))
    yield pool
    pool.close()


def rows(pool: Pool, text: str, **options) -> list[dict]:
    return json.loads(pool.query(Query(text, **options)).body)["results"]["bindings"]


@pytest.mark.parametrize(
    "query",
    [
        ENDLESS,
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a LIMIT 1",
        "SELECT (SUM(?x * ?y) AS ?z) { VALUES ?x { 1 2 3 4 5 6 7 8 9 } VALUES ?y { 1 2 3 4 5 6 7 8 9 } ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'x') }",
    ],
    ids=["aggregate", "order", "sum", "filter"],
)
def test_a_query_is_stopped_at_its_deadline_whatever_it_does(hasty, query):
    with pytest.raises((TimedOut, EngineFailed)) as caught:
        hasty.query(Query(query))
    assert "Ask for less" in str(caught.value)
    assert rows(hasty, "SELECT * { } LIMIT 1") == [{}]


@pytest.mark.parametrize("media_type", RESULTS)
def test_an_answer_has_as_many_rows_as_it_may_and_no_more(made, media_type):
    odd = r"""'},{"<result>\r\n "'"""  # a string that looks like the ends of rows
    pool = Pool(replace(made, answer_rows=1000))
    try:
        for text in (
            f"SELECT ?x ?y {{ VALUES ?y {{ {odd} }} ?s ?p ?x }} LIMIT {{}}",
            f"SELECT ?none ?y {{ VALUES ?y {{ {odd} }} ?s ?p ?x }} LIMIT {{}}",
        ):
            whole = pool.query(Query(text.replace("{}", "1000"), results=media_type))
            assert bounded.rows(whole.body, media_type) == 1000
            with pytest.raises(TooLarge, match="more than 1000 rows"):
                pool.query(Query(text.replace("{}", "1001"), results=media_type))
        for few in range(3):
            answer = pool.query(Query(f"SELECT * {{ ?s ?p ?o }} LIMIT {few}", results=media_type))
            assert bounded.rows(answer.body, media_type) == answer.rows == few
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?s ?p ?o } LIMIT 1", "s,p,o"),
        ("PREFIX select: <x:> select distinct*{ $z ?y ?x BIND(1 AS ?a) } LIMIT 1", "z,y,x,a"),
        ("SELECT # all\n * { ?s ?p ?o } LIMIT 1", "s,p,o"),
        (
            "SELECT REDUCED * { ?s ?p ?o { SELECT ?s (COUNT(*) AS ?n) { ?s ?hidden ?b } GROUP BY ?s } MINUS { ?s ?p ?none } } LIMIT 1",
            "s,p,o,n",
        ),
        ("SELECT ?p ?o { { SELECT * { ?s ?p ?o } } } LIMIT 1", "p,o"),
        ("SELECT * {} VALUES (?b ?a) { (1 2) }", "b,a"),
        ("SELECT * {}", ""),
    ],
)
def test_all_columns_come_in_the_order_in_which_they_are_written(pool, query, columns):
    for results in RESULTS:
        answer = pool.query(Query(query, results=results))
        head = answer.body.decode().split("\n")[0].strip()
        if results == "text/csv":
            assert head == columns
        elif results == "text/tab-separated-values":
            assert head.replace("?", "").split("\t") == columns.split(",")
        elif results == "application/sparql-results+json":
            assert json.loads(answer.body)["head"].get("vars", []) == [name for name in columns.split(",") if name]


def test_a_graph_has_as_many_triples_as_it_may_and_no_more(made):
    pool = Pool(replace(made, answer_rows=1000))
    try:
        assert pool.query(Query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1000")).rows <= 1000
        with pytest.raises(TooLarge, match="more than 1000 rows"):
            pool.query(Query("CONSTRUCT WHERE { ?s ?p ?o }"))
    finally:
        pool.close()


def test_the_process_of_a_stopped_query_is_gone(hasty):
    hasty.query(Query("ASK {}"))
    (worker,) = hasty._idle
    with pytest.raises(TimedOut):
        hasty.query(Query(ENDLESS))
    with pytest.raises(ProcessLookupError):
        os.kill(worker.process, 0)


def test_a_query_that_eats_memory_ends_its_own_process_only(made):
    pool = Pool(replace(made, deadline=30.0, workers=1, worker_memory=150 << 20))
    with pytest.raises(EngineFailed, match="150 MiB"):
        pool.query(Query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?d"))
    assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
    pool.close()


def mixed() -> str:
    """Return numbers, texts and dates of which the engine takes some for larger than one another, round in a circle."""
    draw, day = random.Random(0), "^^<http://www.w3.org/2001/XMLSchema#date>"
    return " ".join(
        draw.choice(
            [
                f"{draw.randint(1, 100)}",
                f"'{draw.randint(1, 100)}'",
                f"'x{draw.randint(1, 100)}'@en",
                f"'20{draw.randint(10, 30)}-01-{draw.randint(10, 28)}'{day}",
            ]
        )
        for _ in range(300)
    )


@pytest.mark.parametrize("by", ["?o", "DESC(?o)", "(?o)", "COALESCE(?o, 1)"])
def test_what_the_engine_has_no_order_for_is_sorted_by_type_and_then_by_value(pool, by):
    query = f"SELECT ?o {{ VALUES ?o {{ {mixed()} }} }} ORDER BY {by}"
    before = pool.load().ended
    terms = [row["o"] for row in rows(pool, query)]
    assert pool.load().ended > before, "the engine sorts by itself: nothing need be done for it any more"
    assert len(terms) == 300
    kinds = [kind for kind, _ in itertools.groupby(term["type"] + term.get("datatype", "") + term.get("xml:lang", "") for term in terms)]
    assert len(kinds) == 4
    numbers = [int(term["value"]) for term in terms if term.get("datatype", "").endswith("integer")]
    assert numbers == sorted(numbers, reverse="DESC" in by)
    begun = pool.begin(query, "SELECT", RESULTS[0])
    assert [row["o"] for row in json.loads(pool.wait(begun).body)["results"]["bindings"]] == terms


@pytest.mark.parametrize(
    "by",
    [
        "?s ASC(?o)DESC(?p) # ?s\n",
        "EXISTS { ?s ?p ?o } NOT EXISTS { ?o ?p ?s FILTER(?o > 1) }",
        "STRLEN(STR(?o)) desc(?o = 1) LIMIT 7 OFFSET 2",
        "<http://www.w3.org/2001/XMLSchema#integer>(?o) xsd:string(?s) OFFSET 2 LIMIT 7",
        "(?o + 1)(?s)$p VALUES ?p { rdfs:label skos:prefLabel }",
    ],
)
def test_a_query_that_sorts_by_type_first_gives_the_same_solutions(pool, by):
    head = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    for text in (
        f"SELECT ?s ?p ?o {{ ?s a <https://w3id.org/mikg/ontology#Country> ; ?p ?o }} ORDER BY {by}",
        f"SELECT ?s (COUNT(*) AS ?n) {{ {{ SELECT * {{ ?s a <https://w3id.org/mikg/ontology#Country> ; ?p ?o }} ORDER BY {by} }} }} GROUP BY ?s ORDER BY COUNT(*) ?s",
    ):
        changed = ordered(head + text)
        assert changed.count("isNumeric") > text.count("ORDER BY")
        if "LIMIT" not in by:
            plain, other = (sorted(map(json.dumps, rows(pool, each))) for each in (head + text, changed))
            assert plain == other
        else:
            assert len(rows(pool, changed)) == len(rows(pool, head + text))


def test_a_worker_that_dies_while_idle_is_replaced_unseen(hasty):
    hasty.query(Query("ASK {}"))
    idle = hasty._idle[0].process
    os.kill(idle, signal.SIGKILL)
    until(lambda: has_ended(idle))
    assert rows(hasty, "SELECT * { } LIMIT 1") == [{}]


@pytest.mark.parametrize("looked", [False, True], ids=["waited for", "looked at"])
def test_a_worker_that_dies_before_it_reads_a_query_is_replaced_unseen(hasty, looked):
    hasty.query(Query("ASK {}"))
    idle = hasty._idle[0].process
    os.kill(idle, signal.SIGSTOP)
    begun = hasty.begin("ASK {}", "ASK", "text/csv")
    os.kill(idle, signal.SIGKILL)
    if looked:
        with pytest.raises(EOFError):
            until(begun.worker.arrived)
    answer = hasty.wait(begun)
    assert (answer.media_type, answer.form, answer.body.split()) == ("text/csv", "ASK", [b"true"])


def test_a_worker_that_is_cancelled_before_it_reads_a_query_is_not_replaced(hasty):
    hasty.query(Query("ASK {}"))
    os.kill(hasty._idle[0].process, signal.SIGSTOP)
    begun = hasty.begin("ASK {}", "ASK", "text/csv")
    assert hasty.cancel(begun.number)
    with pytest.raises(Cancelled):
        hasty.wait(begun)


def test_a_store_that_cannot_be_opened_says_what_to_do(made, tmp_path):
    broken = tmp_path / "releases" / "x"
    (broken / "store").mkdir(parents=True)
    (broken / "store" / "CURRENT").write_text("nonsense")
    (broken / "manifest.json").write_text('{"graphs": {}}')
    (tmp_path / "releases" / "current").symlink_to("x")
    pool = Pool(replace(made, releases=tmp_path / "releases"))
    with pytest.raises(ReleaseError, match="mikg build --force"):
        pool.query(Query("ASK {}"))
    pool.close()


def test_a_worker_outlives_the_thread_that_asked_first(hasty):
    thread = threading.Thread(target=lambda: hasty.query(Query("ASK {}")))
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert hasty._idle[0].alive()


def test_when_all_workers_and_the_queue_are_full_the_next_is_told_so(hasty):
    outcomes = []

    def ask() -> None:
        try:
            hasty.query(Query(ENDLESS))
        except QueryError as fault:
            outcomes.append(type(fault))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Busy in outcomes
    assert TimedOut in outcomes
    assert rows(hasty, "SELECT * { } LIMIT 1") == [{}]


def test_an_answer_over_the_limit_is_refused_whole(made):
    pool = Pool(replace(made, answer_bytes=10_000))
    with pytest.raises(TooLarge, match="10000 bytes"):
        pool.query(Query("SELECT * { ?s ?p ?o }"))
    pool.close()


def test_a_worker_can_open_no_connection_whatever_the_query_says(pool):
    """Past the guard, straight to the worker: the engine itself is not allowed to reach a server that is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        query = {
            "query": f"SELECT * {{ SERVICE <http://127.0.0.1:{listener.getsockname()[1]}/> {{ ?s ?p ?o }} }}",
            "base": "http://x/",
            "media_type": RESULTS[0],
            "max_bytes": 1000,
            "max_rows": 1000,
        }
        header, *_ = pool._run(json.dumps(query).encode())
        assert header["fault"] == "evaluation"
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    "clause", ["FROM <file:///etc/passwd>", "FROM NAMED <http://127.0.0.1:1/x>", "FROM <http://example.org/> FROM <http://a.example/>"]
)
def test_a_graph_from_elsewhere_is_refused(pool, clause):
    with pytest.raises(Refused, match="names no graph of this endpoint"):
        pool.query(Query(f"SELECT * {clause} {{ ?s ?p ?o }}"))


def test_two_default_graphs_are_merged_without_duplicates(pool):
    twice = "SELECT ?a ?b { GRAPH ?a { ?s ?p ?o } GRAPH ?b { ?s ?p ?o } FILTER(STR(?a) < STR(?b)) } LIMIT 1"
    pair = [term["value"] for term in rows(pool, twice)[0].values()]
    count = "SELECT (COUNT(*) AS ?n) {clause} {{ ?s ?p ?o }}"
    distinct = (
        f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT ?s ?p ?o {{ VALUES ?g {{ <{pair[0]}> <{pair[1]}> }} GRAPH ?g {{ ?s ?p ?o }} }} }}"
    )
    merged = count.format(clause=" ".join(f"FROM <{graph}>" for graph in pair))
    assert rows(pool, merged) == rows(pool, distinct) == rows(pool, count.format(clause=""), default_graphs=tuple(pair))


def test_the_protocol_s_graphs_win_over_those_of_the_query(pool):
    entities, curation = GRAPH + "entities", GRAPH + "curation"
    asked = f"SELECT ?g FROM NAMED <{curation}> {{ GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
    assert [row["g"]["value"] for row in rows(pool, asked)] == [curation]
    assert [row["g"]["value"] for row in rows(pool, asked, named_graphs=(entities,))] == [entities]
    assert rows(pool, asked, default_graphs=(entities,)) == []


def test_a_value_enters_as_a_binding_and_never_as_text(pool):
    evil = 'x" } INSERT DATA { <a> <b> <c> } #'
    asked = Query("SELECT ?given { BIND(?text AS ?given) }", bindings={"text": {"type": "literal", "value": evil}})
    assert json.loads(pool.query(asked).body)["results"]["bindings"] == [{"given": {"type": "literal", "value": evil}}]


def test_a_syntax_error_gives_line_column_and_the_line_itself(pool):
    with pytest.raises(QueryError, match=r"line 2, column \d+") as caught:
        pool.query(Query("SELECT * {\n  ?s ?p }"))
    assert "?s ?p }" in str(caught.value)


def test_a_worker_has_no_descriptor_for_the_store_of_another_and_ends_with_its_parent(made):
    import subprocess
    import sys

    code = (
        "import sys, time, os; from pathlib import Path; from mikg.engine import Query; from mikg.engine.embedded import Pool; from mikg.settings import Settings;"
        f"pool = Pool(Settings(releases=Path({str(made.releases)!r}))); pool.query(Query('ASK {{}}'));"
        "print(pool._idle[0].process, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    until(lambda: has_ended(int(done.stdout)))


def test_a_small_release_is_copied_into_memory_and_a_large_one_is_read_from_disk(made):
    for limit, copied in ((10**9, b"1"), (10, b"0")):
        pool = Pool(replace(made, memory_quads=limit, workers=1))
        assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
        until(functools.partial(_last_argument, pool), copied.__eq__)
        assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
        pool.close()


def _last_argument(pool: Pool) -> bytes:
    return Path(f"/proc/{pool._zygotes[-1].process.pid}/cmdline").read_bytes().rstrip(b"\0").rpartition(b"\0")[2]


def test_a_running_query_is_listed_and_can_be_stopped(made):
    pool = Pool(replace(made, workers=1))
    caught = []

    def ask() -> None:
        try:
            pool.query(Query(ENDLESS))
        except QueryError as fault:
            caught.append(fault)

    thread = threading.Thread(target=ask)
    thread.start()
    running = until(pool.running)
    assert running[0].text == ENDLESS
    assert pool.cancel(running[0].number)
    thread.join()
    assert type(caught[0]) is Cancelled
    assert not pool.cancel(running[0].number)
    assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
    pool.close()


def test_starting_the_workers_keeps_none_from_whoever_asks(made):
    pool = Pool(replace(made, workers=2, deadline=3600.0, memory_quads=0))

    def ask() -> None:
        with pytest.raises(Cancelled):
            pool.query(Query(ENDLESS))

    thread = threading.Thread(target=ask)
    thread.start()
    (running,) = until(pool.running)
    pool.warm()  # does not wait for the one that is taken
    assert (pool.load().busy, len(pool._idle)) == (1, 1)
    assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
    pool.cancel(running.number)
    thread.join()
    pool.close()


def test_a_query_ends_when_whoever_asked_has_gone(made):
    pool = Pool(replace(made, workers=1, deadline=3600.0))
    left = threading.Event()
    token = gone.set(left.is_set)
    threading.Thread(target=lambda: until(pool.running) and left.set()).start()
    with pytest.raises(Cancelled, match="has gone"):
        pool.query(Query(ENDLESS))
    gone.reset(token)
    assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
    pool.close()


def test_when_the_process_that_forks_is_ended_another_takes_its_place(made):
    pool = Pool(replace(made, workers=1, memory_quads=0))
    pool.query(Query("ASK {}"))
    forking = pool._zygotes[-1].process.pid
    os.kill(forking, signal.SIGKILL)
    until(lambda: has_ended(forking))
    assert rows(pool, "SELECT * { } LIMIT 1") == [{}]
    pool.close()


def test_a_worker_is_replaced_after_its_share_of_queries(made, monkeypatch):
    monkeypatch.setattr("mikg.engine.workers.RECYCLED", 3)
    pool = Pool(replace(made, workers=1, memory_quads=0))
    processes = []
    for _ in range(6):
        pool.query(Query("ASK {}"))
        processes += [worker.process for worker in pool._idle]
    assert len(set(processes)) == 2
    pool.close()
