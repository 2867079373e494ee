"""Check a signed verdict without Homage's code: python check_verdict.py verdict.jws https://HOUSE (or jwks.json)

Needs `cryptography` alone. Exit code: 0 the verdict holds and counts, 1 it is refused.
"""

import base64
import json
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def checked(jws: str, jwks: dict) -> dict:
    head, payload, signature = jws.strip().split(".")
    header = json.loads(unpacked(head))
    assert (header["alg"], header["typ"], "crit" in header) == ("EdDSA", "homage-verdict+jwt", False), "no verdict"
    key = next(k for k in jwks["keys"] if (k["kid"], k["signs"]) == (header["kid"], header["typ"]))
    Ed25519PublicKey.from_public_bytes(unpacked(key["x"])).verify(unpacked(signature), f"{head}.{payload}".encode())
    verdict = json.loads(unpacked(payload))
    retired = datetime.fromisoformat(key["retired_at"]).timestamp() if "retired_at" in key else float("inf")
    assert verdict["iat"] < min(time.time() + 300, retired + 60), "signed in the future, or by a key that was retired"
    assert time.time() < verdict["exp"] <= verdict["iat"] + 86_400, "its 24 hours are over; ask again"
    return verdict


keys = sys.argv[2] if "://" not in sys.argv[2] else f"{sys.argv[2]}/.well-known/jwks.json"
found = urllib.request.urlopen(keys).read() if "://" in keys else Path(keys).read_bytes()
try:
    print(json.dumps(checked(Path(sys.argv[1]).read_text(), json.loads(found)), indent=2))
except (AssertionError, InvalidSignature, StopIteration, ValueError, KeyError) as error:
    sys.exit(f"refused: {error or type(error).__name__}")
