"""The invented party-building web that ships with the package: sites on loopback, told in seconds.

``DemoWeb`` serves it, ``demo_settings`` configures the real service for it, ``tour`` says in words
what there is to see. ``prepare_folder`` begins a demo in a folder or goes on with the one there.
"""

from aggregator.demo.folder import demo_settings, prepare_folder
from aggregator.demo.tour import tour
from aggregator.demo.web import Beginning, DemoWeb

__all__ = ["Beginning", "DemoWeb", "demo_settings", "prepare_folder", "tour"]
