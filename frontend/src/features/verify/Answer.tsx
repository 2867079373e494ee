import { Button, Group, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconFileAlert } from "@tabler/icons-react";
import { saveAs } from "../../ui/file";
import { RouteButton } from "../../ui/RouteButton";
import { SplitBar } from "../../ui/SplitBar";
import { sentence } from "../../ui/sentence";
import { owedParts } from "./owed";
import { Part } from "./Part";
import { Signed } from "./Signed";
import { text } from "./strings";
import css from "./Verify.module.css";
import { isCopy, isOwn, say, sureness, type Tone, type Verdict, worth } from "./verdict";

const ICONS: Record<Tone, typeof IconCircleCheck> = {
  yes: IconCircleCheck,
  mind: IconFileAlert,
  no: IconCircleX,
  none: IconCircleDashed,
};

/** Where it is said already that the file is another, or that it may be. */
const GUESSED = new Set(["matched", "derived", "several", "hint"]);

/** The verdict first, then whose it is and how we know. */
export function Answer({ verdict, file, onClear }: { verdict: Verdict; file: File | null; onClear: () => void }) {
  const { tone, title, words } = say(verdict);
  const Icon = ICONS[tone];
  return (
    <article className={css.verdict} data-tone={tone}>
      <header className={css.said}>
        <Icon size={44} stroke={1.4} aria-hidden="true" />
        <div>
          <h2>{title}</h2>
          <p>{words}</p>
          <p className={css.how}>{text.identification[verdict.identification]}</p>
        </div>
      </header>
      <div className={css.body}>
        {verdict.changed && !GUESSED.has(verdict.identification) && <Text size="sm">{text.changed}</Text>}
        <Reasons verdict={verdict} />
        <Whose verdict={verdict} />
        <Owed verdict={verdict} />
        <HowWeKnow verdict={verdict} file={file} />
        <Signed verdict={verdict} />
        <Group mt="lg">
          {!isOwn(verdict) && verdict.work && (
            <RouteButton to="/works/$id" params={{ id: verdict.work }} variant="default">
              {text.open}
            </RouteButton>
          )}
          <Button variant="default" onClick={() => save(verdict)}>
            {text.receipt}
          </Button>
          <Button variant="subtle" onClick={onClear}>
            {text.another}
          </Button>
        </Group>
      </div>
    </article>
  );
}

function Reasons({ verdict }: { verdict: Verdict }) {
  if (verdict.reasons.length === 0) return null;
  return (
    <section>
      <h3>{text.reasons}</h3>
      <ul>
        {verdict.reasons.map((reason) => (
          <li key={reason.code + reason.clause + reason.license}>{sentence(reason.text)}</li>
        ))}
      </ul>
    </section>
  );
}

function Whose({ verdict }: { verdict: Verdict }) {
  if (!verdict.work && verdict.licensors.length === 0) return null;
  return (
    <section>
      <h3>{isCopy(verdict) ? text.whose : text.resembled}</h3>
      <dl className={css.facts}>
        {verdict.licensors.length > 0 && (
          <div>
            <dt>{isOwn(verdict) ? text.maker : text.by}</dt>
            <dd>{verdict.licensors.map(({ name }) => name).join(", ")}</dd>
          </div>
        )}
        {verdict.licensee && (
          <div>
            <dt>{text.madeFor}</dt>
            <dd>{verdict.licensee.name}</dd>
          </div>
        )}
        {verdict.work && (
          <div>
            <dt>{text.work}</dt>
            <dd>
              <code>{verdict.work}</code>
            </dd>
          </div>
        )}
      </dl>
      {verdict.shares.length > 0 && !isOwn(verdict) && (
        <>
          <h4>{text.parts}</h4>
          <SplitBar
            label={text.parts}
            parts={verdict.shares.map(({ asset, title, share }) => ({ key: asset, name: title, share }))}
          />
        </>
      )}
    </section>
  );
}

function Owed({ verdict }: { verdict: Verdict }) {
  const parts = owedParts(verdict);
  if (parts.length === 0) return null;
  return (
    <section>
      <h3>{text.owed.title}</h3>
      <SplitBar label={text.owed.title} parts={parts} />
    </section>
  );
}

function HowWeKnow({ verdict, file }: { verdict: Verdict; file: File | null }) {
  return (
    <section>
      <h3>{text.evidence}</h3>
      {verdict.work && verdict.evidence.length > 0 && <Text size="sm">{worth(verdict)}</Text>}
      {verdict.evidence.length === 0 && <Text size="sm">{text.noEvidence}</Text>}
      <ul className={css.layers}>
        {verdict.evidence.map((evidence) => (
          <Layer
            key={evidence.layer + evidence.work + evidence.detail}
            evidence={evidence}
            named={verdict.others.length > 0}
            file={file}
          />
        ))}
      </ul>
    </section>
  );
}

/** What one layer says. `named`: whether to say of which work, since there are several. */
function Layer({
  evidence,
  named,
  file,
}: {
  evidence: Verdict["evidence"][number];
  named: boolean;
  file: File | null;
}) {
  const { layer, confidence, detail, work } = evidence;
  return (
    <li>
      <span className={css.layer}>
        <strong>{text.layers[layer] ?? layer}</strong>
        {confidence > 0 && (
          <span className="number">
            {sureness(confidence)} {text.sure}
          </span>
        )}
      </span>
      <span className={css.sure} aria-hidden="true">
        <span style={{ width: `${confidence * 100}%` }} />
      </span>
      {named && work && !detail.includes(work) && <code className={css.named}>{work}</code>}
      <span className={css.detail}>{sentence(detail)}</span>
      {layer === "fingerprint" && <Part evidence={evidence} file={file} />}
    </li>
  );
}

/** The whole answer as a file, as the API gave it. */
const save = (verdict: Verdict) =>
  saveAs(
    `verdict-${verdict.work ?? verdict.at.slice(0, 10)}.json`,
    JSON.stringify(verdict, null, 2),
    "application/json",
  );
