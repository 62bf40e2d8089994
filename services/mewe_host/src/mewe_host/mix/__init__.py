"""The mix: one TOML file that says which features a deployment runs, where, and on what."""

from mewe_host.mix.faults import Fault, MixFaults
from mewe_host.mix.model import Limits, Listening, Mix
from mewe_host.mix.reading import Mounted, found, mount, read, shipped

__all__ = ["Fault", "Limits", "Listening", "Mix", "MixFaults", "Mounted", "found", "mount", "read", "shipped"]
