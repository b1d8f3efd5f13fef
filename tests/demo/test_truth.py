"""The demo's lists and pages, read by the real readers and the real extractor, against the truth."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from aggregator.config import SourceOptions
from aggregator.demo.answer import content_at
from aggregator.demo.article import Article, as_of, part_path, parts
from aggregator.demo.sites import SITES
from aggregator.demo.sources import source_specs
from aggregator.demo.world import World
from aggregator.extract import extract
from aggregator.extract.join import join_pages
from aggregator.model import Draft, NoArticle, NoArticleKind, Page, Precision, Sighting
from aggregator.read import read

T = 300.0  # everything that is to happen to the set pieces has happened
KEYS = [site.key for site in SITES]


def options_of(world: World, site: str) -> SourceOptions:
    return next(spec.options for spec in source_specs(world.origins) if spec.key == site)


def fetched(world: World, site: str, path: str, t: float) -> Page:
    answer = content_at(world, site, path, t)
    url = world.origins[site] + path
    headers = (("content-type", answer.content_type),)
    return Page(url, url, answer.status, headers, answer.body, world.start)


def sightings(world: World, site: str, t: float) -> tuple[Sighting, ...]:
    options = options_of(world, site)
    path = options.url.removeprefix(world.origins[site])
    return read(fetched(world, site, path, t), options).sightings


@pytest.mark.parametrize("t", [0.0, 60.0, 300.0])
@pytest.mark.parametrize("site", KEYS)
def test_every_list_is_read_to_its_articles(world: World, site: str, t: float) -> None:
    seen = sightings(world, site, t)
    shown = world.listed(site, t)[: len(seen)]
    assert len(seen) >= 6
    assert [(s.url, s.title) for s in seen] == [(world.url(a), a.title) for a in shown]
    for sighting, article in zip(seen, shown, strict=True):
        assert sighting.published is not None
        exact = sighting.published.precision is not Precision.DAY
        said = sighting.published.instant
        if exact:
            assert said == article.published
        else:
            assert said.date() == article.published.date()


def drafts(world: World, site: str, t: float) -> Iterator[tuple[Article, Draft | NoArticle]]:
    """Each article of *site* that answers 200, with what is made of all its pages."""
    options = options_of(world, site)
    lines = {sighting.url: sighting for sighting in sightings(world, site, t)}
    for article in world.listed(site, t):
        shown = as_of(article, t)
        assert shown is not None
        page = fetched(world, site, article.path, t)
        if page.status != 200:
            continue
        draft = extract(page.body, page.url, sighting=lines.get(page.url), rules=options.rules)
        if isinstance(draft, Draft) and shown.pages > 1:
            draft = join_pages(draft, list(further(world, shown, options, t)))
        yield shown, draft


def further(
    world: World, article: Article, options: SourceOptions, t: float
) -> Iterator[tuple[str, Draft | NoArticle]]:
    for number in range(2, article.pages + 1):
        page = fetched(world, article.site, part_path(article, number), t)
        yield page.url, extract(page.body, page.url, rules=options.rules)


def found(draft: Draft) -> dict[str, object]:
    """The fields of a draft in the form of the truth."""
    names = lambda field: "、".join(p.name for p in field.value) if field else ""  # noqa: E731
    caption = {image.caption for image in draft.images} | {
        b.image.caption for b in draft.blocks if b.image
    }
    return {
        "title": draft.title.value if draft.title else "",
        "author": names(draft.authors),
        "source": draft.source.value.strip("《》") if draft.source else "",
        "editor": names(draft.editors),
        "published": draft.published.value.instant if draft.published else None,
        "paragraphs": tuple(
            block.text.removeprefix("●")
            for block in draft.blocks
            if block.text and block.text not in caption
        ),
    }


def truth(article: Article) -> dict[str, object]:
    published: datetime = article.published
    return {
        "title": article.title,
        "author": article.author.removeprefix("本报记者 "),
        "source": article.source.strip("《》"),
        "editor": article.editor,
        "published": published,
        "paragraphs": (*article.quotes, *(p for part in parts(article) for p in part)),
    }


@pytest.mark.parametrize("site", KEYS)
def test_every_page_gives_the_fields_that_it_shows(world: World, site: str) -> None:
    wrong = []
    count = 0
    for article, draft in drafts(world, site, T):
        if article.fault is not None and article.fault.kind != "error":
            continue
        assert isinstance(draft, Draft), (article.key, draft)
        count += 1
        got, meant = found(draft), truth(article)
        wrong += [
            (article.key, name, got[name], meant[name])
            for name in meant
            if got[name] != meant[name]
        ]
    assert not wrong, wrong[:3]
    assert count >= 6


def test_broken_pages_are_told_apart_from_articles(world: World) -> None:
    kinds = {
        article.fault.kind: draft.kind
        for site in KEYS
        for article, draft in drafts(world, site, T)
        if article.fault is not None and isinstance(draft, NoArticle)
    }
    assert kinds == {"empty": NoArticleKind.EMPTY, "challenge": NoArticleKind.CHALLENGE}


def test_the_set_pieces_show_their_other_fields(world: World) -> None:
    made = {a.story: d for site in KEYS for a, d in drafts(world, site, T) if a.story}
    signed, paged, trs = made["signed"], made["paged"], made["paged-trs"]
    assert isinstance(signed, Draft)
    assert isinstance(paged, Draft)
    assert isinstance(trs, Draft)
    assert signed.inner_title is not None
    assert signed.inner_title.value == "把问题清单变成履职清单"
    assert [block.kind.value for block in signed.blocks if block.text][:3] == [
        "quote",
        "quote",
        "paragraph",
    ]
    assert signed.source is not None
    assert signed.source.confidence < 1  # only the headline claims it
    assert paged.overline is not None
    assert paged.overline.value == "石桥市钟鼓巷社区蹲点记"
    assert paged.missing_pages == ()
    assert trs.subtitle is not None
    assert trs.subtitle.value == "交人交事更交底"
    assert [attachment.type for attachment in trs.attachments] == ["application/pdf"]


def test_noise_makes_no_difference_to_the_draft(world: World) -> None:
    at = [{a.key: d for a, d in drafts(world, "lanping", t) if a.noisy} for t in (100.0, 107.3)]
    (one,), (other,) = (list(each.values()) for each in at)
    assert isinstance(one, Draft)
    assert isinstance(other, Draft)
    assert one.text == other.text
    assert found(one) == found(other)
