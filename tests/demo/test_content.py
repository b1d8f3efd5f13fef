"""What the demo serves, asked without sockets or clocks."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.demo.answer import Answer, content_at
from aggregator.demo.article import Article, as_of, part_path, parts
from aggregator.demo.maker import load_topics, make, person, place
from aggregator.demo.sites import BY_KEY, SITES
from aggregator.demo.world import FIRST, QUICK, STEP, World, build
from aggregator.text import squeeze

MOMENTS = (0.0, 60.0, 300.0)
LISTS = {
    "qinghe": ("/djyw/index.html", "/djyw/index_1.html"),
    "shiqiao": ("/GB/12345/index.html", "/GB/12345/index2.html"),
    "wanghe": ("/dj/index.html",),
}


def story(world: World, name: str) -> Article:
    return next(article for article in world.articles if article.story == name)


def ask(world: World, article: Article, t: float) -> Answer:
    return content_at(world, article.site, article.path, t)


def charset(site: str) -> str:
    return "gb18030" if BY_KEY[site].charset == "gbk" else "utf-8"


@pytest.mark.parametrize("t", MOMENTS)
def test_every_page_is_served_in_the_charset_of_its_site(world: World, t: float) -> None:
    served = 0
    for article in world.articles:
        shown = as_of(article, t)
        if shown is None or shown.fault is not None:
            continue
        for number, paragraphs in enumerate(parts(shown), 1):
            answer = content_at(world, article.site, part_path(shown, number), t)
            text = answer.body.decode(charset(article.site))
            assert answer.status == 200
            assert shown.title in text
            assert all(paragraph in text for paragraph in paragraphs)
            assert text.count("<body>") == text.count("</body>") == 1
            served += 1
    assert served >= 60


@pytest.mark.parametrize("t", MOMENTS)
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.key)
def test_every_list_is_served(world: World, site: object, t: float) -> None:
    key = site.key  # type: ignore[attr-defined]  # parametrize gives object
    paths = ("/", "/about.html", BY_KEY[key].list_path, *LISTS.get(key, ()))
    for path in paths:
        answer = content_at(world, key, path, t)
        assert answer.status == 200, path
        assert answer.body.decode("utf-8" if "charset" in answer.content_type else charset(key))


@pytest.mark.parametrize("t", MOMENTS)
def test_the_feeds_are_well_formed_and_list_the_newest_first(world: World, t: float) -> None:
    rss = ElementTree.fromstring(content_at(world, "yunchuan", "/rss.xml", t).body)
    links = [item.findtext("link") for item in rss.iter("item")]
    assert links == [world.url(a) for a in world.listed("yunchuan", t)[:20]]
    assert sum(item.find("{*}encoded") is not None for item in rss.iter("item")) == 1
    atom = ElementTree.fromstring(content_at(world, "beipo", "/atom.xml", t).body)
    contents = [entry.findtext("{*}content") or "" for entry in atom.findall("{*}entry")]
    assert len(contents) == min(20, len(world.listed("beipo", t)))
    assert all(len(re.sub("<[^>]+>", "", content)) >= 300 for content in contents)


def test_the_json_list_and_the_scripts_hold_what_their_sites_hold(world: World) -> None:
    rows = json.loads(content_at(world, "wanghe", BY_KEY["wanghe"].list_path, 0).body)["datasource"]
    assert [row["publishUrl"] for row in rows] == [a.path for a in world.listed("wanghe", 0)]
    script = content_at(world, "lanping", BY_KEY["lanping"].list_path, 0).body.decode()
    value = script.partition("MI4_PAGE_ARTICLE=")[2].strip().removesuffix(";")
    assert [row["title"] for row in json.loads(value)] == [
        a.title for a in world.listed("lanping", 0)
    ]
    page = content_at(world, "lanxi", "/zxfb/", 0).body.decode()
    assert page.count("'link_add':") == len(world.listed("lanxi", 0))


def test_the_script_api_pages(world: World) -> None:
    path = "/mi4-rest-api/pageArticles.js?wbId=7&subjectId=30021&page=2&limit=5"
    script = content_at(world, "lanping", path, 0).body.decode()
    rows = json.loads(script.partition("MI4_PAGE_ARTICLE=")[2].strip().removesuffix(";"))
    assert [row["url"] for row in rows] == [a.path for a in world.listed("lanping", 0)[5:10]]


def test_the_trs_list_goes_on_on_its_second_page(world: World) -> None:
    pages = [content_at(world, "qinghe", path, 0).body.decode() for path in LISTS["qinghe"]]
    rows = [re.findall(r'<li><a href="(\.[^"]+)"', page) for page in pages]
    assert len(rows[0]) == 12
    assert len(rows[0]) + len(rows[1]) == len(world.listed("qinghe", 0))
    assert not set(rows[0]) & set(rows[1])


@given(t=st.floats(0, 5000), site=st.sampled_from([site.key for site in SITES]))
def test_an_answer_depends_on_path_and_second_only(t: float, site: str) -> None:
    start = datetime(2026, 11, 3, 1, 30, 5, tzinfo=UTC)
    origins = {each.key: "http://127.0.0.1:9001" for each in SITES}
    first, second = build(start, origins), build(start, origins)
    path = BY_KEY[site].list_path
    assert content_at(first, site, path, t) == content_at(second, site, path, t)


def test_there_is_enough_to_read(world: World) -> None:
    at_start = [article for article in world.articles if article.appears <= 0]
    assert len(at_start) >= 60
    assert len(world.articles) - len(at_start) >= 40
    lengths = [sum(map(len, article.paragraphs)) for article in world.articles]
    assert min(lengths) >= 300
    assert max(lengths) <= 1500


def test_new_articles_come_every_few_seconds(world: World) -> None:
    counts = [
        sum(as_of(article, FIRST + STEP * n) is not None for article in world.articles)
        for n in range(QUICK)
    ]
    assert all(later - earlier >= 0 for earlier, later in pairwise(counts))
    assert counts[-1] - counts[0] >= QUICK - 2


def test_addresses_and_titles_are_each_given_once(world: World) -> None:
    assert len({(a.site, a.path) for a in world.articles}) == len(world.articles)
    assert len({a.title for a in world.articles}) == len(world.articles)
    assert len({a.key for a in world.articles}) == len(world.articles)


def test_articles_are_never_published_after_they_appear(world: World) -> None:
    for article in world.articles:
        latest = world.start + timedelta(seconds=max(article.appears, 0.0))
        assert article.published <= latest


def test_made_articles_do_not_look_like_reposts(world: World) -> None:
    def clauses(article: Article) -> frozenset[str]:
        texts = (re.split(r"[，。！？；：]", paragraph) for paragraph in article.paragraphs)
        folded = (squeeze(clause) for clauses in texts for clause in clauses)
        return frozenset(clause for clause in folded if len(clause) >= 8)

    told = [clauses(a) for a in world.articles if not a.story.startswith("signed")]
    shared = max((one & other for one, other in combinations(told, 2)), key=len)
    assert len(shared) <= 2, shared


def test_the_reposts_share_most_of_their_text(world: World) -> None:
    whole = set(story(world, "signed").paragraphs)
    cut, edited = story(world, "signed-cut"), story(world, "signed-edited")
    assert sum(map(len, whole)) >= 1200
    assert len(whole & set(cut.paragraphs)) == len(whole) - 1
    assert cut.paragraphs[0] not in whole
    assert cut.paragraphs[-1] not in whole
    assert len(whole & set(edited.paragraphs)) >= 2
    titles = {article.title for article in (story(world, "signed"), cut, edited)}
    assert len(titles) == len({"qinghe", "shiqiao", "lanxi"})


def test_one_figure_is_corrected(world: World) -> None:
    article = story(world, "corrected")
    before, after = ask(world, article, 59.9), ask(world, article, 60.0)
    assert before.body.decode().replace("9645人次", "9654人次") == after.body.decode()
    assert after.last_modified == world.start + timedelta(seconds=60)
    assert before.etag != after.etag == ask(world, article, 9999.0).etag


def test_one_article_is_withdrawn(world: World) -> None:
    article = story(world, "withdrawn")
    assert [ask(world, article, t).status for t in (0, 69.9, 70, 9999)] == [200, 200, 404, 404]
    assert (
        article.path.encode()
        not in content_at(world, "wanghe", BY_KEY["wanghe"].list_path, 70).body
    )


def test_the_broken_pages_are_broken_as_meant(world: World) -> None:
    broken = {a.fault.kind: a for a in world.articles if a.fault is not None}
    assert [ask(world, broken["error"], t).status for t in (0, 44.9, 45)] == [500, 500, 200]
    assert ask(world, broken["missing"], 0).status == 404
    assert broken["missing"] in world.listed("lanxi", 0)
    empty = ask(world, broken["empty"], 0).body.decode()
    assert broken["empty"].title in empty
    assert broken["empty"].paragraphs[1] not in empty
    challenge = ask(world, broken["challenge"], 0)
    assert (challenge.status, len(challenge.body) < 1000) == (200, True)


def test_two_pages_declare_another_charset_than_they_use(world: World) -> None:
    liars = [article for article in world.articles if article.declared]
    assert {(a.site, a.declared) for a in liars} == {("qinghe", "gb2312"), ("shiqiao", "utf-8")}
    for article in liars:
        body = ask(world, article, 0).body
        assert f"charset={article.declared}".encode() in body
        assert article.title in body.decode(charset(article.site))


def test_noise_changes_the_page_and_not_the_article(world: World) -> None:
    noisy = next(article for article in world.articles if article.noisy)
    first, second = (ask(world, noisy, t).body.decode() for t in (10.0, 21.0))
    assert first != second
    content = [re.search(r'id="tex">(.*?)</div>', page, re.S) for page in (first, second)]
    assert content[0] is not None
    assert content[1] is not None
    assert content[0][1] == content[1][1]


def test_pictures_attachments_and_robots(world: World) -> None:
    article = story(world, "signed")
    page = ask(world, article, 0).body.decode()
    source = re.search(r'<img src="([^"]+)"', page)
    assert source is not None
    assert content_at(world, article.site, source[1], 0).body.startswith(b"\x89PNG\r\n\x1a\n")
    page = ask(world, story(world, "paged-trs"), 0).body.decode()
    attachment = re.search(r'<a href="([^"]+\.pdf)"', page)
    assert attachment is not None
    assert content_at(world, "qinghe", attachment[1], 0).content_type == "application/pdf"
    robots = content_at(world, "qinghe", "/robots.txt", 0).body.decode()
    sitemap = robots.partition("Sitemap: ")[2].strip()
    assert sitemap == world.origins["qinghe"] + "/sitemap.xml"
    urls = ElementTree.fromstring(content_at(world, "qinghe", "/sitemap.xml", 0).body)
    assert len(list(urls)) == len(world.listed("qinghe", 0))


@given(path=st.text(max_size=60))
def test_any_other_path_is_not_found(path: str) -> None:
    origins = {site.key: "http://127.0.0.1:9001" for site in SITES}
    world = build(datetime(2026, 11, 3, tzinfo=UTC), origins)
    assert content_at(world, "qinghe", "/x" + path, 0).status == 404


def test_the_text_maker_repeats_itself_exactly_and_no_name_too_soon() -> None:
    topics = load_topics()
    assert make(17, "青禾市", topics) == make(17, "青禾市", topics)
    assert len({place(n) for n in range(288)}) == 288
    assert len({person(n) for n in range(744)}) == 744
    assert all("{" not in text for n in range(150) for text in make(n, "青禾市", topics).paragraphs)
