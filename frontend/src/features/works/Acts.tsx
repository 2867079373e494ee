import { $api } from "../../api/client";
import { RouteButton } from "../../ui/RouteButton";
import { text } from "./strings";
import type { Work } from "./types";
import css from "./WorkPage.module.css";

/** What can be done with a work now, each in another part of the house. */
export function Acts({ work }: { work: Work }) {
  const final = work.kind === "work";
  const repaints = useRepaints(work);
  return (
    <div className={css.acts}>
      {final && (
        <RouteButton to="/verify" search={{ work: work.id }} variant="default">
          {text.work.verify}
        </RouteButton>
      )}
      {repaints && (
        <RouteButton to="/studio" search={{ rework: work.id }} variant="default">
          {text.work.repaint}
        </RouteButton>
      )}
      {!work.own && (
        <RouteButton to="/studio" search={{ style: work.styles.map(({ style }) => style).join(".") }}>
          {text.work.own}
        </RouteButton>
      )}
      {work.own && (
        <RouteButton to="/studio" search={{ from: work.id }} variant={final ? "default" : "filled"}>
          {final ? text.work.again : text.work.order}
        </RouteButton>
      )}
    </div>
  );
}

/** Whether this work can be repainted in a part: one's own, with a map, by an engine that does such things. */
function useRepaints({ own, kind, overlay, withdrawn_at, engine }: Work): boolean {
  const could = own && kind === "work" && overlay !== null && withdrawn_at === null;
  const { data } = $api.useQuery("get", "/v1/engines", {}, { enabled: could });
  return could && (data?.some(({ name, accepts }) => name === engine && accepts.includes("rework")) ?? false);
}
