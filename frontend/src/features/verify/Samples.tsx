import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import type { paths } from "../../api/schema.gen";
import { Copy } from "../../ui/Copy";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { sentence } from "../../ui/sentence";
import { sampleLines } from "./question";
import css from "./Samples.module.css";
import { text } from "./strings";

type Sample = paths["/v1/sandbox/samples"]["get"]["responses"][200]["content"]["application/json"][number];

/** Made-up works of every standing, to try a platform's code on. */
export function Samples() {
  const { data } = $api.useQuery("get", "/v1/sandbox/samples", {}, { staleTime: Number.POSITIVE_INFINITY });
  const [name, setName] = useState("licensed");
  if (!data) return null; // an extra: without it the page is whole
  const chosen = data.find((sample) => sample.name === name) ?? data[0];
  return (
    <section className={css.samples} aria-labelledby="samples">
      <h2 id="samples" className={css.title}>
        {text.samples.title}
      </h2>
      <Text size="sm" c="dimmed">
        {text.samples.words}{" "}
        <RouteAnchor to="/account" hash="keys">
          {text.samples.key}
        </RouteAnchor>
      </Text>
      <ul className={css.row} aria-label={text.samples.list}>
        {data.map((sample) => (
          <li key={sample.name}>
            <button
              type="button"
              className={css.sample}
              aria-pressed={sample === chosen}
              onClick={() => setName(sample.name)}
            >
              <img src={sample.file} alt="" width={96} height={64} loading="lazy" />
              <span>{text.samples.named(sample.name)}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && <Chosen sample={chosen} />}
    </section>
  );
}

function Chosen({ sample }: { sample: Sample }) {
  const { file, name, permission, standing, words } = sample;
  return (
    <div className={css.chosen}>
      <p className={css.words} role="status">
        <strong>{text.samples.named(name)}</strong> {sentence(words)}{" "}
        {text.samples.answer(text.samples.standings[standing], permission ?? "deny")}
      </p>
      <Copy value={sampleLines(location.origin, name)} label={text.samples.curl} lines />
      <Button component="a" href={file} download={`${name}.png`} variant="default" mt="sm" size="sm">
        {text.samples.download}
      </Button>
    </div>
  );
}
