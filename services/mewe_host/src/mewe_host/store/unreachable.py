"""Why a server cannot be used, in words for whoever wrote its url: above all where TLS is what is wrong."""

import ssl

from mewe_host.certificates import is_for_another_name
from mewe_host.store.fault import StoreFault


def unreachable(name: str, fault: Exception) -> StoreFault:
    """What to raise for what a driver raised when it connected; no value of the url is in it."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        if is_for_another_name(fault):
            return StoreFault(f"{name}: the certificate of the server that answers is for another name than the url's")
        return StoreFault(f"{name}: nobody in the file of sslrootcert vouches for the certificate of the server that answers")
    if isinstance(fault, ssl.SSLError):
        return StoreFault(f"{name}: TLS with the server that answers failed ({fault.reason or type(fault).__name__})")
    if isinstance(fault, ConnectionError) and "rejected SSL upgrade" in str(fault):
        return StoreFault(f"{name}: the server speaks no TLS (its setting ssl is off), and was told nothing")
    if isinstance(fault, FileNotFoundError) or "root certificate" in str(fault):
        return StoreFault(
            f"{name} cannot be reached ({type(fault).__name__}): is the file of sslrootcert, or the socket, there?"
        )
    return StoreFault(f"{name} cannot be reached ({type(fault).__name__})")
