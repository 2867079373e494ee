import { Button, Code, Text } from "@mantine/core";
import { useState } from "react";
import { When } from "../../ui/When";
import css from "./Consent.module.css";
import { ConsentForm } from "./ConsentForm";
import { consented, type OwnStyle } from "./own";
import { text } from "./strings";
import type { HeldTerms } from "./terms";

/** The declaration that stands, or the form for one. */
export function ConsentStep({ style, terms }: { style: OwnStyle; terms: HeldTerms }) {
  const [again, setAgain] = useState(false);
  const standing = consented(style);
  if (style.consent && standing && !again) {
    return (
      <section className={css.signed}>
        <Text className={css.tick}>{text.consent.signed}</Text>
        <blockquote className={css.statement}>{style.consent.statement}</blockquote>
        <Text size="sm" c="dimmed">
          {text.consent.fingerprint}: <Code className={css.hash}>{style.consent.hash}</Code>
        </Text>
        <Text size="sm" c="dimmed">
          {text.consent.until} <When at={style.consent.expires_at} />.
        </Text>
        {style.state !== "retired" && (
          <div>
            <Button variant="default" onClick={() => setAgain(true)}>
              {text.consent.again}
            </Button>
          </div>
        )}
      </section>
    );
  }
  return (
    <>
      {style.consent && !standing && (
        <Text mb="lg" className={css.mind}>
          {style.consent.withdrawn_at ? text.consent.withdrawn : text.consent.ended}
        </Text>
      )}
      <ConsentForm style={style} terms={terms} onSigned={() => setAgain(false)} />
      {again && (
        <Button mt="sm" variant="subtle" onClick={() => setAgain(false)}>
          {text.consent.keepOld}
        </Button>
      )}
    </>
  );
}
