import { Button, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";
import { Copy } from "../../ui/Copy";
import css from "./account.module.css";
import { text } from "./strings";

/** A key, the one time that it is shown. */
export function NewKey({ made, onDone }: { made: Schemas["KeyMade"]; onDone: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const path = made.sandbox ? "/v1/sandbox/samples" : "/v1/balances";
  const tries = `curl -H 'Authorization: Bearer ${made.key}' ${location.origin}${path}`;
  return (
    <div className={css.mail}>
      <h3 ref={heading} tabIndex={-1} className={css.mailTitle}>
        {text.keys.made}
      </h3>
      <Text size="sm" mb="sm">
        {text.keys.madeWords}
      </Text>
      <Stack gap="sm">
        <Copy value={made.key} label={text.keys.key} />
        {(made.sandbox || made.scopes.includes("money")) && <Copy value={tries} label={text.keys.usage} />}
      </Stack>
      <Button mt="md" onClick={onDone}>
        {text.keys.ok}
      </Button>
    </div>
  );
}
