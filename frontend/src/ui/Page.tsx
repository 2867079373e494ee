import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import css from "./Page.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  /** Beside the title. */
  actions?: ReactNode;
  /** `narrow` is for forms and running text. */
  width?: "full" | "narrow";
  children: ReactNode;
}

/** A page's heading, its document title, and what follows. */
export function Page({ title, lead, actions, width = "full", children }: Props) {
  useDocumentTitle(`${title} · Homage`);
  return (
    <div className={css.page} data-width={width}>
      <div className={css.head}>
        <div>
          <Title order={1}>{title}</Title>
          {lead && (
            <Text component="div" className={css.lead}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}
