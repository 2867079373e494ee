import { Button, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import css from "./account.module.css";
import { text } from "./strings";

/** The mail that nobody sent, loudly marked as that. */
export function RehearsedMail({ mail }: { mail: Schemas["RehearsedMail"] }) {
  const navigate = useNavigate();
  function open(link: string) {
    // The mail names the house's own address; what counts is the page, wherever this one was loaded from.
    const { pathname, hash } = new URL(link, location.origin);
    void navigate({ to: pathname, hash: hash.replace(/^#/, "") });
  }
  return (
    <section className={css.mail} aria-labelledby="rehearsed">
      <h2 id="rehearsed" className={css.mailTitle}>
        {text.rehearsed.title}
      </h2>
      <Text size="sm">{text.rehearsed.words}</Text>
      <div className={css.letter}>
        <Text fw={600}>{mail.subject}</Text>
        <pre className={css.letterText}>{mail.text}</pre>
      </div>
      {mail.link && (
        <Button mt="md" size="md" onClick={() => mail.link && open(mail.link)}>
          {text.rehearsed.open}
        </Button>
      )}
    </section>
  );
}
