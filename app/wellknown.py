"""What strangers look for at addresses that are agreed on: the public keys that our signatures are checked with."""

from __future__ import annotations

import hashlib
import json

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.routing import Route

from app.house import House

KEYS = "/.well-known/jwks.json"
AN_HOUR = "public, max-age=3600, must-revalidate"
ANYONE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def install(app: FastAPI, house: House) -> None:
    """Serve what is well known; before the pages, which answer at every address."""

    def keys(request: Request) -> Response:
        for signer in (signers := house.signers.values()):
            signer.current(house.clock.now())  # made before its first signature, so that nobody keeps an empty set
        body = json.dumps({"keys": [key for signer in signers for key in signer.jwks()["keys"]]}).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {**ANYONE, "Cache-Control": AN_HOUR, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/jwk-set+json", headers=headers)

    app.router.routes.append(Route(KEYS, keys))
