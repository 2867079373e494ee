"""The mails that accounts need, in plain words. What a link carries stands behind `#`, which no server's log sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """One mail. `link` is the address to open, if there is one; it is in the text as well."""

    subject: str
    text: str
    link: str | None = None


def confirm(*, url: str, name: str, token: str) -> Letter:
    link = f"{url}/confirm#token={token}"
    return Letter(
        "Confirm your address",
        f"Hello {name},\n\nopen this link within 24 hours to open your Homage account:\n\n{link}\n\n"
        "If you did not ask for an account, do nothing: without this link none is opened.\n",
        link,
    )


def known(*, url: str, name: str) -> Letter:
    link = f"{url}/sign-in"
    return Letter(
        "You already have an account",
        f"Hello {name},\n\nsomebody, probably you, signed up with this address, which has an account already.\n"
        f"Sign in here; if you have forgotten your password, you can reset it there:\n\n{link}\n\n"
        "If it was not you, do nothing: nothing was changed.\n",
        link,
    )


def reset(*, url: str, name: str, token: str) -> Letter:
    link = f"{url}/reset#token={token}"
    return Letter(
        "Reset your password",
        f"Hello {name},\n\nopen this link within one hour to choose another password:\n\n{link}\n\n"
        "If you did not ask for it, do nothing: your password stays as it is.\n",
        link,
    )


def changed(*, url: str, name: str) -> Letter:
    return Letter(
        "Your password was changed",
        f"Hello {name},\n\nthe password of your account was changed, and every other session was signed out.\n"
        f"API keys go on working. If it was not you, reset it at once:\n\n{url}/reset\n",
    )


def webhook_disabled(*, url: str, name: str, webhook: str, gone: bool) -> Letter:
    why = "its server answered that it is gone" if gone else "nothing has arrived there for five days"
    link = f"{url}/account"
    return Letter(
        "A webhook of yours was disabled",
        f"Hello {name},\n\nnothing more is sent to your webhook {webhook}: {why}.\n"
        f"Once its server answers again, enable it and replay what it missed:\n\n{link}\n",
        link,
    )
