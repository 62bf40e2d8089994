"""Where tokens may travel without TLS."""

from ipaddress import ip_address


def on_this_machine(address: str) -> bool:
    """Whether an address (``host:port``, or a socket's path) leads nowhere else."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
