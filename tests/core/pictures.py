"""Picture files of every kind, made here: honest ones, odd ones, and ones made to harm."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from core.media import Picture
from tests.fakes import texture

RED, GREEN, BLUE, WHITE = (220, 30, 30), (20, 160, 40), (30, 60, 210), (255, 255, 255)
SECRETS = (b"Ada Secret", b"Nikon", b"47.5001", b"hidden note", b"GPSVersion")


def quarters(width: int = 48, height: int = 32) -> Image.Image:
    """Red, green over blue, white: any turn shows."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def corners(picture: Picture) -> list[str]:
    """The names of the colors top left, top right, bottom left, bottom right."""
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    y, x = picture.height // 4, picture.width // 4
    found = [picture.pixels[i, j].astype(int) for i in (y, -y) for j in (x, -x)]
    return [min(names, key=lambda name: int(np.abs(p - np.array(names[name])).sum())) for p in found]


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """An orientation, and what nobody else should know."""
    noted = Image.Exif()
    noted[0x0112] = orientation
    noted[0x010F], noted[0x013B] = "Nikon", "Ada Secret"
    noted[0x9286] = b"hidden note"
    noted.get_ifd(0x8825)[29] = "2024:01:01 GPSVersion"
    return noted


def xmp(orientation: int = 1) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"'
        ' creator="Ada Secret" GPSLatitude="47.5001"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *before: bytes, depth: int = 8, color: int = 2) -> bytes:
    """A PNG from its compressed rows, with chunks of one's own before them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(before) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zeros(length: int) -> bytes:
    """Deflated zeros, about a thousandth as long: one block is packed, and said again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(length & 0xFFFFF)) + packer.flush()
    adler = (length % 65521) << 16 | 1
    return b"\x78\xda" + block * (length >> 20) + rest + adler.to_bytes(4, "big")


def small_rows() -> bytes:
    return zlib.compress(bytes((1 + 3 * 4) * 4))


def animated(form: str) -> bytes:
    frames = [quarters().rotate(90 * turn, expand=False) for turn in range(3)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:])


def webp_head(width: int, height: int) -> bytes:
    """A WebP that promises this size, with nothing behind it."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    parts = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size
    parts += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    frame = bytes(6) + size + bytes(3) + b"\0" + b"VP8L" + struct.pack("<I", 8) + b"\x2f" + bytes(7)
    parts += b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts


def swapped_profile() -> bytes:
    """A color profile in which red and blue have changed places: what ignores it shows."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {
        bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(struct.unpack(">I", data[128:132])[0])
    }
    red, blue = table[b"rXYZ"], table[b"bXYZ"]
    data[red + 4 : red + 12], data[blue + 4 : blue + 12] = data[blue + 4 : blue + 12], data[red + 4 : red + 12]
    return bytes(data)


def many_kinds() -> dict[str, bytes]:
    """One small honest file of each kind, as seeds of a fuzz."""
    image = Image.fromarray(texture(4, height=40, width=56).pixels)
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", "hidden note", zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    forms: dict[str, Callable[[], bytes]] = {
        "png": lambda: saved(image, "PNG", pnginfo=noted, exif=exif(6), icc_profile=profile),
        "palette.png": lambda: saved(image.quantize(16), "PNG", transparency=3),
        "16.png": lambda: saved(Image.fromarray(np.arange(2000, dtype=np.uint16).reshape(40, 50) * 32), "PNG"),
        "jpg": lambda: saved(image, "JPEG", exif=exif(3), icc_profile=profile),
        "progressive.jpg": lambda: saved(image, "JPEG", progressive=True),
        "cmyk.jpg": lambda: saved(image.convert("CMYK"), "JPEG"),
        "mpo": lambda: saved(image, "MPO", save_all=True, append_images=[image.resize((8, 8))]),
        "webp": lambda: saved(image, "WEBP", exif=exif(8)),
        "lossless.webp": lambda: saved(image.convert("RGBA"), "WEBP", lossless=True),
        "tiff": lambda: saved(image, "TIFF", compression="tiff_lzw"),
        "jpeg.tiff": lambda: saved(image, "TIFF", compression="jpeg"),
        "bmp": lambda: saved(image, "BMP"),
        "gif": lambda: saved(image, "GIF"),
        "heic": lambda: HEIC,
    }
    return {name: make() for name, make in forms.items()}


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


# An encoder for HEIC is no part of this house. Both: 64 × 32, white, the top left quarter red; the second says in its
# EXIF that it must be turned to the right.
HEIC = _unpacked(
    "c-muNV30{GsVvAy%}izhg51nBLl8SRGck>Ufw49>wIq=N0u(b+a*CjAhJwuG5(YG&l$nzcHpIn&fe{FSfN>#&27(YER?f`KO9S&jqM|@fDif5K"
    "QI>27V)7MamgK^f{LL&VDge@VGYgXQfpi&AnKL6ZNN56Bk=zG{KYxGxU|`^9P5|nVaA4$N{Qn=MfElEM8HD6^F*zgxCAFLw8PQ}GC^WK8d-Y`5"
    "&K(>X1`0qSW)Q)km;_YL=E8We_&_Jn65-_hoT9wsoC=^QF9TZxP)H=RxF8kkGY2TvNX|(tfU-f3SAfzW!1VwB{|6u%hy@BVD>6ZX%p4pXKuRLB"
    "AQu+Mz;I)2WMXD*0kUIqQxZXe9H7CtUbvybBG`lb|IcF9|7k1jKg6p&6w?2`Klr_#+W#Zj5j%svh+KHvz-6Q8?yB<d<CYp_>7z@h^~$B$r`}|?"
    "|95A`#*<z9A1^zmG-;ZzLN)-+!*Fx"
)
HEIC_TURNED = _unpacked(
    "c-muNV30{GsVvAy%}izhg51nBLl8SRGck>Uf$>CcYDppk1Sn>t<P<^K3<a6VB@Af5Br_);Y>0~k0}}%yh{gB@LIXhvPz(r|9N;20Kx~njnU@CU"
    "fn-I2oK&zfpqh-bWJ3ldK}L`g*NRNAa=wDhl3WI;N=Ej~f}#Q-`&ni|az2nQ1L}2VWCjUM04tLF!0_kqj~@&S{LBeJ9TE<VJdFSUgA_1>R4{{("
    "+%6`EM4+UW6C)#<%mRf*)@iSvEZez*Bf~%eD8vjR7!;F$%Gq2P4;CNj1X?1ToS##amz+}p6y;@LYXAy~WEK~sLcQw%#Tv;ui3LzLC@2)5G&m6c"
    "|Ns908W;ivnH8BJL1qpP4j{#uS(IM_bPt1MW<f42QWzN+*&3OcSzFqG9I4Er)HJ9BUvf%uGB_GQX3xk?Nd(1LfCl4w;f4l_U=Qy9KZ{xar>(UA"
    "5U=)7NdNo(;P-lJ|Bqxx><s!Ma^Y<QmyM#ktIEHRTWXZ0k1n0oE0<=UdXw4y-<=s7Pj>BpyzH3Lq-nki*+4VdAaUaB%b*41aWF73@`K&a1H@{K"
    "LZBc71rx+s!LH6ht|7jT-mXCm0OkCE1O"
)
