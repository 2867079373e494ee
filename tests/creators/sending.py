"""Files sent through the door, as a page does."""

from __future__ import annotations

from fastapi.testclient import TestClient

from core import encode
from core.media import Picture


def send(client: TestClient, data: bytes | Picture) -> str:
    """The id of a finished upload."""
    data = encode.png(data) if isinstance(data, Picture) else data
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Content-Type": "application/offset+octet-stream",
    }
    answer = client.post("/v1/uploads", headers=headers, content=data)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]
