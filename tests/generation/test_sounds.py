"""Recordings through the whole house: a style of takes, a vocal ordered, sealed, paid, verified, and had as files."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from attribution import verify
from core import db, encode_sound
from core.decode_sound import sound, sound_of
from core.media import Sound
from creators import assets
from creators.models import Person
from generation import finishing, previews, quotes, renditions
from generation.catalog import Catalog
from generation.engine import Asset, BadRequest, as_sound, silent
from generation.engines.chorale import Chorale
from generation.models import Work
from generation.orders import Backing, Part
from licensing import grounds
from licensing.models import Offer
from payments import ledger
from tests.conftest import copy
from tests.creators.studio import draft
from tests.fakes import within
from tests.generation.engines.voices import song
from tests.generation.world import POLICY, World

RATE = 16_000


@dataclass(frozen=True)
class Hall(World):
    """A house with a singer, and a fan who sings."""

    @cached_property
    def catalog(self) -> Catalog:
        catalog = super().catalog
        catalog.add("chorale", Chorale())
        return catalog

    @cached_property
    def singer(self) -> Offer:
        return self.artist("Alma Quist", work=song(0, 1))

    @cached_property
    def bob(self) -> Person:
        return self.fan()

    def make(self, work: Work) -> Work:
        assert self.make_all(engine="chorale") == ["done"]
        return self.work(work.id)

    @cached_property
    def made(self) -> Work:
        """A vocal over a backing, two decibels louder."""
        blob, backing = self.vocal(self.bob, harp())
        return self.make(
            self.place(self.song(self.bob, song(1, 2), self.singer, backing=Backing(blob, backing.sha256, 200)))
        )

    def file(self, work: Work, form: str | None = None) -> Path:
        kept = renditions.get(self.workshop, work=work, form=form)
        path = self.root / f"{uuid.uuid4()}{renditions.SUFFIXES[form or 'flac']}"
        path.write_bytes(kept.data)
        return path


def harp() -> Sound:
    """Something under a voice: three notes, shorter than the vocal."""
    time = np.arange(3 * RATE) / RATE
    notes = sum(0.05 * np.sin(2 * np.pi * pitch * time) for pitch in (220.0, 277.2, 329.6))
    return Sound(np.asarray(notes, np.float32)[:, None], RATE)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, server: str, template: str) -> Iterator[Hall]:
    with copy(server, template, f"hall_{template}") as url:
        engine = db.connect(url)
        yield Hall(tmp_path_factory.mktemp("hall"), db.sessions(engine))
        engine.dispose()


def test_a_vocal_is_sung_anew_paid_sealed_and_verified(hall: Hall) -> None:
    made = hall.made
    with hall.sessions() as session:
        finding = verify.verify(within(session), hall.file(made), tools=hall.tools)
        verdict = grounds.answer(session, finding, use="publish", territory="DE", at=hall.now)
        paid = dict(ledger.split_of(session, work=made.id, kind="fee"))
    assert (finding.identification, verdict.standing, verdict.work) == ("proven", "licensed", made.id), finding.evidence
    assert verdict.question is not None
    assert verdict.question.medium == "sound"
    assert paid[f"creator:{hall.style_of(hall.singer).creator}"] == 4_233_000
    assert (made.medium, made.width, made.duration_ms) == ("sound", None, song(1, 2).milliseconds)
    hall.assert_books_balance()


def test_the_sealed_file_is_the_replayed_vocal_over_its_backing_and_its_mark(hall: Hall) -> None:
    made = hall.made
    with hall.sessions() as session:
        rows = assets.live(session, style=hall.singer.style)
    engine = hall.catalog.get("chorale")
    loaded = [Asset(row.id, assets.original(row, blobs=hall.blobs, keys=hall.keys)) for row in rows]
    prepared = engine.prepare(loaded, report=silent)
    source = finishing.opened(hall.keys.open(hall.bob.id, hall.blobs.get(str(made.source_blob))), "sound")
    vocal = engine.replay(hall.blobs.get(str(made.map_blob)), [prepared], source)
    heard = finishing.mixed(as_sound(vocal), encode_sound.encoded(harp(), "flac"), fader_mb=200)
    off = sound(hall.file(made)).samples - heard.samples
    assert 0 < np.square(off).mean() < 0.01 * np.square(heard.samples).mean()


@pytest.mark.parametrize("form", renditions.SOUNDS)
def test_every_form_plays_and_all_that_can_carry_a_manifest(hall: Hall, form: str) -> None:
    path = hall.file(hall.made, form)
    played = sound(path)
    assert played.seconds == pytest.approx(song(1, 2).seconds, abs=0.08)
    with hall.sessions() as session:
        finding = verify.verify(within(session), path, tools=hall.tools)
    assert finding.identification == ("recovered" if form == "opus" else "proven")


def test_a_copy_without_its_manifest_is_known_by_its_samples(hall: Hall) -> None:
    bare = hall.root / "bare.wav"
    bare.write_bytes(encode_sound.encoded(sound(hall.file(hall.made)), "wav"))
    with hall.sessions() as session:
        finding = verify.verify(within(session), bare, tools=hall.tools)
    assert (finding.identification, finding.work, finding.changed) == ("recovered", hall.made.id, True)


def test_one_changed_sample_breaks_the_seal(hall: Hall) -> None:
    path = hall.file(hall.made, "wav")
    data = bytearray(path.read_bytes())
    data[20_000] ^= 1
    path.write_bytes(bytes(data))
    with hall.sessions() as session:
        finding = verify.verify(within(session), path, tools=hall.tools)
    assert (finding.identification, finding.changed) == ("recovered", True)
    assert "changed since" in finding.evidence[0].detail


def test_the_overlay_is_one_row_with_a_column_for_each_hundredth_of_a_second(hall: Hall) -> None:
    with Image.open(io.BytesIO(renditions.get(hall.workshop, work=hall.made, form=renditions.OVERLAY).data)) as image:
        assert (image.mode, image.height) == ("P", 1)
        assert abs(image.width - 100 * song(1, 2).seconds) <= 2
        assert image.getpixel((100, 0)) == 0


def test_a_preview_is_the_first_seconds_with_a_chime_and_has_no_seal(hall: Hall) -> None:
    order = hall.song(hall.bob, song(1, 2), hall.singer)
    with db.unit(hall.sessions) as session:
        work = previews.place(session, order=order, catalog=hall.catalog, at=hall.now)
    shown = hall.make(work)
    assert shown.duration_ms is not None
    heard = sound_of(renditions.get(hall.workshop, work=shown, form=None).data)
    assert heard.milliseconds == shown.duration_ms <= song(1, 2).milliseconds
    assert sound_of(renditions.get(hall.workshop, work=shown, form="mp3").data).seconds > 1
    spectrum = np.abs(np.fft.rfft(heard.samples[: RATE // 2, 0]))
    chime = spectrum[round(1318.5 / 2)] + spectrum[round(1760 / 2)]
    assert chime > 20 * np.median(spectrum)


def test_media_are_never_mixed(hall: Hall) -> None:
    painter = hall.artist("Ada Marsh")
    with pytest.raises(BadRequest, match="makes sounds; choose another engine"):
        hall.place(hall.song(hall.bob, song(1, 2), painter))
    with pytest.raises(BadRequest, match="makes pictures; choose another engine"):
        hall.place(hall.order(hall.bob, hall.singer))
    with pytest.raises(BadRequest, match="starts from a recording"):
        hall.place(replace(hall.song(hall.bob, song(1, 2), hall.singer), source_medium="picture"))
    with pytest.raises(BadRequest, match="have no backing"):
        hall.place(hall.order(hall.bob, painter, backing=Backing("0" * 64, "0" * 64, 0)))
    with db.unit(hall.sessions) as session, pytest.raises(BadRequest, match="choose another engine"):
        quotes.quote(
            session, offered=[(hall.singer.id, 1)], engine="toy", catalog=hall.catalog, policy=POLICY, person=None
        )
    with db.unit(hall.sessions) as session:
        style = hall.style_of(hall.singer)
        upload = hall.studio.store(hall.photo(hall.bob)[1], creator=style.creator)
        with pytest.raises(assets.WrongMedium, match="learned from sounds"):
            assets.take(session, style=style.id, upload=upload, title="A field", at=hall.now)


def test_what_cannot_be_put_together_is_refused_before_it_is_held(hall: Hall) -> None:
    part, backing = Part("0" * 64, "0" * 64), Backing("0" * 64, "0" * 64, 0)
    two = [hall.singer, hall.artist("Bruno Sahl", work=song(1, 8))]
    order = hall.song(hall.bob, song(1, 2), *two)
    with pytest.raises(BadRequest, match="say when by sections"):
        hall.place(replace(order, regions=((two[0].id, part),)))
    with pytest.raises(BadRequest, match="an excerpt is made without its backing"):
        hall.place(replace(order, backing=backing, params={"length": 1.0}))
    before = hall.balance(f"credit:{hall.bob.id}")
    late = hall.place(replace(order, sections=((two[0].id, ((90_000, 91_000),)),)))
    assert hall.make_all(engine="chorale") == ["failed"]
    assert "after the recording's end" in str(hall.work(late.id).reason)
    assert hall.balance(f"credit:{hall.bob.id}") == before


def test_another_fader_or_backing_is_another_order(hall: Hall) -> None:
    order = hall.song(hall.bob, song(1, 2), hall.singer)
    one = replace(order, backing=Backing("b", "1" * 64, 0))
    hashes = {x.inputs_hash() for x in (order, one, replace(one, backing=Backing("b", "1" * 64, 100)))}
    assert len(hashes) == 3


def test_a_recording_that_someone_else_registered_is_held(hall: Hall) -> None:
    with db.unit(hall.sessions) as session:
        row = hall.studio.take(session, draft(session, name="Eve Ford", medium="sound"), song(0, 1))
        assert row.state == ("held" if hall.singer else "live")
