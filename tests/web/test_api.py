from typing import Any

import pytest

from aggregator.web import api


def test_lists_follow_each_other(filled: Any) -> None:
    numbers: list[int] = []
    path = "/api/v1/articles?limit=20"
    while path:
        data = filled.ask(path).json()
        numbers += [article["id"] for article in data["articles"]]
        path = data["next"] and f"/api/v1/articles?limit=20&after={data['next']}"
    assert sorted(numbers) == sorted(filled.ids.values())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("source=b", {"copy", "gone"}),
        ("state=gone", {"gone"}),
        ("site=b.example", {"copy", "gone"}),
        ("author=石桥&since=2026-11-03T12:30:00%2B08:00", {"copy"}),
        ("author=石", set()),
        ("until=2026-09-26T00:00:00%2B08:00", {"rain38", "rain39"}),
    ],
)
def test_filters(filled: Any, query: str, names: set[str]) -> None:
    found = filled.ask(f"/api/v1/articles?{query}&limit=200").json()["articles"]
    assert {a["id"] for a in found} == {filled.ids[name] for name in names}


def test_one_article_with_its_fields_and_story(filled: Any) -> None:
    data = filled.ask(f"/api/v1/articles/{filled.ids['first']}").json()
    assert data["title"] == "青禾镇清点图书三千册"
    assert data["fields"]["source"] == {
        "value": "青禾先锋", "rule": "label:来源", "where": "p.info", "text": "来源：青禾先锋",
        "confidence": 1.0,
    }  # fmt: skip
    assert data["fields"]["authors"]["value"][1] == {"name": "林下", "role": "记者"}
    assert data["fields"]["published"]["value"] == {
        "instant": "2026-11-03T11:00:00+08:00", "precision": "minute",
    } or data["fields"]["published"]["value"]["instant"].startswith("2026-11-03T03:00:00")  # fmt: skip
    assert "3200册" in data["text"]
    assert [v["number"] for v in data["revisions"]] == [1, 2]
    assert "body" in data["revisions"][1]["kinds"]
    assert [a["id"] for a in data["appearances"]] == [filled.ids["copy"]]


def test_pictures_and_attachments(filled: Any) -> None:
    data = filled.ask(f"/api/v1/articles/{filled.ids['rich']}").json()
    assert data["attachments"][0]["title"] == "各村数字"
    assert data["images"][1]["caption"] == "封面"
    assert data["missing_pages"] == ["http://a.example/3_2.html"]


@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_search(filled: Any, order: str) -> None:
    data = filled.ask(f"/api/v1/search?q=借书证&order={order}").json()
    assert data["total"] == 2
    assert not data["more_than"]
    assert {hit["article"]["id"] for hit in data["hits"]} == {
        filled.ids["first"],
        filled.ids["copy"],
    }
    assert {p["text"] for hit in data["hits"] for p in hit["snippet"] if p["hit"]} == {"借书证"}


def test_sources(filled: Any) -> None:
    rows = filled.ask("/api/v1/sources").json()["sources"]
    assert [row["key"] for row in rows] == ["a", "b", "c", "d"]
    assert rows[2]["last_error"] == "the server did not answer within 30 s"
    assert rows[2]["failures"] == 1


def test_pages_that_failed(filled: Any) -> None:
    told = filled.ask("/api/v1/sources/b/troubles?limit=1").json()
    assert (len(told["troubles"]), told["total"]) == (1, 2)
    later, lost = filled.ask("/api/v1/sources/b/troubles").json()["troubles"]
    assert (later["code"], later["next_visit_at"]) == ("empty", "2026-11-03T09:00:00Z")
    assert lost["title"].startswith("甲<script>")
    del lost["title"]
    assert lost == {
        "url": "http://b.example/lost", "source": "b", "code": "http-404", "status": 404,
        "message": "http://x/: 404", "attempts": 1, "last_visit_at": "2026-11-03T08:00:00Z",
        "next_visit_at": None,
    }  # fmt: skip
    assert filled.ask("/api/v1/sources/a/troubles").json() == {"troubles": [], "total": 0}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/articles/999999", 404),
        ("/api/v1/sources/none/troubles", 404),
        ("/api/v1/sources/b/troubles?limit=0", 422),
        ("/api/v1/articles/abc", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/articles?limit=0", 422),
        ("/api/v1/articles?limit=x", 422),
        ("/api/v1/articles?since=yesterday", 422),
        ("/api/v1/articles?since=2026-11-03T00:00:00", 400),
        ("/api/v1/articles?state=lost", 422),
        ("/api/v1/articles?after=x", 400),
        ("/api/v1/search", 422),
        ("/api/v1/search?q=%22", 400),
        ("/api/v1/search?q=a&order=size", 422),
    ],
)
def test_errors_are_problems(filled: Any, path: str, status: int) -> None:
    answer = filled.ask(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    api.Problem.model_validate(body)


def test_a_query_error_names_the_place(filled: Any) -> None:
    body = filled.ask('/api/v1/search?q=党建 "abc').json()
    assert (body["query"], body["position"]) == ('党建 "abc', 3)


def test_the_description_names_every_route_and_its_errors(filled: Any) -> None:
    description = filled.ask("/api/openapi.json").json()
    assert set(description["paths"]) == {
        "/api/v1/articles", "/api/v1/articles/{article_id}", "/api/v1/search", "/api/v1/sources",
        "/api/v1/sources/{key}/troubles",
    }  # fmt: skip
    assert "Problem" in description["components"]["schemas"]
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert filled.ask(path).status_code == 404
