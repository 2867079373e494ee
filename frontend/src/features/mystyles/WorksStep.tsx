import { Button, Text, Title } from "@mantine/core";
import { Drop } from "../../ui/Drop";
import { Recorder } from "../../ui/sound/lazy";
import { AssetCard } from "./AssetCard";
import { IncomingCard } from "./IncomingCard";
import { kept, live, type OwnStyle } from "./own";
import { text } from "./strings";
import { Together } from "./Together";
import { useIntake } from "./useIntake";
import { VoiceProof } from "./VoiceProof";
import css from "./Works.module.css";

/** Works come in by several at once; each is reported on as soon as it was compared. */
export function WorksStep({ style }: { style: OwnStyle }) {
  const works = kept(style);
  const gone = style.assets.length - works.length;
  const { items, bring, change, discard, addAll, retry } = useIntake(style.id, style.assets.length);
  const ready = items.filter(({ at }) => at === "ready").length;
  const adding = items.some(({ at }) => at === "taking");
  const sending = items.some(({ at }) => at === "sending" || at === "queued");
  const last = style.state === "listed" && live(style).length === 1;

  return (
    <div className={css.step}>
      <Drop
        kind={style.medium}
        label={text.works.drop[style.medium]}
        hint={text.works.hint[style.medium]}
        multiple
        onFile={(file) => bring([file])}
        onFiles={bring}
        disabled={style.state === "retired"}
      />
      {style.medium === "sound" && style.state !== "retired" && (
        <section aria-labelledby="record">
          <Title order={3} id="record" mb="sm">
            {text.works.record}
          </Title>
          <Recorder onRecorded={(file) => bring([file])} />
        </section>
      )}
      {items.length > 0 && (
        <section className={css.incoming} aria-label={text.works.waiting}>
          <ul className={css.grid} data-medium={style.medium}>
            {items.map((item) => (
              <IncomingCard
                key={item.key}
                item={item}
                medium={style.medium}
                change={change}
                discard={discard}
                retry={retry}
              />
            ))}
          </ul>
          <div className={css.add}>
            <Button onClick={addAll} loading={adding} disabled={ready === 0 || sending}>
              {text.works.add(Math.max(1, ready))}
            </Button>
            <Text size="sm" c="dimmed">
              {text.works.addWords}
            </Text>
          </div>
        </section>
      )}
      <section aria-labelledby="in-style" aria-live="polite">
        {works.length > 0 && (
          <>
            <Title order={3} id="in-style" mb="sm">
              {text.works.list} ({works.length})
            </Title>
            <Together style={style} />
            <ul className={css.grid} data-medium={style.medium}>
              {works.map((asset) => (
                <AssetCard
                  key={asset.id}
                  asset={asset}
                  style={style.id}
                  fixed={style.state === "retired" || (last && asset.state === "live")}
                />
              ))}
            </ul>
          </>
        )}
        {style.medium === "sound" && live(style).length > 0 && <VoiceProof style={style} />}
        {gone > 0 && (
          <Text size="sm" c="dimmed" mt="sm">
            {text.works.removed(gone)}
          </Text>
        )}
      </section>
    </div>
  );
}
