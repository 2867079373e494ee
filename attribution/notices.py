"""What tells people, and programs that read no C2PA, that a work was made with AI; which of it by which kind of work.

The rules follow Article 50 of the EU's AI Act, in force since 2 August 2026: whatever is made carries marks that
machines read; whoever publishes a deep fake says so, at the start where it is only heard; of what is evidently art, in
a way that does not spoil it. So a voice has the signal in front of it when it is taken along, unless it is asked for
without; pictures and music have a label or a signal when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from attribution import definition
from attribution.claim import Claim
from core.encode_sound import rounded
from core.media import Media, Picture, Sound

Kind = Literal["picture", "music", "voice"]
LABEL = "Made with AI"


@dataclass(frozen=True)
class Rule:
    """What a kind of work needs. `words`: for its page. `at_once`: files to keep have the notice unless taken without.

    Neither touches the sealed work: what has a notice is another form of it.
    """

    words: str
    at_once: bool


RULES: dict[Kind, Rule] = {
    "picture": Rule("Made with AI. Whoever shows it as if it were a photograph must say so.", at_once=False),
    "music": Rule("Made with AI. Whoever passes it off as a performance must say so.", at_once=False),
    "voice": Rule(
        "Made with AI in the voice of a person who allowed it. Whoever publishes it must let listeners know at the"
        " start; files to keep have a signal for that in front, unless taken without.",
        at_once=True,
    ),
}


def kind(claim: Claim) -> Kind:
    """Which rule a work falls under."""
    if claim.medium == "picture":
        return "picture"
    return "voice" if claim.voice else "music"


def noticed(media: Media) -> Media:
    """The work with the notice that people see or hear: a label in its corner, or a signal before it."""
    return _labeled(media) if isinstance(media, Picture) else _announced(media)


def _labeled(picture: Picture) -> Picture:
    """Light letters on dark in the lower right corner, a thirtieth of the shorter side high, at least 9 pixels."""
    letter = max(9, min(picture.width, picture.height) // 30)
    font = ImageFont.load_default(letter)
    image = Image.fromarray(picture.pixels).convert("RGBA")
    left, top, right, bottom = font.getbbox(LABEL)
    room = letter // 2
    width, height = int(right - left) + 2 * room, int(bottom - top) + 2 * room
    plate = Image.new("RGBA", (width, height), (0, 0, 0, 170))
    ImageDraw.Draw(plate).text((room - left, room - top), LABEL, (255, 255, 255, 255), font)
    most = picture.width - 2  # a narrow picture has a narrow label
    if width > most > 0:
        plate = plate.resize((most, max(1, height * most // width)), Image.Resampling.BICUBIC)
    corner = max(0, image.width - plate.width - room), max(0, image.height - plate.height - room)
    image.alpha_composite(plate, corner)
    return Picture(np.array(image.convert("RGB")))


_PITCH, _DOT, _LEVEL = 880.0, 0.07, 0.1  # Hz, seconds, amplitude
_MORSE = "10111000101000000"  # A, I in dots of sound and silence, and a pause


def _announced(sound: Sound) -> Sound:
    signal = rounded(_signal(sound.rate))
    return Sound(np.concatenate([np.repeat(signal[:, None], sound.channels, 1), sound.samples]), sound.rate)


def _signal(rate: int) -> NDArray[np.float64]:
    """[frames]: tones whose edges take 5 ms, so that they do not click."""
    dot = int(_DOT * rate)
    edge = np.hanning(2 * max(1, rate // 200) + 1)
    keyed = np.repeat(np.array([int(sign) for sign in _MORSE], np.float64), dot)
    smooth = np.convolve(keyed, edge / edge.sum(), "same")
    return np.asarray(_LEVEL * smooth * np.sin(2 * np.pi * _PITCH * np.arange(len(keyed)) / rate))


def xmp(claim: Claim, *, with_source: bool) -> bytes:
    """An XMP packet with IPTC's digital source type, and PLUS's word on data mining (IPTC Photo Metadata 2023.1)."""
    reserved = "DMI-PROHIBITED-SEECONSTRAINT" if claim.training else "DMI-PROHIBITED"
    limits = f" plus:OtherConstraints={quoteattr(claim.training)}" if claim.training else ""
    text = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:CreatorTool="Homage"'
        f' Iptc4xmpExt:DigitalSourceType="{definition.source_type(claim, with_source)}"'
        f' plus:DataMining="http://ns.useplus.org/ldf/vocab/{reserved}"{limits}/></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="r"?>'
    )
    return text.encode()
