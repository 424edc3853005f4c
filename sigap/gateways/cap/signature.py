"""The enveloped XML signature of a CAP message: checked against the one certificate that the
city trusts for a source, made with the city's own key."""

from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree  # type: ignore[import-untyped]
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from .parse import BadCap, root_of

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_REFERENCE = ".//{http://www.w3.org/2000/09/xmldsig#}Reference"
_METHODS = frozenset(
    {
        *(SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512),
        *(SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384),
        *(SignatureMethod.ECDSA_SHA512, SignatureMethod.SHA256_RSA_MGF1),
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


def signed_root(data: bytes, certificate: str) -> Element:
    """What of a document the owner of the certificate has signed, and nothing else: it is read
    anew from the signed bytes. Raises BadCap "unsigned" or "bad_signature".

    Only a signature that stands directly in the root and covers all of the document counts: one
    that covers a part could be carried along by a message of somebody else.
    """
    root = root_of(data)  # refuses a DTD before another parser sees it
    if root.find(_SIGNATURE) is None:
        raise BadCap("unsigned")
    try:
        trusted = x509.load_pem_x509_certificate(certificate.encode())
        found = XMLVerifier().verify(
            data,
            x509_cert=trusted,
            parser=_parser(),
            expect_config=SignatureConfiguration(
                location="./", signature_methods=_METHODS, digest_algorithms=_DIGESTS
            ),
        )
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, LookupError):
        raise BadCap("bad_signature") from None
    assert not isinstance(found, list)
    references = found.signature_xml.findall(_REFERENCE)
    if [reference.get("URI") for reference in references] != [""]:
        raise BadCap("bad_signature")
    return root_of(found.signed_data)


def sign(document: bytes, key: Path, certificate: Path) -> bytes:
    """The document with the city's signature."""
    private, own = _pair(key, certificate, key.stat().st_mtime_ns, certificate.stat().st_mtime_ns)
    method = SignatureMethod.ECDSA_SHA256 if private[1] else SignatureMethod.RSA_SHA256
    signer = XMLSigner(signature_algorithm=method)
    signed = signer.sign(etree.fromstring(document, _parser()), key=private[0], cert=own)
    return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


@lru_cache(maxsize=2)
def _pair(key: Path, certificate: Path, *_changed: int) -> tuple[tuple[bytes, bool], str]:
    """The key, whether it is one of an elliptic curve, and the certificate, as their files are."""
    pem = key.read_bytes()
    private = serialization.load_pem_private_key(pem, password=None)
    return (pem, hasattr(private, "curve")), certificate.read_text()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
