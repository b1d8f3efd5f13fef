"""What /healthz says of a service whose scheduler ticks, stands still, or lost its writer."""

from __future__ import annotations

import httpx

from aggregator.app import health, open_reading
from aggregator.queue.local import LocalQueue
from aggregator.store import SqlStore
from aggregator.web.app import create_app
from aggregator.work.visit import Outcome, Parts

from flow_site import World, feed, item

Told = tuple[int, str | None, int, str]


async def ask(world: World, queue: LocalQueue, parts: Parts) -> Told:
    """Status, last tick, running visits and note, as a monitor sees them."""
    archive = open_reading(world.settings)
    app = create_app(archive, world.settings, status=lambda: health(queue, parts))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
    ) as client:
        answer = await client.get("/healthz")
    archive.close()
    told = answer.json()
    assert told["fetching"] == (answer.status_code == 200)
    assert told["status"] == ("ok" if told["fetching"] else "failing")
    return answer.status_code, told["last_tick"], told["running"], told.get("note", "")


def test_health_follows_the_ticks_and_the_writer(world: World) -> None:
    world.add("a", world.site.put("/f.xml", feed(item("http://a.example/1.html", "书屋"))))

    def report(_: Outcome) -> None:
        pass

    async def work(parts: Parts) -> list[Told]:
        queue = LocalQueue(parts, report)
        told = [await ask(world, queue, parts)]
        await queue.tick()
        running = queue.running
        await queue.stop()  # the visit gets to finish
        for seconds in (0, 60, 1):
            world.clock.forward(seconds=seconds)
            told.append(await ask(world, queue, parts))
        await queue.tick()
        told.append(await ask(world, queue, parts))
        assert isinstance(parts.store, SqlStore)
        parts.store.close()
        told.append(await ask(world, queue, parts))
        assert running == 1
        return told

    before, first, minute, late, again, ended = world.run(work)
    assert before[:3] == (503, None, 0)
    assert "not looked for what is due yet" in before[3]
    assert first == minute == (200, "2026-11-03T08:00:00+00:00", 0, "")
    assert late[:3] == (503, "2026-11-03T08:00:00+00:00", 0)
    assert "for more than 60 s" in late[3]
    assert again[:2] == (200, "2026-11-03T08:01:01+00:00")
    assert (ended[0], "writer has ended" in ended[3]) == (503, True)
