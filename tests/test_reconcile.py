"""The reconciliation service: by the official schemas, by an independent client, and by what people's tables hold."""

import json
import os
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from mikg import release, search, spelling
from mikg.labels import Labels
from mikg.reconciliation import Condition, Question, match
from mikg.reconciliation.matching import KINDS_MATCHED
from mikg.reconciliation.vocabulary import identifier, resolved

SCHEMAS = Path(os.environ.get("MIKG_CONFORMANCE") or Path(__file__).parents[2] / "shared/conformance") / "reconciliation"
official = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official schemas are not at hand (MIKG_CONFORMANCE)")
DRAFT = "reconcile/1.0-draft"


def batch(server, queries: dict) -> dict:
    answer = server.ask("reconcile", urlencode({"queries": json.dumps(queries)}).encode())
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def first(server, text: str, **more) -> dict | None:
    result = batch(server, {"q": {"query": text, **more}})["q"]["result"]
    return result[0] if result else None


def post(server, path: str, body: object):
    return server.ask(path, json.dumps(body).encode(), Content_Type="application/json")


def fault(version: str, schema: str, body: object) -> str:
    """What a schema has against a body; nothing where it conforms."""
    from jsonschema import Draft7Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    folder = SCHEMAS / version / "schemas"
    resources = [DRAFT7.create_resource(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
    registry = Registry().with_resources((each.id(), each) for each in resources if each.id())
    validator = Draft7Validator(json.loads((folder / f"{schema}.json").read_text()), registry=registry)
    return "; ".join(f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(body))


QUERY = {
    "query": "Panama",
    "type": "Country",
    "limit": 3,
    "properties": [{"pid": "iso3166Alpha3", "v": ["PAN", "CAN"]}, {"pid": "memberOf", "v": {"id": "gafilat"}}],
}
DRAFT_QUERY = {
    "type": "Country",
    "limit": 3,
    "conditions": [
        {"matchType": "name", "propertyValue": "Panamá"},
        {"matchType": "property", "propertyId": "iso3166Alpha3", "propertyValue": "PAN", "required": True},
    ],
}
VALUES = {
    "ids": ["panama", "colombia", "nobody"],
    "properties": [{"id": name} for name in ("memberOf", "areaInSquareKilometres", "spokenOfIn", "prefLabel", "skos:prefLabel")],
}


def answers(server) -> list[tuple[str, str, object]]:
    """A whole session with each version: version, schema, answer."""

    def got(path: str) -> object:
        answer = server.ask(path)
        assert answer.status == 200, (path, answer.text)
        return json.loads(answer.text)

    form = urlencode({"extend": json.dumps(VALUES)}).encode()
    old = [
        ("manifest", got("reconcile")),
        ("reconciliation-result-batch", batch(server, {"a": QUERY, "b": {"query": "zzzz"}, "c": {"query": "Colombia"}})),
        ("reconciliation-result-batch", got("reconcile?" + urlencode({"queries": json.dumps({"a": QUERY})}))),
        ("data-extension-response", json.loads(server.ask("reconcile", form).text)),
    ]
    new = [
        ("manifest", got(DRAFT)),
        ("reconciliation-result-batch", json.loads(post(server, f"{DRAFT}/match", {"queries": [DRAFT_QUERY, DRAFT_QUERY]}).text)),
        ("data-extension-response", json.loads(post(server, f"{DRAFT}/extend", VALUES).text)),
    ]
    shared = [
        ("suggest-entities-response", "suggest/entity?prefix=pan"),
        ("suggest-types-response", "suggest/type?prefix="),
        ("suggest-properties-response", "suggest/property?prefix=member&limit=5"),
        ("data-extension-property-proposal", "extend/propose?type=Country&limit=7"),
    ]
    old += [(schema, got(f"reconcile/{path}")) for schema, path in shared]
    new += [(schema, got(f"{DRAFT}/{path}")) for schema, path in shared]
    return [("0.2", *each) for each in old] + [("1.0-draft", *each) for each in new]


@official
@pytest.mark.conformance
def test_every_answer_fits_the_official_schema(server):
    session = answers(server)
    assert len(session) == 15
    assert {(version, schema): said for version, schema, body in session if (said := fault(version, schema, body))} == {}


@official
@pytest.mark.conformance
@pytest.mark.parametrize("version", ["0.2", "1.0-draft"])
def test_the_official_examples_of_queries_are_answered_and_the_wrong_ones_refused(server, version):
    folder = SCHEMAS / version / "examples/reconciliation-query-batch"
    for path in sorted(folder.glob("*/*.json")):
        text = path.read_text()
        if version == "0.2":
            answer = server.ask("reconcile", urlencode({"queries": text}).encode())
        else:
            answer = server.ask(f"{DRAFT}/match", text.encode(), Content_Type="application/json")
        assert answer.status == (200 if path.parent.name == "valid" else 400), (path.name, answer.text[:300])
        if answer.status == 200:
            assert fault(version, "reconciliation-result-batch", json.loads(answer.text)) == "", path.name


@official
@pytest.mark.conformance
@pytest.mark.parametrize("version", ["0.2", "1.0-draft"])
def test_the_schemas_do_refuse_what_is_wrong(version):
    assert fault(version, "manifest", {"name": "x"})
    assert fault(version, "reconciliation-result-batch", {"a": [], "results": {}})


def test_an_independent_client_matches_a_column(server):
    pandas = pytest.importorskip("pandas")
    reconciler = pytest.importorskip("reconciler")
    column = pandas.Series(["Panamá", "estados unidos", "Costa Rica", "Nicaragua"])
    found = reconciler.reconcile(column, type_id="Country", reconciliation_endpoint=server.url + "reconcile")
    assert dict(zip(found["input_value"], found["id"], strict=True)) == {
        "Panamá": "panama",
        "estados unidos": "united-states",
        "Costa Rica": "costa-rica",
        "Nicaragua": "nicaragua",
    }
    assert found["match"].all()


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Panama", "panama"),
        ("PANAMÁ", "panama"),
        ("Панама", "panama"),
        ("República de Colombia", "colombia"),
        ("Estados Unidos", "united-states"),
        ("States, United", "united-states"),
        ("États-Unis", "united-states"),
        ("Vereinigte Staaten", "united-states"),
        ("Colômbia", "colombia"),
        ("کلمبیا", "colombia"),
        ("République dominicaine", "dominican-republic"),
        ("الأمم المتحدة", "united-nations"),
        ("ACNUR", "unhcr"),
        ("Anthony Blinken", "antony-blinken"),
        ("Blinken, Antony", "antony-blinken"),
        ("id:panama", "panama"),
        ("https://w3id.org/mikg/id/panama", "panama"),
    ],
)
def test_a_name_however_written_is_matched(server, text, id):
    found = first(server, text)
    assert (found["id"], found["match"]) == (id, True)


@pytest.mark.parametrize("text", ["panana", "Ministry of Foreign Affairs", "Panam", "Guinea-Bissau", "Minister", "US dollar bill"])
def test_what_is_only_like_a_name_is_offered_and_not_matched(server, text):
    found = first(server, text)
    assert found is None or not found["match"]


def test_two_things_of_one_name_are_not_matched_unseen(tmp_path):
    from mikg.search.index import Name, Record, write

    class Unasked:
        """No question here has conditions, so the graph is not asked."""

    base = "https://w3id.org/mikg/id/"
    write(
        tmp_path,
        [
            Record(f"{base}san-jose-{each}", "place", [Name("San José", "name", "es")], {}, [f"https://w3id.org/mikg/ontology#{each}"])
            for each in ("City", "Region")
        ],
    )
    searcher = search.finding.opened(tmp_path)
    both, one = match(searcher, Unasked(), Unasked(), [Question("San Jose"), Question("San Jose", ("City",))])
    assert [candidate.match for candidate in both] == [False, False]
    assert [(candidate.hit.iri, candidate.match) for candidate in one] == [(base + "san-jose-City", True)]


def test_a_code_counts_where_the_type_is_known(server):
    assert first(server, "PAN", type="Country")["id"] == "panama"
    assert first(server, "PAN", type="Country")["match"]
    assert not first(server, "PAN")["match"]


def test_a_type_sifts_and_a_soft_one_only_counts(server):
    assert first(server, "Panama", type="Person") is None
    assert first(server, "Panama", type="NoSuchType") is None
    soft = first(server, "Panama", type="Person", type_strict="should")
    assert (soft["id"], soft["match"]) == ("panama", False)
    assert {"id": "type", "value": False} in soft["features"]


def test_what_else_the_table_says_moves_the_score_and_shows_as_a_feature(server):
    agrees, differs = (first(server, "Panama", properties=[{"pid": "iso3166Alpha3", "v": code}]) for code in ("PAN", "COL"))
    assert agrees["score"] > differs["score"]
    assert (agrees["match"], differs["match"]) == (True, False)
    assert {"id": "property:iso3166Alpha3", "value": 100.0} in agrees["features"]
    assert {"id": "property:iso3166Alpha3", "value": 0.0} in differs["features"]


@pytest.mark.parametrize(
    "value", ["GAFILAT", "gafilat", {"id": "gafilat"}, {"id": "https://w3id.org/mikg/id/gafilat", "name": "x"}, ["nothing", "GAFILAT"]]
)
def test_a_property_takes_names_identifiers_and_several_values(server, value):
    found = first(server, "Panama", properties=[{"pid": "memberOf", "v": value}])
    assert found["match"]


def test_a_query_may_give_properties_and_no_name(server):
    found = batch(server, {"q": {"properties": [{"pid": "iso3166Alpha3", "v": "PAN"}]}})["q"]["result"]
    assert [each["id"] for each in found] == ["panama"]


def test_conditions_of_the_draft_sift_and_negate(server):
    def ids(*conditions) -> list[str]:
        answer = post(server, f"{DRAFT}/match", {"queries": [{"type": "Country", "limit": 50, "conditions": list(conditions)}]})
        return [each["id"] for each in json.loads(answer.text)["results"][0]["candidates"]]

    name = {"matchType": "name", "propertyValue": "Panama"}
    code = {"matchType": "property", "propertyId": "iso3166Alpha3", "required": True}
    assert ids(name, {**code, "propertyValue": "PAN"}) == ["panama"]
    assert ids(name, {**code, "propertyValue": "COL"}) == []
    assert "panama" not in ids(name, {**code, "propertyValue": ["PAN", "COL"], "matchQuantifier": "none"})
    assert ids({"matchType": "id", "propertyValue": "colombia"})[0] == "colombia"


def things(made) -> list:
    import pyoxigraph as ox

    from mikg.search.index import records

    store = ox.Store.read_only(str(release.current(made) / "store"))
    return [
        each
        for each in records(store)
        if each.kind in KINDS_MATCHED and each.iri.startswith("https://w3id.org/mikg/id/") and each.names[0].role == "name"
    ]


@pytest.fixture(scope="module")
def index(made):
    return search.Index(made.releases)


def test_each_label_brings_its_own_thing_first_however_it_is_written(made, pool, index):
    labels = Labels(pool)
    wrong = []
    for record in things(made):
        names = [each.text for each in record.names if each.role == "name"]
        written = [form for name in names for form in (name, name.upper(), spelling.fold(name), " ".join(reversed(name.split())))]
        for text, found in zip(written, match(index, pool, labels, [Question(text) for text in written]), strict=True):
            best = [each for each in found if each.score == found[0].score]
            if record.iri not in [each.hit.iri for each in best]:
                wrong.append((text, [each.hit.name for each in found[:2]]))
            # What is taken unseen is right.
            if found and found[0].match and found[0].hit.iri != record.iri:
                wrong.append((text, "matched", found[0].hit.iri))
    assert wrong == []


def test_a_batch_is_the_sum_of_its_queries(made, pool, index):
    labels = Labels(pool)
    texts = [each.names[0].text for each in things(made)[::20]]
    questions = [Question(text, conditions=(Condition("memberOf", ("GAFILAT",)),)) for text in texts]
    assert match(index, pool, labels, questions) == [match(index, pool, labels, [each])[0] for each in questions]


def test_suggestions_begin_with_what_is_typed_or_named(server):
    def ids(path: str) -> list[str]:
        return [each["id"] for each in json.loads(server.ask(f"reconcile/suggest/{path}").text)["result"]]

    assert ids("entity?prefix=panam")[0] == "panama"
    assert ids("entity?prefix=colombia")[0] == "colombia"
    assert ids("entity?prefix=gafilat&type=Country") == []
    assert ids("type?prefix=coun")[0] == "Country"
    assert ids("type?prefix=Country")[0] == "Country"
    assert ids("property?prefix=member+of")[0] == "memberOf"
    every = ids("type?prefix=&limit=100")
    assert len(every) > 20
    assert ids("type?prefix=&limit=3&offset=2") == every[2:5]
    assert ids("type?prefix=&limit=3&cursor=2") == every[2:5]
    assert len(ids("property?prefix=&limit=100")) == len(set(ids("property?prefix=&limit=100")))


def test_flyouts_and_the_preview_say_what_a_thing_is(server):
    for what, id, word in (("entity", "panama", "country"), ("type", "Country", "Place"), ("property", "memberOf", "member")):
        body = json.loads(server.ask(f"reconcile/flyout/{what}?id={id}").text)
        assert body["id"] == id
        assert word in body["html"]
    answer = server.ask("reconcile/preview?id=panama")
    assert "Panam" in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in server.ask("search").headers["Content-Security-Policy"]


def test_the_values_of_a_property_come_with_names_types_and_places_for_nothing(server):
    body = json.loads(server.ask("reconcile", urlencode({"extend": json.dumps(VALUES)}).encode()).text)
    panama = body["rows"]["panama"]
    assert {"id": "gafilat", "name": "GAFILAT"} in panama["memberOf"]
    assert all(set(each) == {"int"} for each in panama["areaInSquareKilometres"])
    assert {"str": "Panama"} in panama["skos:prefLabel"]
    assert len(panama["spokenOfIn"]) == 5
    assert body["rows"]["nobody"] == {each["id"]: [] for each in VALUES["properties"]}
    limited = {"ids": ["panama"], "properties": [{"id": "memberOf", "settings": {"limit": 1}}]}
    body = json.loads(server.ask("reconcile", urlencode({"extend": json.dumps(limited)}).encode()).text)
    assert len(body["rows"]["panama"]["memberOf"]) == 1


def test_names_come_in_the_language_asked_for(server):
    body = json.loads(server.ask("reconcile?lang=es&query=united+states").text)
    assert body["result"][0]["name"] == "Estados Unidos"
    body = json.loads(server.ask("reconcile?query=united+states", Accept_Language="es").text)
    assert body["result"][0]["name"] == "Estados Unidos"


def test_other_sites_may_ask(server):
    assert server.ask("reconcile").headers["Access-Control-Allow-Origin"] == "*"
    assert server.ask(f"{DRAFT}/match", method="OPTIONS").status == 200


def test_a_function_may_be_named_for_pages_of_old(server):
    answer = server.ask("reconcile?callback=my.fn_1")
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert answer.text.startswith("/**/my.fn_1({")
    for name in ("alert(1)//", "a-b", "x" * 200, "<script>", "é"):
        assert server.ask(f"reconcile?callback={quote(name)}").status == 400
    assert server.ask(f"{DRAFT}?callback=fn").text.startswith("{")


@pytest.mark.parametrize(
    ("queries", "status", "word"),
    [
        ("{", 400, "JSON"),
        ("[]", 400, "batch"),
        ("[" * 100_000, 400, "JSON"),
        (json.dumps({"q": 7}), 400, "q"),
        (json.dumps({"q": {}}), 400, "name"),
        (json.dumps({"q": {"query": ""}}), 400, "name"),
        (json.dumps({"q": {"query": "x", "limit": 0}}), 400, "limit"),
        (json.dumps({"q": {"query": "x", "limit": "many"}}), 400, "limit"),
        (json.dumps({"q": {"query": "x", "properties": [{"v": 1}]}}), 400, "pid"),
        (json.dumps({"q": {"query": "x", "properties": 3}}), 400, "properties"),
        (json.dumps({"q": {"query": "x", "properties": [{"pid": "a", "v": [[1]]}]}}), 400, "value"),
        (json.dumps({str(number): {"query": "x"} for number in range(51)}), 413, "50"),
        (json.dumps({"q": {"query": "x" * 1_001}}), 413, "1000"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_batch_that_cannot_be_answered_says_why(server, queries, status, word):
    answer = server.ask("reconcile", urlencode({"queries": queries}).encode())
    assert answer.status == status
    assert word in answer.text


@pytest.mark.parametrize("text", ["?!", "<b>Panama</b>", "بنما", "x" * 900, "'; DROP", '"}', "a\u2028b", "\U0001f600", "> } UNION {"])
def test_odd_names_have_an_answer(server, text):
    assert (
        "result" in batch(server, {"q": {"query": text, "type": text[:50], "properties": [{"pid": text[:20], "v": text[:50]}]}})["q"]
        if len(text) < 800
        else True
    )
    assert "result" in batch(server, {"q": {"query": text}})["q"]


def test_bodies_that_are_no_queries_say_what_is_taken(server):
    for path, body, word in (
        ("match", b"x", "JSON"),
        ("match", b"{}", "queries"),
        ("match", b'{"queries": [{}]}', "conditions"),
        ("match", b'{"queries": [{"conditions": [{"matchType": "x", "propertyValue": 1}]}]}', "matchType"),
        ("extend", b"[]", "ids"),
        ("extend", b'{"ids": ["a"], "properties": ["b"]}', "id"),
    ):
        answer = server.ask(f"{DRAFT}/{path}", body, Content_Type="application/json")
        assert answer.status == 400, (path, body)
        assert word in answer.text
    assert server.ask(f"{DRAFT}/match", b"queries=1", Content_Type="application/x-www-form-urlencoded").status == 400
    many = {"ids": [f"x{number}" for number in range(1_001)], "properties": [{"id": "memberOf"}]}
    assert post(server, f"{DRAFT}/extend", many).status == 413
    assert server.ask("reconcile", b"nothing=1").status == 400
    for path in ("preview?id=panana", "flyout/entity?id=", "flyout/type?id=Nothing"):
        assert server.ask(f"reconcile/{path}").status == 404
    assert "panama" in server.ask("reconcile/preview?id=panana").text


def test_an_identifier_is_a_local_name_a_curie_or_an_iri():
    for namespace, name in (("https://w3id.org/mikg/id/", "panama"), ("https://w3id.org/mikg/ontology#", "Country")):
        iri = namespace + name
        assert identifier(iri) == name
        assert {resolved(each, namespace) for each in (name, iri, f"<{iri}>")} == {iri}
    for odd in ("two words", "a>b", "", "a\nb", "https://x/ y"):
        assert resolved(odd, "https://w3id.org/mikg/id/") is None
