import { Button, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Copy } from "../../ui/Copy";
import { text } from "./strings";
import css from "./Webhooks.module.css";

const said = text.secret;

interface Props {
  secret: string;
  /** Whether there was one before, which still counts. */
  rotated?: boolean;
  onDone: () => void;
}

/** A webhook's secret, the one time that it is shown. */
export function Secret({ secret, rotated = false, onDone }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={css.secret} aria-labelledby="secret">
      <h2 id="secret" ref={heading} tabIndex={-1} className={css.heading}>
        {said.title}
      </h2>
      <Text size="sm" mb="sm">
        {said.words} {rotated && said.rotated}
      </Text>
      <Copy value={secret} label={said.label} />
      <Button mt="md" onClick={onDone}>
        {said.ok}
      </Button>
    </section>
  );
}
