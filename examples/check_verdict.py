"""Check a signed verdict, by cryptography alone: check_verdict.py verdict.jws https://HOUSE|jwks.json [--sandbox]"""

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
    header, verdict = (json.loads(unpacked(part)) for part in (head, payload))
    if (header["alg"], header["typ"], "crit" in header) != ("EdDSA", "homage-verdict+jwt", False):
        sys.exit("refused: this is no verdict")
    known = {(key["kid"], key["signs"]): key for key in jwks["keys"]}
    key = known.get((header["kid"], header["typ"])) or sys.exit("refused: signed by none of these keys; get them anew")
    Ed25519PublicKey.from_public_bytes(unpacked(key["x"])).verify(unpacked(signature), f"{head}.{payload}".encode())
    retired = datetime.fromisoformat(key["retired_at"]).timestamp() if "retired_at" in key else float("inf")
    if not (verdict["iat"] < min(time.time() + 300, retired + 60) and verdict["exp"] <= verdict["iat"] + 86_400):
        sys.exit("refused: signed in the future, for over 24 hours, or by a key that was retired")
    if "--sandbox" not in sys.argv and verdict.get("sandbox"):
        sys.exit("refused: it is of the sandbox, about a made-up work")
    return verdict if time.time() < verdict["exp"] else sys.exit("refused: its 24 hours are over; ask again")


where = sys.argv[2] + "/.well-known/jwks.json" if "://" in sys.argv[2] else Path(sys.argv[2]).resolve().as_uri()
try:
    print(json.dumps(checked(Path(sys.argv[1]).read_text(), json.load(urllib.request.urlopen(where))), indent=2))
except (InvalidSignature, ValueError, KeyError) as error:
    sys.exit(f"refused: {error!r}")
