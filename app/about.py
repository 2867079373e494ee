"""The house itself over HTTP: what it is, for pages before anyone signs in, and its outbox, for the staff."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

from fastapi import APIRouter, Request
from sqlalchemy import select

from app.identity.authentication import is_secure
from app.identity.models import Message
from app.identity.schemas import AboutOut, MessageOut, MessageWhole
from app.mail import Postbox
from core import ids
from core.errors import NotFound
from core.web import Listed, Named, Paged, Staff, Unit, port

router = APIRouter(tags=["house"])
Post = Annotated[Postbox, port("post")]
MessageId = Annotated[str, Named("msg")]


@router.get("/house")
def get_house(request: Request) -> AboutOut:
    """What this house is: its version, engines, and what stands in for the real thing."""
    house = request.app.state.house
    return AboutOut(
        name="Homage",
        version=metadata.version("homage"),
        env=house.settings.env,
        mail="smtp" if house.post.smtp else "outbox",
        payments=house.processor.name if house.has_processor else "none",
        secure_sign_in=is_secure(request),
        engines=list(house.catalog.allowed),
    )


@router.get("/outbox")
def list_outbox(who: Staff, page: Paged, session: Unit) -> Listed[MessageOut]:
    """Mails that have not been sent, the newest first."""
    query = select(Message).order_by(Message.id.desc()).limit(page.limit + 1)
    if (after := page.key(str)) is not None:
        query = query.where(Message.id < after[0])
    return page.of(session.scalars(query).all(), lambda row: [row.id], MessageOut.model_validate)


@router.get("/outbox/{id}")
def get_message(id: MessageId, who: Staff, session: Unit, post: Post) -> MessageWhole:
    """One mail, with its text where the house has no mail server that sends it."""
    row = session.get(Message, ids.check(id, "msg"))
    if row is None:
        raise NotFound(f"there is no message {id} in the outbox; it was sent, or is too old", id=id)
    return MessageWhole.of(row, sent=post.smtp is not None)
