import { Button, Loader } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client";
import { keepPicture } from "../../api/draft";
import { Drop } from "../../ui/Drop";
import { ProblemAlert } from "../../ui/ProblemAlert";
import explore from "./Explore.module.css";
import css from "./Nearest.module.css";
import { StyleCard } from "./StyleCard";
import { text } from "./strings";
import type { Near } from "./types";

/** Styles by the picture that they should look like. */
export function Nearest({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const search = useMutation({ mutationFn: nearestTo });
  const take = (chosen: File) => {
    setFile(chosen);
    search.mutate(chosen);
  };
  async function use() {
    if (file) await keepPicture({ file, upload: null });
    await navigate({ to: "/studio", search: { style: search.data?.[0]?.style.id } });
  }
  return (
    <div>
      <div className={css.panel}>
        <div className={css.head}>
          <h3 className={css.title}>{text.nearest.title}</h3>
          <Button variant="subtle" onClick={onClose}>
            {text.nearest.close}
          </Button>
        </div>
        <p className={css.words}>{text.nearest.words}</p>
        <Drop file={file} onFile={take} onRemove={() => setFile(null)} label={text.nearest.drop} />
      </div>
      <div aria-live="polite">
        {search.isPending && (
          <p className={css.asking}>
            <Loader size="sm" aria-hidden="true" /> {text.nearest.asking}
          </p>
        )}
        {search.data && file && <Found near={search.data} onUse={use} />}
      </div>
      <ProblemAlert error={search.error} onRetry={() => file && search.mutate(file)} />
    </div>
  );
}

function Found({ near, onUse }: { near: Near[]; onUse: () => void }) {
  if (near.length === 0) return <p>{text.nearest.none}</p>;
  return (
    <>
      <div className={css.head}>
        <h3 className={css.title}>{text.nearest.found}</h3>
        <Button onClick={onUse}>{text.nearest.use}</Button>
      </div>
      <ol className={explore.grid}>
        {near.map(({ style, rank, distance }) => (
          <li key={style.id}>
            <StyleCard style={style} note={`${text.nearest.rank(rank)} · ${inWords(distance)}`} />
          </li>
        ))}
      </ol>
    </>
  );
}

async function nearestTo(file: File): Promise<Near[]> {
  const { data } = await api.POST("/v1/styles/nearest", {
    body: { file: file as unknown as string }, // the schema calls every file a string
    bodySerializer: () => {
      const form = new FormData();
      form.append("file", file);
      return form;
    },
  });
  return data ?? [];
}

/** 0 is the same look; two strangers differ by about 1. */
function inWords(distance: number): string {
  const { same, close, like, some, far } = text.nearest.near;
  if (distance < 0.15) return same;
  if (distance < 0.4) return close;
  if (distance < 0.7) return like;
  return distance < 1.1 ? some : far;
}
