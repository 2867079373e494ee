import { ActionIcon, Button, SegmentedControl, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useShortcut } from "../../shell/shortcuts";
import css from "./Player.module.css";
import { clock, levelOf } from "./peaks";
import { text } from "./strings";
import { type Player as Playing, usePlayer } from "./usePlayer";
import { type Heard, useSound } from "./useSound";
import { type Mark, Waveform } from "./Waveform";

const SHORT = 5; // seconds of a loop that a button begins

export interface Track {
  label: string;
  from: Blob | string | null;
}

export interface PlayerProps {
  name: string;
  /** What is heard. */
  track: Track;
  /** What it is compared with, at the same place. */
  other?: Track | null;
  /** Seconds, where they are known. */
  seconds: number | null;
  /** Drawn where the sound itself is too long to be. */
  picture?: string | null;
  marks?: readonly Mark[];
  /** The page's keys for playing and comparing are this player's. */
  keys?: boolean;
  /** Below the waveform, as wide, with the place that is played. */
  lane?: (at: number, seek: (seconds: number) => void) => ReactNode;
}

/** A sound with its waveform; with a second one, both go on together and one of them is heard. */
export default function Player({ name, track, other, seconds, picture, marks, keys = true, lane }: PlayerProps) {
  const one = useSound(track.from, seconds);
  const two = useSound(other?.from ?? null, seconds);
  const tracks = other ? [one, two] : [one];
  const player = usePlayer(tracks.map(({ peaks }) => (peaks ? levelOf(peaks) : null)));
  const shown = tracks[player.heard] ?? one;
  const duration = one.duration ?? 0;
  return (
    <section className={css.player} aria-label={text.player(name)}>
      {tracks.map(
        ({ src }, index) =>
          src && (
            // biome-ignore lint/a11y/useMediaCaption: a singing voice or an instrument; its words are nobody's to know here
            <audio
              key={src}
              ref={player.audio(index)}
              src={src}
              preload="auto"
              onEnded={index === player.heard ? player.onEnded : undefined}
            />
          ),
      )}
      <Waveform
        name={name}
        peaks={shown.peaks}
        picture={player.heard === 0 ? picture : null}
        duration={duration}
        at={player.at}
        loop={player.loop}
        marks={marks}
        onSeek={player.seek}
        onLoop={player.setLoop}
        onToggle={player.toggle}
      />
      {keys && <Keys player={player} both={Boolean(other)} />}
      {lane?.(player.at, player.seek)}
      <div className={css.tools}>
        <Play player={player} ready={one.src !== null} />
        <output className={css.clock}>{text.at(clock(player.at, true), clock(duration, true))}</output>
        {other && <Swap player={player} labels={[track.label, other.label]} ready={two} />}
        <Loop player={player} duration={duration} />
      </div>
      {one.failed && (
        <Text size="sm" c="dimmed">
          {text.unplayable}
        </Text>
      )}
    </section>
  );
}

function Play({ player, ready }: { player: Playing; ready: boolean }) {
  const Icon = player.playing ? IconPlayerPause : IconPlayerPlay;
  return (
    <ActionIcon
      size={44}
      radius="50%"
      disabled={!ready}
      aria-label={player.playing ? text.pause : text.play}
      onClick={player.toggle}
    >
      <Icon size={22} aria-hidden="true" />
    </ActionIcon>
  );
}

function Keys({ player, both }: { player: Playing; both: boolean }) {
  useShortcut("p", text.playKey, player.toggle);
  useShortcut("b", text.swap, () => both && player.hear(player.heard === 0 ? 1 : 0));
  return null;
}

function Swap({ player, labels, ready }: { player: Playing; labels: [string, string]; ready: Heard }) {
  return (
    <SegmentedControl
      aria-label={text.hear}
      disabled={ready.src === null}
      data={labels.map((label, index) => ({ value: String(index), label }))}
      value={String(player.heard)}
      onChange={(value) => player.hear(Number(value))}
    />
  );
}

function Loop({ player, duration }: { player: Playing; duration: number }) {
  const { loop, at } = player;
  if (!loop)
    return (
      <Button
        variant="subtle"
        size="sm"
        disabled={duration < 1}
        onClick={() => {
          const begin = Math.max(0, Math.min(at, duration - 1));
          player.setLoop({ begin, end: Math.min(duration, begin + SHORT) });
        }}
      >
        {text.loop}
      </Button>
    );
  return (
    <span className={css.loop}>
      <span>{text.looped(clock(loop.begin, true), clock(loop.end, true))}</span>
      <Button variant="subtle" size="compact-sm" onClick={() => player.setLoop(null)}>
        {text.unloop}
      </Button>
    </span>
  );
}
