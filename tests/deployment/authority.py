"""A certificate authority for a test, and the certificates that servers on this machine get from it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@frozen
class Papers:
    """The files of a server: its certificate and its key."""

    certificate: Path
    key: Path


@frozen
class Authority:
    """Who vouches for servers; ``file`` is what their clients are given."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def of(cls, folder: Path, name: str) -> "Authority":
        """A new one, that nobody has heard of."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _draft(subject, subject, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        one = cls(folder, name, key, certificate)
        one.file.write_bytes(certificate.public_bytes(Encoding.PEM))
        return one

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self.folder / f"{self.name}.pem"

    def papers(self, *names: str) -> Papers:
        """The certificate of a server that is reached under these names or numbers, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        reached = [_reached(one) for one in names]
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            _draft(_named("server"), self.certificate.subject, key)
            .add_extension(x509.SubjectAlternativeName(reached), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self.key, SHA256())
        )
        papers = Papers(self.folder / f"{self.name}-{names[0]}.crt", self.folder / f"{self.name}-{names[0]}.key")
        papers.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        papers.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        papers.key.chmod(0o600)
        return papers


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _reached(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _draft(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )
