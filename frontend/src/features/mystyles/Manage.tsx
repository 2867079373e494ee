import { Alert, Button, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { $api, api, type Schemas } from "../../api/client";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./Manage.module.css";
import { consented, keep, type OwnStyle } from "./own";
import { text } from "./strings";
import { useReach } from "./useReach";

type Act = "suspend" | "retire" | "withdraw";
type Effect = Schemas["Effect"];
const said = text.manage;

/** Pausing or ending a style: two clicks, and between them what will happen. */
export function Manage({ style }: { style: OwnStyle }) {
  const [act, setAct] = useState<Act | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const acts: Act[] = [
    ...(style.state === "listed" ? (["suspend", "retire"] as const) : []),
    ...(consented(style) && style.state !== "held" ? (["withdraw"] as const) : []),
  ];
  return (
    <section className={css.manage} aria-labelledby="manage">
      <Title order={2} id="manage" size="h3">
        {said.title}
      </Title>
      <Text size="sm" c="dimmed">
        {said.state[style.state]} {style.reason && style.state !== "listed" && said.reasonWas(style.reason)}
      </Text>
      <div role="status">{told && <Alert color="viridian">{told}</Alert>}</div>
      {act ? (
        <Confirm
          style={style}
          act={act}
          onDone={(effect) => {
            setAct(null);
            setTold(effect ? said.ended(licenses(effect), works(effect)) : said.retired);
          }}
          onCancel={() => setAct(null)}
        />
      ) : (
        <ul className={css.acts}>
          {acts.map((one) => (
            <li key={one}>
              <Button variant="default" onClick={() => setAct(one)}>
                {said[one]}
              </Button>
              <Text size="sm" c="dimmed">
                {said[`${one}Words`]}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const licenses = (effect: Effect) => said.licenses(effect.licenses_revoked, false);
const works = (effect: Effect) => said.works(effect.works_withdrawn);

interface ConfirmProps {
  style: OwnStyle;
  act: Act;
  onDone: (effect: Effect | null) => void;
  onCancel: () => void;
}

function Confirm({ style, act, onDone, onCancel }: ConfirmProps) {
  const [reason, setReason] = useState<string>(said.reasonDefault);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const reach = useReach(style.id);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { data: whole } = $api.useQuery("get", "/v1/styles/{style}", { params: { path: { style: style.id } } });
  const fault = act !== "retire" && reason.trim() === "" ? said.reasonFault : null;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fault) return;
    setBusy(true);
    setRefused(null);
    try {
      const { effect, after } = await carryOut(style, act, reason.trim());
      keep(after);
      onDone(effect);
    } catch (error) {
      setRefused(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className={css.confirm} noValidate>
      <h3 ref={heading} tabIndex={-1} className={css.heading}>
        {said.effect}
      </h3>
      <ul className={css.stops}>
        {said.stops[act]?.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {act !== "retire" && reach && (
        <Text fw={600}>
          {said.count(said.licenses(reach.licenses, reach.more), said.works(whole?.works_made ?? 0))}
        </Text>
      )}
      {act !== "retire" && (
        <TextInput
          label={said.reason}
          description={said.reasonHint}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={fault}
          maxLength={200}
        />
      )}
      <ProblemAlert error={refused} />
      <div className={css.buttons}>
        <Button type="submit" color="madder" loading={busy}>
          {said.confirm[act]}
        </Button>
        <Button variant="default" onClick={onCancel} disabled={busy}>
          {said.cancel}
        </Button>
      </div>
    </form>
  );
}

async function carryOut(
  style: OwnStyle,
  act: Act,
  reason: string,
): Promise<{ effect: Effect | null; after: OwnStyle }> {
  const path = { path: { style: style.id } };
  if (act === "retire") {
    const { data } = await api.POST("/v1/styles/{style}/retirement", { params: path });
    return { effect: null, after: data ?? style };
  }
  if (act === "suspend") {
    const { data } = await api.DELETE("/v1/styles/{style}/publication", { params: { ...path, query: { reason } } });
    return { effect: data?.effect ?? null, after: data ?? style };
  }
  const { data } = await api.DELETE("/v1/consents/{consent}", {
    params: { path: { consent: style.consent?.id ?? "" }, query: { reason } },
  });
  const after = { ...style, state: "suspended" as const, reason, consent: data ?? style.consent };
  return { effect: data?.effect ?? null, after };
}
