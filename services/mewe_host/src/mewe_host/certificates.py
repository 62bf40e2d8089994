"""What is wrong with a server's certificate."""

import ssl

_OTHER_NAME = frozenset({62, 64})
"""OpenSSL's codes for a certificate of another name, or of another address."""


def is_for_another_name(fault: ssl.SSLCertVerificationError) -> bool:
    """Whether somebody who is trusted vouches for it, under another name than the one that was asked for."""
    return fault.verify_code in _OTHER_NAME
