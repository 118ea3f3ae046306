"""A local authority and the server's certificate, made here and nowhere else.

The authority can vouch for this machine's names, names that end in ``.local``, and private addresses, and for nothing
else (name constraints, RFC 5280, 4.2.1.10): whoever trusts it does not trust it for a bank. Private addresses are
allowed as a whole, so that the machine can get another one from the clinic's router without anybody having to trust
anew.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 5 * 365
"""How long the clinic's machines need not trust anew."""
SERVER_DAYS: Final = 397
"""[CA/Browser Forum, Baseline Requirements 6.3.2: 398 days at most; Apple's systems refuse more than 825]"""
CLOCKS_DIFFER: Final = timedelta(days=1)
"""A certificate is valid from yesterday on: other machines' clocks are not ours."""
PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
"""Addresses that no machine of the internet has [RFC 1918, RFC 4193, RFC 4291]."""

_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
Name = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, both as PEM."""

    certificate: bytes
    key: bytes


def make_authority(names: Sequence[str], clinic: str, now: datetime) -> Issued:
    """A new authority for these host names and addresses. Raises ValueError for what can be neither."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Voice Triage on {clinic}"[:64])])
    permitted: list[x509.GeneralName] = [x509.DNSName("local")]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE]
    for name in names:
        found = _name(name)
        if isinstance(found, x509.DNSName):
            permitted.append(found)
        else:
            permitted.append(x509.IPAddress(ipaddress.ip_network(found.value)))
    certificate = (
        _begun(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Issued(_pem(certificate), _key_pem(key))


def issue(authority: Issued, names: Sequence[str], now: datetime) -> Issued:
    """A new certificate and key for the server, by ``authority``. Raises ValueError for a name it may not vouch for."""
    ca = x509.load_pem_x509_certificate(authority.certificate)
    ca_key = serialization.load_pem_private_key(authority.key, None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is of another kind")
    wanted = [_name(name) for name in names]
    allowed = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    for name, each in zip(names, wanted, strict=True):
        if not any(_covers(subtree, each) for subtree in allowed):
            raise ValueError(f"{name} is none of the names that this authority was made for")
    key = ec.generate_private_key(ec.SECP256R1())
    # No host name: OpenSSL would hold it against the authority's constraints as one, also if it is an address.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Voice Triage at this clinic")])
    days = min(SERVER_DAYS, (ca.not_valid_after_utc - now).days)
    certificate = (
        _begun(subject, ca.subject, key, now, days)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return Issued(_pem(certificate), _key_pem(key))


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate (PEM) as every system shows it: pairs of digits with colons."""
    digest = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


def ends_at(certificate: bytes) -> datetime:
    """Until when a certificate (PEM) is valid, UTC."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def names_of(certificate: bytes) -> tuple[str, ...]:
    """Host names and addresses that a certificate (PEM) holds, in its order."""
    found = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return tuple(str(name.value) for name in found.value)


def is_signed_by(certificate: bytes, authority: bytes) -> bool:
    """Whether ``certificate`` is one of ``authority`` (both PEM)."""
    ours, ca = (x509.load_pem_x509_certificate(each) for each in (certificate, authority))
    try:
        ours.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _name(text: str) -> Name:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        labels = text.split(".")
        fits = all(_LABEL.fullmatch(label) for label in labels)
        if not fits or len(text) > 253:
            raise ValueError(f"{text!r} is neither a host name nor an address") from None
        return x509.DNSName(text.lower())


def _covers(subtree: x509.GeneralName, name: Name) -> bool:
    if isinstance(name, x509.DNSName):
        if not isinstance(subtree, x509.DNSName):
            return False
        return name.value == subtree.value or name.value.endswith(f".{subtree.value}")
    network = subtree.value if isinstance(subtree, x509.IPAddress) else None
    address = name.value
    if not isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return False
    return isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address) and address in network


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
