import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./Empty.module.css";

/** Nothing here yet: says what would be here, and starts it (`children` are the buttons). */
export function Empty({ title, words, children }: { title: string; words: string; children?: ReactNode }) {
  return (
    <section className={css.empty}>
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text mt="xs" c="dimmed">
        {words}
      </Text>
      {children && <div className={css.actions}>{children}</div>}
    </section>
  );
}
