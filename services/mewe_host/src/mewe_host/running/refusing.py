"""What the parts of the host refuse, as one refusal of the whole program."""

from collections.abc import Iterator
from contextlib import contextmanager

from mewe_core.kit.plugins import PluginFault

from mewe_host.bus.faults import BusFault
from mewe_host.identity.folder import KeyFault
from mewe_host.privacy.ledger import LedgerFault
from mewe_host.running.steps import Refusal
from mewe_host.store.fault import StoreFault
from mewe_host.wire.contracts import WireFault


@contextmanager
def refusing(file: str) -> Iterator[None]:
    """Turn what a part of the host says it cannot use into a Refusal that names the mix's file and the key to look at."""
    try:
        yield
    except BusFault as fault:
        raise Refusal(f"{file}, {fault}") from fault
    except StoreFault as fault:
        raise Refusal(f"{file}, database.url: {fault}") from fault
    except KeyFault as fault:
        raise Refusal(f"{file}, {fault.key}: {fault}") from fault
    except PluginFault as fault:
        raise Refusal(f"{file}, features: {fault}") from fault
    except LedgerFault as fault:
        raise Refusal(f"{file}, keys.folder: {fault}") from fault
    except WireFault as fault:
        problems = "\n".join(f"  {one}" for one in fault.problems)
        raise Refusal(f"{file}, features: these do not fit their contracts:\n{problems}") from fault
