"""Migrations in a process of their own: what they are made with would stay in a host's memory for as long as it runs.

The process is told what to migrate on its standard input, and says on its standard output what it found, both JSON.
"""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE

from mewe_host.mix import found, mount
from mewe_host.running.plan import Plan
from mewe_host.store.fault import StoreFault
from mewe_host.tied import tied


async def migrated_apart(plan: Plan) -> list[str]:
    """Bring up the databases of what a plan serves; says which features were not current. Raises StoreFault."""
    program = tied([sys.executable, "-m", __name__], signal.SIGTERM)
    process = await asyncio.create_subprocess_exec(*program, stdin=PIPE, stdout=PIPE, start_new_session=True)
    asked = {"file": plan.file, "features": plan.names, "url": plan.mix.database.url}
    try:
        said, _ = await process.communicate(json.dumps(asked).encode())
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise StoreFault("the databases could not be migrated; why stands above")
    answer = json.loads(said)
    if "fault" in answer:
        raise StoreFault(answer["fault"])
    return list(answer["changed"])


async def _migrate(file: str, features: tuple[str, ...], url: str) -> dict[str, object]:
    from mewe_host.store.migrate import State, migrate

    try:
        before = await migrate(mount(found(file)).only(features), url)
    except StoreFault as fault:
        return {"fault": str(fault)}
    return {"changed": sorted({one.area for one in before if one.state is not State.CURRENT})}


def main() -> None:
    """Migrate what standard input asks for."""
    asked = json.load(sys.stdin)
    answer = asyncio.run(_migrate(asked["file"], tuple(asked["features"]), asked["url"]))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
