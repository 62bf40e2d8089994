"""Commands that change nothing: what is installed, whether a mix is fine, whether a host is well."""

import http.client

from mewe_core.kit import plugins as kit_plugins
from rich.console import Console
from rich.table import Table

from mewe_host.mix import found, mount, read
from mewe_host.mix.model import Listening
from mewe_host.mix.structure import structured


def check(mix: str | None) -> int:
    """Say what a mix would run. Raises MixFaults with everything that is wrong with it."""
    mounted = mount(found(mix))
    title = f"{mounted.file}, {mounted.mix.country}"
    table = Table("feature", "version", "RPCs", "events", "hears", title=title, title_justify="left")
    for one in mounted.features:
        hears = ", ".join(sorted({area for heard in one.hears for area in mounted.catalogue.tellers(heard.kind)}))
        table.add_row(one.name, one.version, str(len(one.rpcs)), str(len(one.events)), hears)
    console = Console()
    console.print(table)
    console.print("This mix is fine.")
    return 0


def plugins() -> int:
    """List the plugins that are installed; one that cannot be loaded is listed with the reason, and the answer is 1."""
    table = Table("plugin", "version", "what it is")
    failed = False
    for name, point in sorted(kit_plugins.installed().items()):
        version = point.dist.version if point.dist else ""
        try:
            summary = _summary(name)
        except kit_plugins.PluginFault as fault:
            summary, failed = str(fault), True
        table.add_row(name, version, summary)
    Console().print(table)
    return int(failed)


def _summary(name: str) -> str:
    feature = kit_plugins.brought(name)
    if feature is None:
        return "brings programmes, checks or commands"
    needs = f" (needs {', '.join(feature.needs)})" if feature.needs else ""
    return f"feature: {feature.summary}{needs}"


def healthcheck(mix: str | None, *, http: str | None) -> int:
    """Ask the HTTP face of a running host whether it is ready."""
    listening = read(found(mix)).http if http is None else structured({"address": http}, Listening, file="--http")
    where = f"{'127.0.0.1' if listening.host in ('0.0.0.0', '::') else listening.host}:{listening.port}"  # noqa: S104
    return int(not is_ready(where))


def is_ready(address: str) -> bool:
    """Whether the host at ``host:port`` says that it takes calls."""
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
