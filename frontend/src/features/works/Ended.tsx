import { format } from "../../api/money";
import { Notice } from "../../ui/Notice";
import { RouteButton } from "../../ui/RouteButton";
import { sentence } from "../../ui/sentence";
import { text } from "./strings";
import type { Work } from "./types";
import css from "./WorkPage.module.css";

/** Why there is no file, where the money is, and what to do now. */
export function Ended({ work }: { work: Work }) {
  const failed = work.state === "failed";
  return (
    <div className={css.ended}>
      <Notice tone={failed ? "no" : "plain"} title={failed ? text.ended.failed : text.ended.cancelled}>
        <p>{sentence(work.reason ?? "")}</p>
        {!work.reason?.includes("price is back") && (
          <p>{work.price.amount > 0 ? text.ended.back(format(work.price)) : text.ended.free}</p>
        )}
      </Notice>
      {work.own && (
        <RouteButton mt="md" to="/studio" search={{ from: work.id }}>
          {text.ended.try}
        </RouteButton>
      )}
    </div>
  );
}
