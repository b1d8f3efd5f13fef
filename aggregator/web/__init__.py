"""The archive over HTTP: web pages, feeds and a JSON API."""
