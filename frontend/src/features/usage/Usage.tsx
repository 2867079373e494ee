import { useQueryClient } from "@tanstack/react-query";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Held } from "./Held";
import { Matches } from "./Matches";
import { Reports } from "./Reports";
import { Send } from "./Send";
import { text } from "./strings";
import css from "./Usage.module.css";

/** Usage in bulk: to send, what became of it, and whose the lines are that nobody knows. */
export function Usage() {
  const me = useMe();
  const queries = useQueryClient();
  const reload = () =>
    void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/usage") });
  return (
    <Page title={text.title} lead={text.lead}>
      {me === undefined && <LinesSkeleton />}
      {me === null && <SignInFirst why={text.why} />}
      {me && (
        <div className={css.parts}>
          <Send onSent={reload} />
          <Reports />
          <Held onSaid={reload} />
          <Matches me={me.person} onDecided={reload} />
        </div>
      )}
    </Page>
  );
}
