"""The diary in Chromium, against a real host: sealing and sending, opening, and what a sync of one change moves."""

import asyncio
import tempfile
from pathlib import Path

from playwright.sync_api import Request

from benchmarks.figures import Figure, value_of
from services.web.tests import browser

ROUNDS = 3
ENTRIES = 1_000
MANY = 10_000
BEGIN = """
    const secret = diary.newDiary("SE");
    const database = await diary.openDatabase();
    await diary.openWithoutAsking(database, secret);
    globalThis.kept = await diary.keepDiary(database, secret);
    await diary.adoptDiary(kept, client, true);
    return secret.id;
"""
MADE = """
    const written_at = "2026-11-22T21:00:00Z", about = { mood: 3, prompt: null, tags: ["values"], written_at, zone: "UTC" };
    const made = (_, at) => ({ entry_id: diary.hex(diary.drawn(16)), text: String(at).padEnd(given[1], "a "), ...about });
    const entries = Array.from({ length: given[0] }, made);
"""
SEND = (
    MADE
    + """
    const before = performance.now();
    await kept.take(entries);
    const sealed = performance.now();
    const { sent, faults } = await diary.syncDiary(kept, client);
    if (sent !== given[0] || faults.length > 0) throw new Error("not all sent");
    return [(sealed - before) / 1000, (performance.now() - before) / 1000];
"""
)
OPEN = """
    const database = await diary.openDatabase();
    globalThis.kept = await diary.openByDevice(database, { id: given[0], country: "SE" });
    const before = performance.now();
    const { entries, missing } = await kept.shown();
    if (entries.size !== given[1] || missing.size > 0) throw new Error("not all there");
    return (performance.now() - before) / 1000;
"""


async def measure() -> list[Figure]:
    """Every figure; Chromium is driven from a thread of its own."""
    return await asyncio.to_thread(_measured)


def _measured() -> list[Figure]:
    browser.build()
    sealed, sent, opened = list[float](), list[float](), list[float]()
    with (
        tempfile.TemporaryDirectory() as folder,
        browser.running_host(Path(folder)) as host,
        browser.running_browser() as chromium,
    ):
        device = browser.new_device(chromium, host.origin)
        held = browser.token(device, host)
        for _ in range(ROUNDS):
            device.again()
            device.signs_in(held)
            named = device.does(BEGIN)
            for into, seconds in zip((sealed, sent), device.does(SEND, [ENTRIES, 1_900]), strict=True):
                into.append(seconds)
            device.again()
            opened.append(device.does(OPEN, [named, ENTRIES]))
        device.signs_in(held)
        device.does(SEND, [MANY - ENTRIES, 100])
        moved = _moved(device)
    return [
        value_of(f"{ENTRIES} entries of 2 KB sealed and on disk, Chromium", sealed, "{:.2f} s", most=3.0),
        value_of(f"{ENTRIES} entries of 2 KB sealed and uploaded, Chromium", sent, "{:.2f} s", most=3.0),
        value_of(f"{ENTRIES} entries of 2 KB read and opened, Chromium", opened, "{:.2f} s", most=1.0),
        value_of(f"Sync of one change among {MANY:,} entries, both ways, with headers", [moved], "{:.1f} KB", most=10.0),
    ]


def _moved(device: browser.Device) -> float:
    """How many kilobytes go back and forth for one new entry of a page."""
    asked = list[Request]()
    device.page.on("requestfinished", lambda request: asked.append(request))
    device.does(SEND, [1, 1_900])
    sizes = [one.sizes() for one in asked]
    return (
        sum(
            one["requestBodySize"] + one["requestHeadersSize"] + one["responseBodySize"] + one["responseHeadersSize"]
            for one in sizes
        )
        / 1000
    )
