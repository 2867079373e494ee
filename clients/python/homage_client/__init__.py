"""A Homage house, as a platform asks it: is this use licensed? Typed, with retries, batches and signed verdicts."""

from homage_client.house import Answer, Homage
from homage_client.refused import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PaymentRequired,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from homage_client.retrying import Retries
from homage_client.verdicts import KeyUnknown, NotSigned, checked

__all__ = [
    "Answer",
    "Conflict",
    "Forbidden",
    "Homage",
    "Invalid",
    "KeyUnknown",
    "NotFound",
    "NotSigned",
    "PaymentRequired",
    "Refused",
    "Retries",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "checked",
]
