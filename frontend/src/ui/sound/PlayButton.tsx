import { ActionIcon } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { text } from "./strings";

/** A passage to be heard: nothing is loaded before it is asked for, and one at a time sounds. */
export function PlayButton({ src, title, className }: { src: string; title: string; className?: string }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const Icon = playing ? IconPlayerStop : IconPlayerPlay;
  function toggle(): void {
    const own = audio.current;
    if (!own) return;
    setPlaying(!playing);
    if (playing) {
      own.pause();
      return;
    }
    for (const other of document.querySelectorAll("audio")) if (other !== own) other.pause();
    own.currentTime = 0;
    void own.play().catch(() => setPlaying(false));
  }
  return (
    <>
      <ActionIcon
        className={className}
        size={44}
        radius="50%"
        aria-label={playing ? text.stopPassage(title) : text.passage(title)}
        aria-pressed={playing}
        onClick={toggle}
      >
        <Icon size={22} aria-hidden="true" />
      </ActionIcon>
      {/* biome-ignore lint/a11y/useMediaCaption: a passage of a voice or an instrument; its words are nobody's to know here */}
      <audio ref={audio} src={src} preload="none" onPause={() => setPlaying(false)} onEnded={() => setPlaying(false)} />
    </>
  );
}
