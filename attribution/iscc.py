"""ISCC content codes (ISO 24138), 64 bits, by iscc-core: for exchange with other registries, not for decisions here."""

from __future__ import annotations

import numpy as np
from PIL import Image

from attribution import chroma
from core.media import Picture, Sound

_CONTENT = "ISCC:E"  # how codes of content begin, which outlast a new encoding; those of data do not


def of_picture(picture: Picture) -> str:
    """The image code, of 32 x 32 gray pixels."""
    from iscc_core import gen_image_code_v0

    small = Image.fromarray(picture.pixels).convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    return str(gen_image_code_v0(list(small.tobytes()), bits=64)["iscc"])


def of_sound(sound: Sound) -> str:
    """The audio code, of Chromaprint's features; the same of every recording that is too short to have any."""
    from iscc_core import gen_audio_code_v0

    return str(gen_audio_code_v0(np.asarray(chroma.features(sound)).tolist(), bits=64)["iscc"])


def lasting(code: str) -> str | None:
    """The code, if it is of content and so bound to no encoding: older houses recorded sounds by their data."""
    return code if code.startswith(_CONTENT) else None
