import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "../../api/client";
import { format } from "../../api/money";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { LinesSkeleton } from "../../ui/Skeletons";
import css from "./Styles.module.css";
import { text } from "./strings";
import type { Medium, StyleCardData } from "./types";

const AT_ONCE = 8;
const LOOKS = 3;

interface Props {
  medium: Medium;
  without: readonly string[];
  onChoose: (id: string) => void;
  onClose?: () => void;
}

/** A short list of live styles to pick one from. */
export function Choose({ medium, without, onChoose, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 250);
  const { data, error, refetch } = $api.useQuery("get", "/v1/styles", {
    params: { query: { limit: AT_ONCE, medium, ...(q && { q }) } },
  });
  const styles = data?.items.filter(({ id }) => !without.includes(id)) ?? [];
  return (
    <div className={css.choose}>
      <TextInput
        type="search"
        aria-label={text.styles.search}
        placeholder={text.styles.search}
        maxLength={100}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-search
      />
      <ProblemAlert error={error} onRetry={refetch} />
      {!data && !error && <LinesSkeleton count={3} />}
      {data && styles.length === 0 && (
        <p className={css.fine}>
          {text.styles.none} <RouteAnchor to="/my-styles">{text.styles.first}</RouteAnchor>
        </p>
      )}
      <ul className={css.options}>
        {styles.map((style) => (
          <li key={style.id}>
            <Option style={style} onChoose={() => onChoose(style.id)} />
          </li>
        ))}
      </ul>
      <div className={css.line}>
        <RouteAnchor to="/" size="sm">
          {text.styles.all}
        </RouteAnchor>
        {onClose && (
          <Button variant="subtle" size="sm" onClick={onClose}>
            {text.styles.close}
          </Button>
        )}
      </div>
    </div>
  );
}

function Option({ style, onChoose }: { style: StyleCardData; onChoose: () => void }) {
  return (
    <button type="button" className={css.option} onClick={onChoose}>
      <span className={css.looks}>
        {style.looks.slice(0, LOOKS).map(({ asset, url }) => (
          <img
            key={asset}
            data-waveform={style.medium === "sound" || undefined}
            src={url}
            alt=""
            width={56}
            height={56}
            loading="lazy"
          />
        ))}
      </span>
      <span className={css.words}>
        <strong>{style.name}</strong>
        <span className={css.fine}>
          {text.styles.by(style.creator.name)} · {format(style.offer.price)}
        </span>
      </span>
    </button>
  );
}
