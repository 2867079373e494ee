"""C2PA's Soft Binding Resolution API on the wire: the names and shapes are its own, and so are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from attribution.bindings import BadReference, Match
from attribution.receipts import Counter
from attribution.recovery import Address
from core.decode import DEFAULT
from core.web import Out

VERSION = "2.4.0"  # of the specification
CAPABILITIES = ("queryByContent", "queryByReference")
MOST_BYTES = DEFAULT.bytes  # of a file; as everywhere
Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class Asked(BaseModel):
    """Base of what others send. What this version of the specification does not know is let pass, as it asks."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class Told(Out):
    """Base of what they get."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class BindingQuery(Asked):
    """A soft binding. `value`: in base 64, as the algorithm has it."""

    alg: str
    value: str


class AssetReference(Asked):
    """A file to download. `assetLength`: how many bytes it has, at most; `assetType`: its media type."""

    reference_url: Annotated[str, Field(pattern="^https://")]
    asset_length: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    asset_type: str | None = None
    region: list[Any] | None = None

    def address(self) -> Address:
        """Where it is. Raises BadReference for a part of a file."""
        if self.region:
            raise BadReference("a file is looked into as a whole here; send the part itself to matches/byContent")
        return Address(self.reference_url, self.asset_length, self.asset_type)


class ManifestMatch(Told):
    """A manifest to fetch from `manifests/{manifestId}`, and how like what it was signed for is: 0 to 100."""

    manifest_id: str
    similarity_score: Annotated[int, Field(ge=0, le=100)]


class ManifestMatches(Told):
    """Candidates, the likest first: check the signature, and compare what it was signed for with the file at hand."""

    matches: list[ManifestMatch]

    @classmethod
    def of(cls, found: list[Match]) -> ManifestMatches:
        return cls(matches=[ManifestMatch(manifest_id=one.manifest, similarity_score=one.score) for one in found])


class ReceiptPart(BaseModel):
    """Base of a receipt's parts. What else is in them is given back as it came."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel)


class ReceiptRepository(ReceiptPart):
    """Which house (`uri`) keeps which manifest."""

    manifest_id: str


class ReceiptProof(ReceiptPart):
    """A proof. `value`: a JSON Web Signature, where `alg` is EdDSA."""

    value: str


class ReceiptAnchor(ReceiptPart):
    """Where the proof is had (`uri`); the address of the `keys` that sign is among its `parameters`."""

    proof: ReceiptProof


class ManifestReceipt(ReceiptPart):
    """A receipt for a kept manifest."""

    type: Annotated[Literal["org.c2pa.manifest-receipt"], Field(alias="@type")]
    repository: ReceiptRepository
    anchor: ReceiptAnchor

    def checked(self, counter: Counter, label: str) -> CheckedManifestReceipt:
        """The same, and whether it holds for this manifest. Raises ManifestMissing."""
        fault = counter.fault(label, manifest=self.repository.manifest_id, proof=self.anchor.proof.value)
        return CheckedManifestReceipt(**{**self.model_dump(by_alias=True), "verified": fault is None, "error": fault})


class CheckedManifestReceipt(ManifestReceipt):
    """A receipt that was checked; `error` says what is wrong with one that does not hold, and is in no other."""

    verified: bool
    error: str | None = None

    @classmethod
    def of(cls, issued: dict[str, Any]) -> CheckedManifestReceipt:
        """One that was given out just now."""
        return cls(**issued, verified=True)


class BindingAlgorithm(Told):
    """The name of an algorithm, of C2PA's list of soft binding algorithms or our own."""

    alg: str


class BindingAlgorithms(Told):
    """By what manifests are looked up here."""

    watermarks: list[BindingAlgorithm]
    fingerprints: list[BindingAlgorithm]


class BindingCapabilities(Told):
    """What of the specification is served beyond what every service serves."""

    c2pa_specification_version: Annotated[str, Field(alias="c2paSpecificationVersion")]
    supported_capabilities: list[str]


class BindingStatus(Told):
    """How the service is."""

    status: Literal["ok", "degraded", "down"]
    timestamp: datetime


class BindingDiscovery(Told):
    """Where the service is."""

    api_endpoint: Uri
    c2pa_specification_version: Annotated[str, Field(alias="c2paSpecificationVersion")]
    capabilities_endpoint: Uri
    status_endpoint: Uri
