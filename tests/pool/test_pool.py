"""The worker pool: what it promises when parsers misbehave."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pool_calls as calls
import pytest

from aggregator.errors import ParserError, ReadError
from aggregator.pool import WorkerPool

T = TypeVar("T")


def within(
    use: Callable[[WorkerPool], Awaitable[T]], size: int = 1, memory_mb: int = 512, cpu: int = 15
) -> T:
    """Run *use* with a pool that is closed afterwards."""

    async def main() -> T:
        pool = WorkerPool(size, memory_mb=memory_mb, cpu_seconds=cpu, warm=())
        try:
            return await use(pool)
        finally:
            await pool.close()

    return asyncio.run(main())


def test_a_call_returns_its_value() -> None:
    assert within(lambda pool: pool.run(calls.size, b"x" * 5_000_000)) == 5_000_000


def test_a_large_result_comes_back_whole() -> None:
    assert len(within(lambda pool: pool.run(calls.blow, 20_000_000))) == 20_000_000


def test_workers_are_used_again() -> None:
    async def use(pool: WorkerPool) -> set[int]:
        return {await pool.run(os.getpid) for _ in range(20)}

    assert len(within(use)) == 1


def test_calls_run_side_by_side_up_to_the_size() -> None:
    async def use(pool: WorkerPool) -> set[int]:
        return set(await asyncio.gather(*(pool.run(os.getpid) for _ in range(50))))

    assert len(within(use, size=2)) == 2


def test_waiting_calls_are_served_in_order_of_arrival() -> None:
    async def use(pool: WorkerPool) -> list[int]:
        order: list[int] = []

        async def one(number: int) -> None:
            await pool.run(abs, number)
            order.append(number)

        await asyncio.gather(*(one(n) for n in range(30)))
        return order

    assert within(use) == list(range(30))


def test_expected_errors_come_through_unchanged() -> None:
    with pytest.raises(ReadError, match="不是列表") as caught:
        within(lambda pool: pool.run(calls.expected))
    assert (caught.value.code, caught.value.status) == ("not-a-feed", 200)
    assert caught.value.retry_at is not None


@pytest.mark.parametrize(
    ("call", "name"),
    [(calls.unexpected, "KeyError"), (calls.leave, "SystemExit"), (calls.unpicklable, "TypeError")],
)
def test_other_exceptions_become_parser_errors(
    call: Callable[[], object], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def use(pool: WorkerPool) -> int:
        with pytest.raises(ParserError) as caught:
            await pool.run(call)
        assert caught.value.code == "parser-failed"
        assert name in caught.value.message
        assert "Traceback" not in caught.value.message
        return await pool.run(abs, -1)

    assert within(use) == 1
    assert "Traceback" in caplog.text


def test_endless_recursion_costs_one_call() -> None:
    with pytest.raises(ParserError, match="RecursionError"):
        within(lambda pool: pool.run(calls.deep, 0))


def test_a_hanging_worker_is_replaced() -> None:
    async def use(pool: WorkerPool) -> tuple[int, int]:
        first = await pool.run(os.getpid)
        with pytest.raises(ParserError) as caught:
            await pool.run(calls.hang, timeout=0.05)
        assert caught.value.code == "parser-timeout"
        return first, await pool.run(os.getpid)

    first, second = within(use)
    assert first != second
    assert ends(first)


def test_a_dying_worker_is_replaced() -> None:
    async def use(pool: WorkerPool) -> int:
        with pytest.raises(ParserError) as caught:
            await pool.run(calls.segfault)
        assert caught.value.code == "parser-died"
        return await pool.run(abs, -2)

    assert within(use) == 2


def test_memory_is_bounded() -> None:
    async def use(pool: WorkerPool) -> int:
        with pytest.raises(ParserError, match="256 MB") as caught:
            await pool.run(calls.blow, 400_000_000)
        assert caught.value.code == "parser-died"
        return await pool.run(abs, -3)

    assert within(use, memory_mb=256) == 3


def test_a_result_over_the_bound_is_refused() -> None:
    with pytest.raises(ParserError, match="result of 1300000"):
        within(lambda pool: pool.run(calls.blow, 130_000_000), memory_mb=1000)


def test_cpu_time_is_bounded() -> None:
    with pytest.raises(ParserError, match="1 s of CPU") as caught:
        within(lambda pool: pool.run(calls.spin), cpu=1)
    assert caught.value.code == "parser-timeout"


def test_the_cpu_limit_is_per_call() -> None:
    async def use(pool: WorkerPool) -> tuple[int, int]:
        first = await pool.run(calls.cpu_limit)
        for _ in range(2):
            await pool.run(calls.burn, 0.55)
        return first, await pool.run(calls.cpu_limit)

    first, last = within(use, cpu=3)
    assert last > first


def test_a_cancelled_call_frees_its_place() -> None:
    async def use(pool: WorkerPool) -> int:
        await pool.run(abs, 0)
        hanging = asyncio.ensure_future(pool.run(calls.hang))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        return await pool.run(abs, -4)

    assert within(use) == 4


def test_an_idle_worker_that_was_killed_costs_no_call() -> None:
    async def use(pool: WorkerPool) -> int:
        pid = await pool.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        assert ends(pid)
        return await pool.run(abs, -5)

    assert within(use) == 5


def test_the_mother_of_the_workers_may_die() -> None:
    async def use(pool: WorkerPool) -> int:
        await pool.run(abs, 0)
        mother = await pool.run(os.getppid)
        worker = await pool.run(os.getpid)
        os.kill(mother, signal.SIGKILL)
        assert ends(worker)
        return await pool.run(abs, -6)

    assert within(use) == 6


def test_close_is_quick_and_ends_running_calls() -> None:
    async def main() -> tuple[float, ParserError, int]:
        pool = WorkerPool(1, warm=())
        pid = await pool.run(os.getpid)
        running = asyncio.ensure_future(pool.run(calls.spin))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        started = time.perf_counter()
        await pool.close()
        with pytest.raises(ParserError) as caught:
            await running
        return time.perf_counter() - started, caught.value, pid

    seconds, error, pid = asyncio.run(main())
    assert seconds < 2
    assert error.code == "parser-died"
    assert ends(pid)


def test_a_closed_pool_says_so() -> None:
    async def main() -> None:
        pool = WorkerPool(1, warm=())
        await pool.close()
        await pool.run(abs, -1)

    with pytest.raises(ParserError, match="already ended"):
        asyncio.run(main())


def test_workers_end_with_a_killed_parent_and_ignore_ctrl_c(root: Path) -> None:
    program = (
        "import asyncio, os, signal, json\n"
        "from aggregator.pool import WorkerPool\n"
        "import pool_calls\n"
        "async def main():\n"
        "    pool = WorkerPool(2, warm=())\n"
        "    pid = await pool.run(os.getpid)\n"
        "    os.kill(pid, signal.SIGINT)\n"
        "    same = await pool.run(os.getpid)\n"
        "    asyncio.ensure_future(pool.run(pool_calls.spin))\n"
        "    await asyncio.sleep(0)\n"
        "    await asyncio.sleep(0)\n"
        "    mother = int(open(f'/proc/{pid}/stat').read().split()[3])\n"
        "    print(json.dumps([pid, same, mother]), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        check=False,
        timeout=20,
    )
    pid, same, mother = json.loads(done.stdout)
    assert pid == same
    assert ends(pid)
    assert ends(mother)


def ends(pid: int) -> bool:
    """Whether *pid* ends within five seconds."""
    deadline = time.monotonic() + 5
    while not gone(pid) and time.monotonic() < deadline:
        os.sched_yield()
    return gone(pid)


def gone(pid: int) -> bool:
    """Whether the process *pid* has ended (a zombie counts as ended)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith(("Z", "X"))
    except (FileNotFoundError, ProcessLookupError):
        return True
