import { Badge, Button, Text } from "@mantine/core";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { size } from "../../ui/file";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { PlayButton } from "../../ui/sound/PlayButton";
import { clock } from "../../ui/sound/peaks";
import { keepAsset, type OwnAsset } from "./own";
import { text } from "./strings";
import { inspection } from "./strings.areas";
import css from "./Works.module.css";

const AreasEditor = lazy(() => import("./AreasEditor"));
const UNDO_MS = 6000;
const COLORS = { live: "viridian", merged: "ochre", held: "madder", retired: "gray" };

interface Props {
  asset: OwnAsset;
  style: string;
  /** It cannot be removed now. */
  fixed: boolean;
}

/** A work of the style: what was noticed about it, and its removal, which can be undone for a moment. */
export function AssetCard({ asset, style, fixed }: Props) {
  const { removing, remove, undo, problem } = useRemoval(asset, style);
  const [editing, setEditing] = useState(false);
  if (removing) {
    return (
      <li className={css.card}>
        <div className={css.removing} role="status">
          <Text size="sm">{text.works.removing}</Text>
          <Button size="sm" variant="default" onClick={undo}>
            {text.works.undo}
          </Button>
        </div>
      </li>
    );
  }
  return (
    <li className={css.card}>
      {asset.medium === "sound" ? (
        <Wave asset={asset} />
      ) : (
        <img
          className={css.picture}
          src={asset.url}
          alt={asset.title}
          loading="lazy"
          width={asset.width ?? undefined}
          height={asset.height ?? undefined}
        />
      )}
      <div className={css.body}>
        <Text fw={600} className={css.title}>
          {asset.title}
        </Text>
        <Text size="sm" c="dimmed">
          {extent(asset)} · {size(asset.bytes)}
        </Text>
        <Badge variant="light" color={COLORS[asset.state]}>
          {text.works.states[asset.state]}
        </Badge>
        {asset.advice.map((line) => (
          <Text key={line} size="sm" className={asset.state === "held" ? css.no : css.mind}>
            {line.charAt(0).toUpperCase() + line.slice(1)}.
          </Text>
        ))}
        {asset.findings.some(({ area }) => area) && (
          <Text size="sm" className={css.mind}>
            {noticed(asset)}
          </Text>
        )}
        {editing && (
          <Suspense>
            <AreasEditor asset={asset} style={style} onClose={() => setEditing(false)} />
          </Suspense>
        )}
        <ProblemAlert error={problem} />
        {!fixed && (
          <div className={css.tools}>
            {asset.medium === "picture" && (
              <Button
                size="sm"
                variant="subtle"
                onClick={() => setEditing(true)}
                aria-label={inspection.openOf(asset.title)}
              >
                {inspection.open(asset.left_out.length)}
              </Button>
            )}
            <Button
              size="sm"
              variant="subtle"
              color="gray"
              onClick={remove}
              aria-label={text.works.removeOf(asset.title)}
            >
              {text.works.remove}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}

/** A recording by its waveform, with the places of what was noticed, and a passage to hear. */
function Wave({ asset }: { asset: OwnAsset }) {
  const part = (ms: number) => `${(100 * ms) / Math.max(1, asset.duration_ms ?? 1)}%`;
  return (
    <div className={css.wave}>
      <img
        data-waveform
        src={asset.url}
        alt={text.works.recording(asset.title)}
        loading="lazy"
        width={512}
        height={192}
      />
      {asset.findings.map(({ code, span, say }) => {
        const [begin = 0, end = 0] = span ?? [];
        return (
          span && (
            <span
              key={`${code}/${begin}`}
              className={css.span}
              title={say}
              style={{ left: part(begin), width: part(end - begin) }}
            />
          )
        );
      })}
      {asset.excerpt && <PlayButton className={css.play} src={asset.excerpt} title={asset.title} />}
    </div>
  );
}

function extent({ width, height, duration_ms }: OwnAsset): string {
  if (duration_ms !== null) return text.works.lasts(clock(duration_ms / 1000, true));
  return text.works.size(width ?? 0, height ?? 0);
}

/** Each kind of area that was noticed, said once; what is at a time says so itself. */
function noticed(asset: OwnAsset): string {
  const lines = asset.findings.filter(({ area }) => area).map(({ say, do: what }) => `${say}; ${what}.`);
  return [...new Set(lines)].map((line) => line.charAt(0).toUpperCase() + line.slice(1)).join(" ");
}

/** Retiring cannot be taken back at the house, so it is done only when nobody has undone it for a while. */
function useRemoval(asset: OwnAsset, style: string) {
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const pending = useRef<ReturnType<typeof setTimeout> | null>(null);

  const retire = useCallback(async () => {
    pending.current = null;
    try {
      const { data } = await api.DELETE("/v1/assets/{asset}", { params: { path: { asset: asset.id } } });
      if (data) keepAsset(style, data);
    } catch (error) {
      setRemoving(false);
      setProblem(error);
    }
  }, [asset.id, style]);

  function remove() {
    setProblem(null);
    setRemoving(true);
    pending.current = setTimeout(retire, UNDO_MS);
  }
  function undo() {
    if (pending.current) clearTimeout(pending.current);
    pending.current = null;
    setRemoving(false);
  }
  // Whoever leaves the page has decided.
  const latest = useRef(retire);
  latest.current = retire;
  useEffect(() => {
    const flush = () => {
      if (!pending.current) return;
      clearTimeout(pending.current);
      void latest.current();
    };
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, []);
  return { removing, remove, undo, problem };
}
