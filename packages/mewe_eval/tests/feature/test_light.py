"""A service that asks and keeps answers does not compute: what it takes to compute is not loaded into it."""

import subprocess
import sys

LOADED = "import sys, mewe_eval.plugin; mewe_eval.plugin.mewe_feature(); print(*sorted({'numpy', 'scipy'} & {*sys.modules}))"


def test_a_host_loads_no_numpy() -> None:
    """Some 30 MB and a fifth of a second of every host that serves it."""
    done = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout.split() == []
