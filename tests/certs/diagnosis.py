"""Diagnostic data to decide over: one signature, its chain, and what a test changes about it."""

from __future__ import annotations

from dataclasses import dataclass

_CRYPTO = """<BasicSignature>
<EncryptionAlgoUsedToSignThisToken>RSA</EncryptionAlgoUsedToSignThisToken>
<KeyLengthUsedToSignThisToken>3072</KeyLengthUsedToSignThisToken>
<DigestAlgoUsedToSignThisToken>{digest}</DigestAlgoUsedToSignThisToken>
<SignatureIntact>{intact}</SignatureIntact><SignatureValid>{intact}</SignatureValid>
</BasicSignature>"""


def crypto(digest: str = "SHA256", *, intact: bool = True) -> str:
    """Return how a token was signed."""
    return _CRYPTO.format(digest=digest, intact=str(intact).lower())


def chain(*names: str) -> str:
    """Return the signer and the chain of a token."""
    items = "".join(f'<ChainItem Certificate="{name}"/>' for name in names)
    first = f'<SigningCertificate Certificate="{names[0]}"/>' if names else ""
    return f"{first}<CertificateChain>{items}</CertificateChain>"


def _named(certificate: str, *, fits: bool) -> str:
    """Return that a token names a certificate as its signer's, by a digest that fits or not."""
    return f"""<FoundCertificates><RelatedCertificate Certificate="{certificate}"><CertificateRef>
<Origin>SIGNING_CERTIFICATE</Origin><DigestAlgoAndValue match="{str(fits).lower()}"/>
</CertificateRef></RelatedCertificate></FoundCertificates>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One signature of 2020-06-01, validated on 2020-07-01, and what is wrong with it."""

    digest: str = "SHA256"
    intact: bool = True
    data_intact: bool = True
    data_found: bool = True
    claimed: str = "2020-06-01T00:00:00Z"
    trusted: bool = True
    end: str = "2021-01-01T00:00:00Z"
    status: str = "GOOD"
    revoked: str = ""
    reason: str = ""
    answered: bool = True
    stamp: str = ""
    stamp_covers: str = "S"
    stamp_type: str = "SIGNATURE_TIMESTAMP"
    stamp_intact: bool = True
    at: str = "2020-07-01T00:00:00Z"
    names_issuer: bool = True
    named: bool = True
    twice: bool = False
    container: str = ""
    pdf_signers: int = 0
    listed: str = ""
    responder: str = ""
    answer_digest: str = "SHA256"
    older_answer: bool = False
    root_end: str = "2040-01-01T00:00:00Z"

    def document(self) -> bytes:
        """Return the document."""
        return f"""<DiagnosticData xmlns="http://dss.esig.europa.eu/validation/diagnostic">
<DocumentName>d</DocumentName><ValidationDate>{self.at}</ValidationDate>
{self.container}<Signatures>{self._signature()}</Signatures>
<UsedCertificates>{self._certificates()}</UsedCertificates>
<UsedRevocations>{self._revocation()}</UsedRevocations>
<UsedTimestamps>{self._stamp()}</UsedTimestamps></DiagnosticData>""".encode()

    def _signature(self) -> str:
        claimed = f"<ClaimedSigningTime>{self.claimed}</ClaimedSigningTime>" if self.claimed else ""
        found = '<FoundTimestamp Timestamp="T"/>' if self.stamp else ""
        return f"""<Signature Id="S">{claimed}<SignatureFormat>XAdES-BASELINE-B</SignatureFormat>
<DigestMatchers>
{self._matcher("REFERENCE", found=self.data_found, intact=self.data_intact)}
{self._matcher("SIGNED_PROPERTIES", found=True, intact=True)}{self._listed()}
</DigestMatchers>{crypto(self.digest, intact=self.intact)}{chain("C-leaf", "C-root")}
{self._pdf()}<FoundTimestamps>{found}</FoundTimestamps>
{_named("C-leaf", fits=self.named)}</Signature>"""

    def _listed(self) -> str:
        if not self.listed:
            return ""
        found, intact = self.listed != "missing", self.listed == "intact"
        return self._matcher("MANIFEST_ENTRY", found=found, intact=intact)

    def _pdf(self) -> str:
        signers = "<SignerInfo/>" * self.pdf_signers
        store = f"<SignerInformationStore>{signers}</SignerInformationStore><PDFRevision/>"
        return store if self.pdf_signers else ""

    def _matcher(self, kind: str, *, found: bool, intact: bool) -> str:
        twice = ' duplicated="true"' if self.twice and kind == "REFERENCE" else ""
        return f"""<DigestMatcher type="{kind}"{twice}><DigestMethod>SHA256</DigestMethod>
<DataFound>{str(found).lower()}</DataFound><DataIntact>{str(intact).lower()}</DataIntact>
</DigestMatcher>"""

    def _certificates(self) -> str:
        date = f"<RevocationDate>{self.revoked}</RevocationDate>" if self.revoked else ""
        reason = f"<Reason>{self.reason}</Reason>" if self.reason else ""
        answer = f"""<Revocations><CertificateRevocation Revocation="R0"><Status>GOOD</Status>
</CertificateRevocation><CertificateRevocation Revocation="R">
<Status>{self.status}</Status>{reason}{date}</CertificateRevocation></Revocations>"""
        issuer = f'<IssuerEntityKey key="true" subjectName="{str(self.names_issuer).lower()}"/>'
        trusted = str(self.trusted).lower()
        return f"""<Certificate Id="C-leaf"><NotAfter>{self.end}</NotAfter>
<NotBefore>2020-01-01T00:00:00Z</NotBefore>{crypto()}{chain("C-root")}
{issuer}<Trusted>false</Trusted><SelfSigned>false</SelfSigned>{answer if self.answered else ""}
</Certificate>
<Certificate Id="C-root"><NotAfter>{self.root_end}</NotAfter>
<NotBefore>2010-01-01T00:00:00Z</NotBefore>{crypto()}<CertificateChain/>
<Trusted>{trusted}</Trusted><SelfSigned>true</SelfSigned></Certificate>
<Certificate Id="C-tsa"><NotAfter>2040-01-01T00:00:00Z</NotAfter>
<NotBefore>2010-01-01T00:00:00Z</NotBefore>{crypto()}<CertificateChain/>
<Trusted>true</Trusted><SelfSigned>true</SelfSigned></Certificate>"""

    def _revocation(self) -> str:
        older = self._answer("R0", "2020-06-14T00:00:00Z", "SHA256") if self.older_answer else ""
        return older + self._answer("R", "2020-06-15T00:00:00Z", self.answer_digest)

    def _answer(self, name: str, at: str, digest: str) -> str:
        named = _named(self.responder, fits=True) if self.responder else ""
        return f"""<Revocation Id="{name}"><Type>{"OCSP" if self.responder else "CRL"}</Type>
<ProductionDate>{at}</ProductionDate><ThisUpdate>{at}</ThisUpdate>
{crypto(digest)}{chain("C-root")}{named}</Revocation>"""

    def _stamp(self) -> str:
        if not self.stamp:
            return ""
        return f"""<Timestamp Id="T" Type="{self.stamp_type}">
<ProductionTime>{self.stamp}</ProductionTime>
{self._matcher("MESSAGE_IMPRINT", found=True, intact=self.stamp_intact)}
{crypto()}{chain("C-tsa")}
<TimestampedObjects><TimestampedObject Token="{self.stamp_covers}" Category="SIGNATURE"/>
</TimestampedObjects></Timestamp>"""
