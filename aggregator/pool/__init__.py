"""(function, arguments) -> its result, from preforked worker processes bounded in time and memory."""

from aggregator.pool.pool import WorkerPool

__all__ = ["WorkerPool"]
