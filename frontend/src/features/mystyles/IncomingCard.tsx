import { Button, Progress, Text, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { size, useObjectUrl } from "../../ui/file";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Player } from "../../ui/sound/lazy";
import type { Medium } from "./own";
import { text } from "./strings";
import type { Incoming } from "./useIntake";
import css from "./Works.module.css";

const SMALL = 512; // pixels of the long side; below that strokes look coarse

interface Props {
  medium: Medium;
  item: Incoming;
  change: (key: string, part: Partial<Incoming>) => void;
  discard: (key: string) => void;
  retry: (key: string) => void;
}

/** A work that is on its way: what it looks like, how far it is, and what it will be called. */
export function IncomingCard({ medium, item, change, discard, retry }: Props) {
  const { key, name, title, at } = item;
  const advice = useSizeAdvice(item.file);
  return (
    <li className={css.card} aria-busy={at === "sending" || at === "taking"}>
      {medium === "sound" ? <Listen file={item.file} name={name} /> : <Thumbnail file={item.file} />}
      <div className={css.body}>
        <TextInput
          label={text.works.title_}
          aria-label={text.works.titleOf(name)}
          value={title}
          onChange={(event) => change(key, { title: event.currentTarget.value })}
          disabled={at === "taking"}
          maxLength={200}
        />
        <Standing item={item} />
        {advice && (
          <Text size="sm" className={css.mind}>
            {advice}
          </Text>
        )}
        {at === "failed" && <ProblemAlert error={item.problem} />}
        <div className={css.tools}>
          {at === "failed" && (
            <Button size="sm" variant="default" onClick={() => retry(key)}>
              {text.works.retry}
            </Button>
          )}
          {at !== "taking" && (
            <Button
              size="sm"
              variant="subtle"
              color="gray"
              onClick={() => discard(key)}
              aria-label={text.works.discardOf(title || name)}
            >
              {text.works.discard}
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}

function Standing({ item: { at, sent, total, file } }: { item: Incoming }) {
  if (at === "failed") return null;
  if (at === "sending") {
    const percent = total > 0 ? Math.floor((100 * sent) / total) : 0;
    return (
      <div>
        <Progress value={percent} aria-label={text.works.sending(percent)} />
        <Text size="sm">{text.works.sending(percent)}</Text>
      </div>
    );
  }
  const words = {
    queued: text.works.queued,
    ready: file ? text.works.ready : text.works.restored,
    taking: text.works.taking,
  };
  return (
    <Text size="sm" c="dimmed">
      {words[at]}
      {file && ` · ${size(file.size)}`}
    </Text>
  );
}

function Listen({ file, name }: { file: File | null; name: string }) {
  if (!file) return null;
  return (
    <div className={css.listen}>
      <Player name={text.works.recording(name)} track={{ label: name, from: file }} seconds={null} keys={false} />
    </div>
  );
}

function Thumbnail({ file }: { file: File | null }) {
  const url = useObjectUrl(file);
  const [shown, setShown] = useState(true);
  if (!url || !shown) {
    return <div className={css.blank}>{file && <Text size="sm">{text.works.unreadable}</Text>}</div>;
  }
  return <img className={css.picture} src={url} alt="" onError={() => setShown(false)} />;
}

/** What can be said of the size before anything was sent. */
function useSizeAdvice(file: File | null): string | null {
  const [advice, setAdvice] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    if (file) {
      createImageBitmap(file)
        .then((image) => {
          if (here && Math.max(image.width, image.height) < SMALL) {
            setAdvice(text.works.small(image.width, image.height));
          }
          image.close();
        })
        .catch(() => undefined); // the house reads kinds that this browser cannot
    }
    return () => {
      here = false;
    };
  }, [file]);
  return advice;
}
