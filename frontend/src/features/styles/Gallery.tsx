import { Button, Modal } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import css from "./Gallery.module.css";
import { text } from "./strings";
import type { Style } from "./types";

type Work = Style["assets"][number];

/** The style's works, each of which opens large; arrows go on to the next. */
export function Gallery({ works, artist }: { works: readonly Work[]; artist: string }) {
  const [at, setAt] = useState<number | null>(null);
  const shown = at === null ? undefined : works[at];
  const step = (by: number) => setAt((now) => (now === null ? null : (now + by + works.length) % works.length));
  function press(event: KeyboardEvent) {
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  }
  return (
    <>
      <ul className={css.works}>
        {works.map((work, index) => (
          <li key={work.id}>
            <button type="button" aria-label={text.style.enlarge(work.title)} onClick={() => setAt(index)}>
              <img
                src={work.url}
                alt=""
                width={work.width ?? undefined}
                height={work.height ?? undefined}
                loading={index < 2 ? "eager" : "lazy"}
              />
            </button>
            <span className={css.title}>{work.title}</span>
          </li>
        ))}
      </ul>
      <Modal
        opened={shown !== undefined}
        onClose={() => setAt(null)}
        size="xl"
        title={shown?.title}
        closeButtonProps={{ "aria-label": text.nearest.close }}
        onKeyDown={press}
      >
        {shown && (
          <figure className={css.large}>
            <img
              src={shown.url}
              alt={`${shown.title}, ${artist}`}
              width={shown.width ?? undefined}
              height={shown.height ?? undefined}
            />
            <figcaption className={css.caption}>
              <span>
                {artist} · {text.style.of((at ?? 0) + 1, works.length)}
              </span>
              <span className={css.steps}>
                <Button variant="default" onClick={() => step(-1)}>
                  {text.style.previous}
                </Button>
                <Button variant="default" onClick={() => step(1)}>
                  {text.style.next}
                </Button>
              </span>
            </figcaption>
          </figure>
        )}
      </Modal>
    </>
  );
}
