"""Signatures are the specification's: its vector, and its own client."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook as Official
from standardwebhooks import WebhookVerificationError

from app.webhooks import signing
from core import clock

BODY = b'{"test": 2432232314}'


def test_the_vector_of_the_specification() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", BODY, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at=at)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_official_client_knows_each_secret_that_signs() -> None:
    old, new, other = signing.fresh(), signing.fresh(), signing.fresh()
    headers = signing.headers("evt_1", BODY, [new, old], at=clock.SYSTEM.now())
    assert Official(old).verify(BODY, headers) == Official(new).verify(BODY, headers) == {"test": 2432232314}
    with pytest.raises(WebhookVerificationError):
        Official(other).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Official(new).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Official(new).verify(BODY, {**headers, "webhook-id": "evt_2"})
