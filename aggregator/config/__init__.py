"""config.toml -> Settings: plain frozen values, validated as a whole.

The dataclasses of ``options`` are the only list of options there is; docs/configuration.md is
held against them by a test. Every option of a source is part of one value, SourceOptions.
"""

from aggregator.config.load import default_config_path, load, option_tables, source_spec
from aggregator.config.options import (
    ArchiveSettings,
    DataRule,
    FeedSettings,
    FetchSettings,
    Follow,
    ListRule,
    Paging,
    ScheduleSettings,
    Settings,
    SourceKind,
    SourceOptions,
    SourceSpec,
    WebSettings,
)

__all__ = [
    "ArchiveSettings",
    "DataRule",
    "FeedSettings",
    "FetchSettings",
    "Follow",
    "ListRule",
    "Paging",
    "ScheduleSettings",
    "Settings",
    "SourceKind",
    "SourceOptions",
    "SourceSpec",
    "WebSettings",
    "default_config_path",
    "load",
    "option_tables",
    "source_spec",
]
