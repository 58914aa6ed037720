"""Finds weak algorithms and keys under a time stamp. Such a stamp can be forged and proves nothing."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

LEAST_RSA_BITS = 2048  # NIST SP 800-131A; 112 bits of strength
LEAST_CURVE_BITS = 224
# Digests with known collisions (MD2, MD4, MD5, SHA-1), alone and with a key, under all their names.
WEAK = {
    "1.2.840.113549.2.2": "MD2",
    "1.2.840.113549.2.4": "MD4",
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "1.2.840.113549.1.1.2": "MD2",
    "1.2.840.113549.1.1.3": "MD4",
    "1.2.840.113549.1.1.4": "MD5",
    "1.2.840.113549.1.1.5": "SHA-1",
    "1.3.14.3.2.29": "SHA-1",
    "1.3.14.3.2.27": "SHA-1",
    "1.3.14.3.2.3": "MD5",
    "1.2.840.10040.4.3": "SHA-1",
    "1.2.840.10045.4.1": "SHA-1",
}
_PSS = "1.2.840.113549.1.1.10"
_DIGESTS = ("2.16.840.1.101.3.4.2.", "1.2.156.10197.1.401", "1.0.10118.3.0.55")
# No real chain is longer; a circular one ends here.
_LONGEST = 12


def weak_among(oids: Sequence[str]) -> str:
    """The broken digest among a signer's algorithms, or ''. RSA-PSS without a digest means SHA-1."""
    named = next((WEAK[oid] for oid in oids if oid in WEAK), "")
    if not named and _PSS in oids and not any(oid.startswith(_DIGESTS) for oid in oids[oids.index(_PSS) :]):
        return "SHA-1"
    return named


def weak_in_chain(
    signer: x509.Certificate | None, held: Iterable[x509.Certificate]
) -> Iterator[tuple[str, x509.Certificate]]:
    """The weak elements from the signer's certificate up to its root, with their certificates.

    A root's signature of itself does not count, whatever the digest, because the root is trusted as given. Its key
    counts.
    """
    certificates, seen = list(held), 0
    while signer is not None and seen < _LONGEST:
        seen += 1
        if short := _short_key(signer):
            yield short, signer
        is_root = signer.issuer == signer.subject
        if not is_root and (digest := _digest_of(signer)):
            yield digest, signer
        signer = None if is_root else _issuer_of(signer, certificates)


def _digest_of(certificate: x509.Certificate) -> str:
    """The broken digest of a certificate's signature; '' for a sound one."""
    oid = certificate.signature_algorithm_oid.dotted_string
    if oid in WEAK:
        return WEAK[oid]
    with suppress(UnsupportedAlgorithm, ValueError):
        name = getattr(certificate.signature_hash_algorithm, "name", "")
        return {"md5": "MD5", "sha1": "SHA-1"}.get(name, "")
    return ""


def _short_key(certificate: x509.Certificate) -> str:
    """The key's kind and bits where it is too short; '' otherwise."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return ""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        return f"RSA {key.key_size}"
    if isinstance(key, dsa.DSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        return f"DSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < LEAST_CURVE_BITS:
        return f"EC {key.key_size}"
    return ""


def _issuer_of(certificate: x509.Certificate, held: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The certificate that signed this one; where that cannot be computed, one of the issuer's name."""
    named = [c for c in held if c.subject == certificate.issuer and c != certificate]
    for issuer in named:
        with suppress(InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
            certificate.verify_directly_issued_by(issuer)
            return issuer
    return next(iter(named), None)
