"""The command line: thin commands over app, store and extract. Heavy imports are inside them.

Exit codes: 0 done; 1 something asked for failed or was not found; 2 wrong usage, query or
configuration; 3 the archive cannot be used (locked, damaged, too new).
"""

from __future__ import annotations

import sys

import click

from aggregator import __version__
from aggregator.cli import articles, exchange, manage, pages, service, sources
from aggregator.errors import AggregatorError, ArchiveError, ConfigError, QueryError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.option(
    "-c",
    "--config",
    type=click.Path(dir_okay=False),
    default=None,
    help="Configuration file. [default: ./config.toml, else the shipped one]",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every visit.")
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(context: click.Context, config: str | None, verbose: bool) -> None:
    """Aggregator: feeds and list pages in, one archive, one combined feed out."""
    context.obj = {"config": config, "verbose": verbose}


for command in (
    *service.COMMANDS,
    *sources.COMMANDS,
    *articles.COMMANDS,
    *pages.COMMANDS,
    *manage.COMMANDS,
    *exchange.COMMANDS,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; every expected error is one sentence and an exit code."""
    try:
        # Without standalone mode click returns the code that a command exits with.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Abort:
        sys.exit(130)
    except (ConfigError, QueryError) as error:
        _fail(error, 2)
    except ArchiveError as error:
        _fail(error, 3)
    except AggregatorError as error:
        _fail(error, 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno is None:
            raise
        place = f"{error.filename}: " if error.filename else ""
        _fail(AggregatorError(f"{place}cannot be read or written ({error.strerror})"), 1)


def _fail(error: AggregatorError, code: int) -> None:
    click.echo(f"aggregator: {error}", err=True)
    sys.exit(code)
