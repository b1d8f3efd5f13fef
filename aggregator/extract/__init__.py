"""Bytes of a page -> Draft: the fields and body of a Chinese news article, each with its proof.

    from aggregator.extract import extract
    extract(body, "https://www.example.cn/a.html")   # Draft or NoArticle

Needs no database, no network and no configuration.
"""

from aggregator.extract.article import VERSION, extract

__all__ = ["VERSION", "extract"]
