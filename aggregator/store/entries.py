"""A work's appearances and newest draft -> the Entry that subscribers get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aggregator.model import Draft, Enclosure, Entry, EntryLink, EntrySource
from aggregator.store.rows import ArticleRow, SourceRow


def make_entry(
    entry_id: str,
    row: ArticleRow,
    draft: Draft,
    updated: datetime,
    source: SourceRow,
    others: Sequence[ArticleRow],
) -> Entry:
    """The entry of the work that *row* shows; *updated* is when its newest revision was seen."""
    published = row.published_at or row.first_seen_at
    return Entry(
        id=entry_id,
        title=row.title,
        url=row.url,
        local_path=f"/articles/{row.id}",
        published=published,
        updated=max(updated, published),
        authors=row.authors,
        summary=row.summary,
        html=draft.html,
        text=draft.text,
        source=EntrySource(
            id=source.url,
            title=row.source_title,
            url=source.home_url or source.url,
            feed_url=source.url,
            updated=row.first_seen_at,  # as it stood when we copied from it
        ),
        source_name=row.source_name,
        editors=row.editors,
        categories=_categories(row, draft),
        enclosures=tuple(Enclosure(a.url, a.type, None, a.title) for a in draft.attachments),
        image=row.image,
        links=tuple(EntryLink(o.url, o.title, o.site, o.relation) for o in others),
        language=draft.language,
        state=row.state,
    )


def _categories(row: ArticleRow, draft: Draft) -> tuple[str, ...]:
    found = (row.column, *(draft.keywords.value if draft.keywords else ()))
    return tuple(dict.fromkeys(c for c in found if c))
