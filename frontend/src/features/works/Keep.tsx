import { Button, NativeSelect, Switch } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api } from "../../api/client";
import { Copy } from "../../ui/Copy";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Embed } from "./Embed";
import css from "./Keep.module.css";
import { text } from "./strings";
import type { Work } from "./types";
import parts from "./WorkPage.module.css";

const FORMS = {
  picture: [
    { form: "png", name: text.downloads.png, words: text.downloads.pngWords },
    { form: "jpeg", name: text.downloads.jpeg, words: text.downloads.jpegWords },
    { form: "webp", name: text.downloads.webp, words: text.downloads.webpWords },
  ],
  sound: [
    { form: "flac", name: text.downloads.flac, words: text.downloads.flacWords },
    { form: "wav", name: text.downloads.wav, words: text.downloads.wavWords },
    { form: "mp3", name: text.downloads.mp3, words: text.downloads.mp3Words },
    { form: "opus", name: text.downloads.opus, words: text.downloads.opusWords },
  ],
} as const;

/** The work's files to take along, and its link to give away. */
export function Keep({ work }: { work: Work }) {
  const [notice, setNotice] = useState("");
  if (!work.file) return null;
  return (
    <section className={parts.part} aria-labelledby="download">
      <h2 id="download">{text.downloads.title}</h2>
      <p className={parts.words}>
        {text.downloads.words[work.medium]} {text.downloads.signer}
      </p>
      <NativeSelect
        className={css.notice}
        label={text.downloads.notice.label}
        value={notice}
        onChange={(event) => setNotice(event.currentTarget.value)}
        data={[
          { value: "", label: text.downloads.notice.kind },
          { value: "&notice=true", label: text.downloads.notice[work.medium] },
          { value: "&notice=false", label: text.downloads.notice.none },
        ]}
      />
      <div className={css.files}>
        {FORMS[work.medium].map(({ form, name, words }) => (
          <File key={form} href={`${work.file}?format=${form}&download=true${notice}`} name={name} words={words} />
        ))}
        {work.own && work.overlay && (
          <File
            href={`/v1/works/${work.id}/map`}
            name={text.downloads.map[work.medium]}
            words={text.downloads.mapWords}
          />
        )}
      </div>
      {work.own && !work.withdrawn_at && <Sharing work={work} />}
      {work.shared && !work.withdrawn_at && <Embed work={work} />}
    </section>
  );
}

function File({ href, name, words }: { href: string; name: string; words: string }) {
  return (
    <Button
      component="a"
      href={href}
      download
      variant="default"
      h="auto"
      className={css.file}
      leftSection={<IconDownload size={18} aria-hidden="true" />}
    >
      <span>
        {name}
        <span className={css.fine}>{words}</span>
      </span>
    </Button>
  );
}

/** Switched at once on the page; put back if the house refuses. */
function Sharing({ work }: { work: Work }) {
  const queries = useQueryClient();
  const sharing = $api.useMutation("put", "/v1/works/{id}/sharing");
  const shared = sharing.isPending ? sharing.variables.body.shared : work.shared;
  const change = (next: boolean) =>
    sharing.mutate(
      { params: { path: { id: work.id } }, body: { shared: next } },
      {
        onSuccess: (data) =>
          queries.setQueryData(["get", "/v1/works/{id}", { params: { path: { id: work.id } } }], data),
      },
    );
  return (
    <div className={css.sharing}>
      <h3>{text.sharing.title}</h3>
      <Switch
        checked={shared}
        onChange={(event) => change(event.currentTarget.checked)}
        label={text.sharing.toggle}
        description={text.sharing.words}
      />
      <ProblemAlert error={sharing.error} />
      {shared && (
        <div className={css.link}>
          <Copy value={`${window.location.origin}/works/${work.id}`} label={text.sharing.link} />
        </div>
      )}
    </div>
  );
}
