import { Anchor, Modal } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { format } from "../../api/money";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import { text } from "./strings";
import css from "./Versions.module.css";

/** The whole license in words, on demand. */
export function Deed({ offer, label = text.style.deed }: { offer: string; label?: string }) {
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/offers/{offer}",
    { params: { path: { offer } } },
    { enabled: open },
  );
  return (
    <>
      <Anchor component="button" type="button" className={css.deedButton} onClick={() => setOpen(true)}>
        {label}
      </Anchor>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        size="lg"
        title={label}
        closeButtonProps={{ "aria-label": text.nearest.close }}
      >
        <ProblemAlert error={error} onRetry={refetch} />
        {data ? (
          <>
            <p className={css.deed}>{data.deed}</p>
            <p className={css.fine}>
              {text.style.hash}: <code className={css.hash}>{data.terms_hash}</code>
            </p>
          </>
        ) : (
          !error && <LinesSkeleton count={5} />
        )}
      </Modal>
    </>
  );
}

/** Every version of the terms that was ever published; each stays in force for the licenses granted under it. */
export function Versions({ style }: { style: string }) {
  const { data } = $api.useQuery("get", "/v1/styles/{style}/offers", { params: { path: { style } } });
  if (!data || data.length === 0) return null;
  return (
    <details className={css.versions}>
      <summary>
        {text.style.versions} ({data.length})
      </summary>
      <ol>
        {data.map((offer) => (
          <li key={offer.id}>
            <span>
              <strong>{text.style.version(offer.number)}</strong>,{" "}
              {offer.closed_at ? text.style.closed : text.style.open}
            </span>
            <span>
              {format(offer.terms.price)} · <When at={offer.published_at} />
            </span>
            <Deed offer={offer.id} />
          </li>
        ))}
      </ol>
    </details>
  );
}
