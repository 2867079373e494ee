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
  const bearer = `curl -H 'Authorization: Bearer ${made.key}'`;
  const tries = `${bearer} ${location.origin}/v1/balances`;
  const asks = `${bearer} -F url=${location.origin}/v1/sandbox/samples/licensed.png -F use=publish ${location.origin}/v1/verifications`;
  const at = `-H 'Content-Type: application/json' -d '{"at": "2095-06-01T12:00:00Z"}'`;
  const clock = `${bearer} -X PUT ${at} ${location.origin}/v1/sandbox/clock`;
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
        {made.sandbox && (
          <>
            {made.scopes.includes("verify") && <Labelled value={asks} label={text.keys.asks} />}
            <Labelled value={clock} label={text.keys.clock} />
          </>
        )}
        {!made.sandbox && made.scopes.includes("money") && <Copy value={tries} label={text.keys.usage} />}
      </Stack>
      <Button mt="md" onClick={onDone}>
        {text.keys.ok}
      </Button>
    </div>
  );
}

/** A line to take elsewhere, and what it does. */
function Labelled({ value, label }: { value: string; label: string }) {
  return (
    <div>
      <Text size="sm" mb={4}>
        {label}
      </Text>
      <Copy value={value} label={label} />
    </div>
  );
}
