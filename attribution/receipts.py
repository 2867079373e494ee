"""A receipt for a kept manifest: signed word that this house has kept these very bytes under this name since then.

In the shape of C2PA's Soft Binding Resolution API 2.4; the proof in it is ours, a JSON Web Signature by a key that is
published, so that anyone can check it without asking.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from attribution import bindings, registry
from core import canonical
from core.signatures import SignatureRefused, Signer, verified

TYPE: Final = "org.c2pa.manifest-receipt"
ALGORITHM: Final = "EdDSA"
CONTEXT: Final = {"c2pa": "https://c2pa.org/ns/", "receipt": "https://c2pa.org/ns/manifest-receipt#"}


@dataclass(frozen=True)
class Counter:
    """Where receipts are given out and checked. `base`: this service's address; `keys`: where its keys are."""

    session: Session
    signer: Signer
    base: str
    keys: str

    def issue(self, label: str, *, at: datetime) -> dict[str, Any]:
        """The receipt for a kept manifest. Raises ManifestMissing, KeyUnusable."""
        signed = {**self._kept(label), "iat": at.astimezone(UTC).replace(microsecond=0).isoformat()}
        return {
            "@context": CONTEXT,
            "@type": TYPE,
            "repository": {"uri": self.base, "manifestId": label},
            "anchor": {
                "uri": f"{self.base}/manifests/{label}/receipts",
                "proof": {"alg": ALGORITHM, "value": self.signer.sign(canonical.dumps(signed), at=at)},
                "parameters": {"keys": self.keys},
            },
        }

    def fault(self, label: str, *, manifest: str, proof: str) -> str | None:
        """What is wrong with a receipt for the manifest `label`, which says that it is for `manifest`; None if it
        holds. Raises ManifestMissing, KeyUnusable."""
        kept = self._kept(label)
        if manifest != label:
            return f"it is for another manifest than {label}"
        try:
            found = verified(proof, self.signer.jwks(), typ=self.signer.typ)
            said = json.loads(found.payload)
            signed_at = datetime.fromisoformat(said.pop("iat"))
        except (SignatureRefused, ValueError, KeyError, AttributeError, TypeError) as error:
            return str(error) if isinstance(error, SignatureRefused) else "its proof does not say what receipts say"
        if not hmac.compare_digest(canonical.dumps(said), canonical.dumps(kept)):
            return "its proof is for another manifest, or for other bytes than those that are kept"
        return None if found.signed_in_time(signed_at) else "it was signed by a key that signed no more at that time"

    def _kept(self, label: str) -> dict[str, str]:
        row = bindings.kept(self.session, label=label)
        since = registry.find(self.session, work=row.work).recorded_at.astimezone(UTC)
        sha256 = hashlib.sha256(row.data).hexdigest()
        return {"manifestId": label, "sha256": sha256, "since": since.isoformat()}
