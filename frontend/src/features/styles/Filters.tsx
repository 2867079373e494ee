import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconArrowsShuffle, IconPhotoSearch, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { format, parse } from "../../api/money";
import { text as uiText } from "../../ui/strings";
import css from "./Filters.module.css";
import { type ExploreSearch, isFiltered, MEDIA, newSeed, readSearch, SORTS, USES } from "./search";
import { text } from "./strings";

const PRICES = ["1", "5", "20", "100"];

interface Props {
  search: ExploreSearch;
  onSearch: (next: ExploreSearch) => void;
  byPicture: boolean;
  onByPicture: () => void;
}

/** What is asked for; every change is at once in the address. */
export function Filters({ search, onSearch, byPicture, onByPicture }: Props) {
  const set = (change: Record<string, unknown>) => onSearch(readSearch({ ...search, ...change }));
  const priced = search.max && !PRICES.includes(search.max) ? [search.max, ...PRICES] : PRICES;
  return (
    <search className={css.bar} aria-label={text.filters.label}>
      <Words value={search.q ?? ""} onChange={(q) => set({ q })} />
      <NativeSelect
        label={text.filters.medium}
        value={search.medium ?? ""}
        onChange={(event) => set({ medium: event.currentTarget.value })}
        data={[
          { value: "", label: text.filters.anyMedium },
          ...MEDIA.map((medium) => ({ value: medium, label: text.filters.media[medium] })),
        ]}
      />
      <NativeSelect
        label={text.filters.use}
        value={search.use ?? ""}
        onChange={(event) => set({ use: event.currentTarget.value })}
        data={[
          { value: "", label: text.filters.anyUse },
          ...USES.map((use) => ({ value: use, label: uiText.uses[use] ?? use })),
        ]}
      />
      <NativeSelect
        label={text.filters.price}
        value={search.max ?? ""}
        onChange={(event) => set({ max: event.currentTarget.value })}
        data={[{ value: "", label: text.filters.anyPrice }, ...priced.map((max) => ({ value: max, label: upTo(max) }))]}
      />
      <NativeSelect
        label={text.filters.sort}
        value={search.sort ?? "new"}
        onChange={(event) => set({ sort: event.currentTarget.value, seed: newSeed() })}
        data={SORTS.map((sort) => ({ value: sort, label: text.filters.sorts[sort] }))}
      />
      <div className={css.buttons}>
        <Button
          variant="default"
          leftSection={<IconArrowsShuffle size={18} aria-hidden="true" />}
          onClick={() => set({ sort: "random", seed: newSeed() })}
        >
          {text.filters.surprise}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPhotoSearch size={18} aria-hidden="true" />}
          aria-expanded={byPicture}
          onClick={onByPicture}
        >
          {text.filters.picture}
        </Button>
        {isFiltered(search) && (
          <Button variant="subtle" onClick={() => onSearch({})}>
            {text.filters.clear}
          </Button>
        )}
      </div>
    </search>
  );
}

/** Asked for once typing rests; follows the address when that changes by itself, as by the back button. */
function Words({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const later = useDebouncedCallback(onChange, 250);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      className={css.words}
      type="search"
      label={text.filters.search}
      placeholder={text.filters.placeholder}
      leftSection={<IconSearch size={18} aria-hidden="true" />}
      maxLength={100}
      value={typed}
      data-search
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}

function upTo(max: string): string {
  const amount = parse(max);
  return text.filters.upTo(amount ? format(amount).replace(/\.00$/, "") : max);
}
