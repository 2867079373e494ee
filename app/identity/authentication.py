"""Who a request is from: a bearer key if it sends one, else a session's cookie, which only our own pages may use.

A cookie travels by itself, so a request that changes something must say that it comes from this origin (Sec-Fetch-Site,
or Origin). Passwords and cookies travel over https, or over plain http that does not leave the machine; elsewhere
signing in is refused, because anyone on the way could take them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Request, Response

from app.identity import keys, sessions
from app.identity.accounts import CONFIRM_WITHIN, Asker
from core import db
from core.errors import Forbidden, Unauthenticated
from core.limits import network
from core.web import Principal

SESSION, PENDING = "homage", "homage-pending"  # cookies
SAFE = ("GET", "HEAD", "OPTIONS")
PORTS = {"http": 80, "https": 443}
log = structlog.get_logger()


class KeyRefused(Unauthenticated):
    """The API key is unknown, or was revoked."""


class CrossSite(Forbidden):
    """Another site's page may not do this in your name."""


class InsecureOrigin(Forbidden):
    """Nobody signs in over a connection that others can read."""


def authenticate(request: Request) -> Principal | None:
    """Who is calling, or None. Raises KeyRefused, CrossSite."""
    return _bearer(request) if "authorization" in request.headers else _cookie(request)


def refuse_cross_site(request: Request) -> None:
    """For what needs no cookie yet, like signing in: another site's page may not send it either. Raises CrossSite."""
    if _site(request) == "other":
        raise _cross_site()


def refuse_insecure(request: Request) -> None:
    """Raises InsecureOrigin."""
    if not is_secure(request):
        raise InsecureOrigin(
            f"nobody can sign in at {_origin(str(request.url))}: it is plain http, and others on the way could read"
            " your password. Open this house over https (behind a proxy, name it in HOMAGE_SERVE__PROXIES),"
            " or on the machine itself at http://127.0.0.1"
        )


def is_secure(request: Request) -> bool:
    """Whether passwords may travel here: https, or an address that never leaves the machine."""
    return request.url.scheme == "https" or _loopback(request.url.hostname or "")


def asker(request: Request) -> Asker:
    client = request.client.host if request.client else "unknown"
    return Asker(client=network(client), agent=request.headers.get("user-agent", ""))


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Let the browser keep the session's token, out of reach of scripts and other sites."""
    if request.url.scheme != "https":
        _say_once(request)
    _keep(request, response, SESSION, token, sessions.LONGEST)


def take_cookie(request: Request, response: Response) -> None:
    _drop(request, response, SESSION)


def mark_browser(request: Request, response: Response, secret: str) -> None:
    """Know the browser that signs up again when the mailed link is opened."""
    _keep(request, response, PENDING, secret, CONFIRM_WITHIN)


def marked(request: Request) -> str | None:
    """What the browser was marked with at its last sign-up, if it was."""
    return request.cookies.get(_cookie_name(request, PENDING))


def unmark_browser(request: Request, response: Response) -> None:
    _drop(request, response, PENDING)


def _keep(request: Request, response: Response, name: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        _cookie_name(request, name),
        value,
        max_age=int(life.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _drop(request: Request, response: Response, name: str) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(_cookie_name(request, name), path="/", secure=secure, httponly=True, samesite="lax")


def _cookie_name(request: Request, name: str) -> str:
    """Over https no other site, not even a neighbor's subdomain, can set a cookie of this name."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


Asking = Annotated[Asker, Depends(asker)]
OwnPages = Depends(refuse_cross_site)
SecureOrigin = Depends(refuse_insecure)


def _bearer(request: Request) -> Principal:
    scheme, _, key = request.headers["authorization"].partition(" ")
    if scheme.lower() != "bearer" or not key.strip().startswith(keys.PREFIX):
        raise KeyRefused(f"send an API key of this house as: Authorization: Bearer {keys.PREFIX}…")
    house = request.app.state.house
    with db.unit(house.sessions) as session:
        found = keys.find(session, key=key.strip(), at=house.clock.now())
    if found is None:
        raise KeyRefused("this API key is unknown or was revoked; its owner can make another")
    return found


def _cookie(request: Request) -> Principal | None:
    token = request.cookies.get(_cookie_name(request, SESSION))
    if not token or not is_secure(request):
        return None
    house = request.app.state.house
    with db.unit(house.sessions) as session:
        found = sessions.find(session, token=token, at=house.clock.now())
    if found is not None and request.method not in SAFE and _site(request) != "own":
        raise _cross_site()
    return found


def _site(request: Request) -> str:
    """Whether the browser says that the request comes from our "own" pages, from an "other" site, or is "silent"."""
    said = request.headers.get("sec-fetch-site")
    if said is not None:
        return "own" if said in ("same-origin", "none") else "other"
    origin = request.headers.get("origin")
    if origin is None:
        return "silent"
    return "own" if _origin(origin) == _origin(str(request.url)) else "other"


def _origin(url: str) -> str:
    """Scheme, host and port, in one spelling; empty where there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else ""


def _loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def _cross_site() -> CrossSite:
    return CrossSite(
        "this came from another site's page, or does not say where it came from; do it on this house's own pages, or"
        " send an API key instead of a cookie"
    )


def _say_once(request: Request) -> None:
    state = request.app.state
    if not getattr(state, "said_plain", False):
        state.said_plain = True
        log.warning("sessions travel over plain http, on this machine only; use https for anyone else")
