"""Honest files, cut off at many places, with bytes changed, and under the names of others."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from PIL import Image

from tests.core.pictures import HEIC, saved
from tests.fakes import texture
from tests.hostile.recordings import tone

Files = Iterator[tuple[str, bytes]]
CUTS = (0.02, 0.3, 0.6, 0.97)
FLIPS = 4  # files of each kind, each with more bytes changed than the one before


def files() -> Files:
    for seed, (kind, data) in enumerate(honest().items()):
        for part in CUTS:
            yield f"cut-at-{part}.{kind}", data[: max(1, int(part * len(data)))]
        for number in range(FLIPS):
            dice = np.random.default_rng([seed, number])
            changed = np.frombuffer(data, np.uint8).copy()
            places = dice.integers(0, len(data), 4**number)
            changed[places] = dice.integers(0, 256, len(places))
            yield f"flipped-{number}.{kind}", changed.tobytes()
    for kind, other in {"png": "wav", "wav": "png", "jpg": "flac", "mp3": "heic", "flac": "m4a", "m4a": "webp"}.items():
        yield f"{other}-by-its-content.{kind}", honest()[other]


@cache
def honest() -> dict[str, bytes]:
    """One small file of each kind."""
    image = Image.fromarray(texture(4, height=40, width=56).pixels)
    return {
        "png": saved(image, "PNG"),
        "jpg": saved(image, "JPEG"),
        "webp": saved(image, "WEBP"),
        "heic": HEIC,
        "wav": tone("WAV"),
        "flac": tone("FLAC"),
        "mp3": tone("MP3"),
        "ogg": tone("OGG", "VORBIS"),
        "m4a": M4A,
    }


# An encoder for AAC is no part of this house: 0.15 seconds of a tone at 8,000 samples a second.
M4A = zlib.decompress(
    base64.b85decode(
        "c-muNV30{GsVwj{aa3SnU}6B#nZ^0JKy1Xoz`&7Kl$r_@*UL>wEMXK2S}XFY(Ch2x^Y2%RPcBlKdq_!TLY?<J`$@n0@9bCpu7Be1={Ni5{dv"
        "E>*8SPO#h>E~f15w4`}=+V^}6rx;w%4_f2?2oUq)N-^ey-F!tCHSx05zojfB;^7eCD3zI}e_H$Cg^$%V1v{rT2myZcU+zVSURT(sfw8Z)gkU"
        "(>8M%Sy{8u8qhJopm+M(rc;KlvP11A=HXVof;&dMO_*+LwbxXb8aamPDxf1PW{J!_;3C7KR+M$mR9Y&{`Rl^+kf}ZGl!S`o4@?!_1E$-4CV)"
        "<xO-*T`{islU)IZ=t-E=P>-3v>t6yD-wwHRpa7pWoW$Tn?me#IV#_#fNTbZj}X`aq2p|{I6UE(~Z?#wK>`_qI83E4YY&hYS-z3}ibFul{{<k"
        ";Bz6v**BkdP7>TV60_vz`Ehi`l~I0qP$Z(vQ5gw|Mzx$G$JynLUoxeeVgLeo)Oa`fTlu^Y?1?&wgxn`gGw>ee$2UDaLnu{`luV`EjuIN@?x#"
        "eXpFYcJ}<3W4C?P;}?v9rp0{X!MpvNPu*X@=(*bA(vx@R-KVZ@yXV1pfKj4xO93#oJj%__F9W8YoZPaE6b2L^@4&#ovVnn-0fZ2M5mgmB-+="
        ")yU;-k;lA^?HAUmcc8*C>trfEQXk;E8Dw^t=KrKA{0%cSNMmmqY2%w>V<Wn7t?l9>o(DCDMK^E=0e&?8`uZbnK@5lp5yzcde7WiXJR;*pq_l"
        "9LKj!x)mAnU@A+2o&d{7^;#25tm6RN=-xZ0#9jCjsk?uC{bLJlmldE6_*sJAgPJUEig&M@HQiZ0L-aCV3t~(0`f2eb3;ReDo~OINQ*m&f+cM"
        ")gD@*lgjKX7>?s2qkj2OZ@_KOzIGCVO1HvpYTR>4D19V9;lFf|J=wgKEEv`cHAyAxA1xWt|Vpbp)DK1IQN7AbU#8SoS1t}m-QGQMi)K13#|G"
        "_pTr57+DWRPvLElnu_`QJ1*wFDLpipY@yjL4$If`T06h~dZt#ykMj+jfT"
    )
)
