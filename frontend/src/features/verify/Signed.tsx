import { Anchor, Button, Text } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import { Copy } from "../../ui/Copy";
import { saveAs } from "../../ui/file";
import { When } from "../../ui/When";
import css from "./Signed.module.css";
import { checkLines, countsUntil, fileName } from "./signed";
import { text } from "./strings";
import type { Verdict } from "./verdict";

/** The same answer, signed: evidence to keep, and how anybody checks it. */
export function Signed({ verdict }: { verdict: Verdict }) {
  const name = fileName(verdict);
  const until = countsUntil(verdict);
  return (
    <section aria-labelledby="signed">
      <h3 id="signed">{text.signed.title}</h3>
      <Text size="sm">
        {text.signed.words} {until && <Until at={until} />}
      </Text>
      <Button
        mt="sm"
        leftSection={<IconCertificate size={18} aria-hidden="true" />}
        onClick={() => saveAs(name, verdict.signed, "application/jose")}
      >
        {text.signed.download}
      </Button>
      <details className={css.more}>
        <summary>{text.signed.check}</summary>
        <Copy value={checkLines(location.origin, name)} label={text.signed.checkLabel} lines />
        <Text size="sm" c="dimmed" mt="xs">
          {text.signed.keys} <Anchor href="/.well-known/jwks.json">/.well-known/jwks.json</Anchor>
        </Text>
        {verdict.terms.length > 0 && (
          <dl className={css.hashes}>
            {verdict.terms.map(({ license, sha256 }) => (
              <div key={license}>
                <dt>{text.signed.terms(license)}</dt>
                <dd>
                  <code>{sha256}</code>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </details>
    </section>
  );
}

const Until = ({ at }: { at: string }) => (
  <>
    {text.signed.until} <When at={at} withTime />.
  </>
);
