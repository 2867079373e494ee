"""What made-up requests are about: real values among them, and what nobody can make up."""

from __future__ import annotations

from typing import Any

from tests.app import matrix
from tests.doors import PASSWORD

# What ends a thing, or needs one that has not gone on, is asked about things that nothing else needs.
ENDING = {
    "PATCH /v1/styles/{style}": "other_draft",
    "DELETE /v1/consents/{consent}": "other_consent",
    "POST /v1/styles/{style}/retirement": "other_style",
    "DELETE /v1/styles/{style}/publication": "other_style",
    "DELETE /v1/licenses/{license}": "other_license",
    "DELETE /v1/assets/{asset}": "other_asset",
    "DELETE /v1/uploads/{upload}": "other_upload",
    "DELETE /v1/webhooks/{id}": "other_webhook",
}
# Where real values are sent, besides in paths, among made-up ones.
PLACES = {
    "path.code": ["not-found"],
    "path.delivery": ["{delivery}"],
    "header.tus-resumable": ["1.0.0"],
    "query.alg": ["io.iscc.v0"],
    "query.value": ["ISCC:EEAVOUHG2YBFKTLX"],
    "body.alg": ["io.iscc.v0"],
    "body.value": ["ISCC:EEAVOUHG2YBFKTLX"],
    "body.work": ["{work}", "{shared}"],
    "body.upload": ["{upload}", "{picture}"],
    "body.source": ["{picture}", "starter:{starter}"],
    "body.mask": ["{picture}"],
    "body.rework": ["{work}"],
    "body.offers[*].region": ["{picture}"],
    "body.profile": ["{profile}"],
    "body.engine": ["toy"],
    "body.offers[*].offer": ["{offer}"],
    "query.url": ["http://127.0.0.1:8000/works/{shared}"],
    "body.amount.asset": ["USD/6"],
    "body.price.asset": ["USD/6"],
}
ORDER = {"offers": [{"offer": "{offer}", "weight": 1}], "engine": "toy", "source": "starter:{starter}"}
RECEIPT = {
    "@context": {},
    "@type": "org.c2pa.manifest-receipt",
    "repository": {"uri": "https://house.example/v1/c2pa", "manifestId": "{manifest}"},
    "anchor": {"uri": "https://house.example", "proof": {"alg": "EdDSA", "value": "a.b.c"}, "parameters": {}},
}
DOLLAR = {"amount": 1_000_000, "asset": "USD/6"}
# Bodies that are good, so that each operation does its work at least once.
BODIES: dict[str, Any] = {
    "POST /v1/works": ORDER,
    "POST /v1/previews": ORDER,
    "POST /v1/quotes": {"offers": ORDER["offers"], "engine": "toy"},
    "POST /v1/styles": {"profile": "{profile}", "name": "Dusk", "medium": "picture"},
    "POST /v1/licenses/evaluate": {"offers": ["{offer}"], "use": "publish", "territory": "DE"},
    "POST /v1/reports": {"work": "{work}", "amount": DOLLAR, "reference": "made-up"},
    "POST /v1/usage/matches": {"reference": "mark:00000000000000ff", "work": "{work}"},
    "POST /v1/checkouts": {"amount": {**DOLLAR, "amount": 5_000_000}},
    "POST /v1/sign-up": {"email": "new@example.org", "name": "New", "password": PASSWORD},
    "POST /v1/password-resets": {"email": "staff@example.org"},
    "POST /v1/sign-in": {"email": "creator@example.org", "password": PASSWORD},
    "POST /v1/styles/{style}/assets": {"upload": "{picture}", "title": "A field"},
    "POST /v1/c2pa/matches/byBinding": {"alg": "io.iscc.v0", "value": "ISCC:EEAVOUHG2YBFKTLX"},
    "POST /v1/c2pa/manifests/{id}/receipts": RECEIPT,
    "POST /v1/webhooks": matrix.WEBHOOK,
}
USED = "id,work,use,date,quantity\nmade-up,{work},publish,2026-01-01,1\n"  # a usage report
# Need a secret that nobody makes up; each has tests of its own.
BY_SECRET = {
    "POST /v1/sign-up/confirm",
    "POST /v1/password-resets/confirm",
    "POST /v1/me/password",
    "DELETE /v1/me",
}
# Downloads from public addresses; `test_c2pa` has a server to ask.
OUTSIDE = {"POST /v1/c2pa/matches/byReference"}
IN_SANDBOX = {"PUT /v1/sandbox/clock"}  # needs a sandbox key; `test_sandbox` has one
OF_STAFF = {"GET /v1/outbox", "GET /v1/outbox/{id}", "GET /v1/voice-proofs"}
# A phrase is asked for and spoken once: both are done by `test_proofs`; so are what staff hear and rule.
ONCE = {
    "POST /v1/styles/{style}/voice-proofs",
    "PUT /v1/voice-proofs/{proof}/take",
    "GET /v1/voice-proofs/{proof}/take",
    "PUT /v1/voice-proofs/{proof}/ruling",
}
