import { ActionIcon, TextInput } from "@mantine/core";
import { IconArrowsShuffle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import css from "./Controls.module.css";
import { text } from "./strings";
import { isSeed, newSeed } from "./useDraft";

/** The number that tells one take of the same settings from another. */
export function Seed({ seed, onChange }: { seed: number; onChange: (seed: number) => void }) {
  const [typed, setTyped] = useState(String(seed));
  useEffect(() => setTyped(String(seed)), [seed]);
  const fine = /^\d+$/.test(typed) && isSeed(Number(typed));
  return (
    <div className={css.field}>
      <div className={css.seed}>
        <TextInput
          label={text.controls.seed}
          inputMode="numeric"
          value={typed}
          error={fine ? undefined : text.controls.seedFault}
          onChange={(event) => {
            const next = event.currentTarget.value.trim();
            setTyped(next);
            if (/^\d+$/.test(next) && isSeed(Number(next))) onChange(Number(next));
          }}
        />
        <ActionIcon
          variant="default"
          size="input-sm"
          aria-label={text.controls.shuffle}
          title={text.controls.shuffle}
          onClick={() => onChange(newSeed())}
        >
          <IconArrowsShuffle size={18} aria-hidden="true" />
        </ActionIcon>
      </div>
      <p className={css.help}>{text.controls.seedHelp}</p>
    </div>
  );
}
