import { Button, NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import "@mantine/core/styles/Radio.layer.css";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { $api, api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { queries } from "../../api/queries";
import { useMe } from "../../api/session";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { useDraft } from "./draft";
import { keep, type Medium, type OwnStyle } from "./own";
import { text } from "./strings";

const NEW = "";
const MOST = 200;

interface NameDraft {
  style: string;
  medium: Medium;
  /** Null until something was typed: an emptied field stays empty. */
  artist: string | null;
  profile: string | null;
}
const NOTHING: NameDraft = { style: "", medium: "picture", artist: null, profile: null };

/** The first step of a new style; the artist's profile is made on the way. */
export function FirstStep() {
  const navigate = useNavigate();
  const me = useMe();
  const { data: profiles, error } = $api.useQuery("get", "/v1/profiles");
  const [draft, change, clear] = useDraft("new-style", NOTHING);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const profile = draft.profile ?? profiles?.[0]?.id ?? NEW;
  const artist = draft.artist ?? (profiles?.length === 0 ? (me?.name ?? "") : "");
  const faults = {
    style: nameFault(draft.style, text.name.faults.style),
    artist: profile === NEW ? nameFault(artist, text.name.faults.artist) : null,
  };

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setRefused(null);
    if (faults.style || faults.artist || !profiles) return;
    setBusy(true);
    try {
      const id = profile === NEW ? await openProfile(artist) : profile;
      change({ profile: id }); // if the next step fails, the profile is not made twice
      const { data } = await api.POST("/v1/styles", {
        body: { profile: id, name: draft.style.trim(), medium: draft.medium },
      });
      if (!data) return;
      keep(data);
      clear();
      await navigate({ to: "/my-styles/$id", params: { id: data.id }, search: { step: "works" } });
    } catch (caught) {
      setRefused(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Radio.Group
          label={text.name.medium}
          value={draft.medium}
          onChange={(value) => change({ medium: value === "sound" ? "sound" : "picture" })}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="picture" label={text.name.media.picture} />
            <Radio value="sound" label={text.name.media.sound} />
          </Stack>
        </Radio.Group>
        <TextInput
          label={text.name.style}
          description={text.name.styleHint}
          value={draft.style}
          onChange={(event) => change({ style: event.currentTarget.value })}
          error={said(tried ? faults.style : null, refused, "name")}
          maxLength={MOST}
          required
          withAsterisk={false}
          data-autofocus
        />
        {profiles !== undefined && profiles.length > 0 && (
          <NativeSelect
            label={text.name.as}
            description={text.name.artistHint}
            data={[
              ...profiles.map(({ id, name }) => ({ value: id, label: name })),
              { value: NEW, label: text.name.other },
            ]}
            value={profile ?? NEW}
            onChange={({ currentTarget }) => change({ profile: currentTarget.value })}
          />
        )}
        {profile === NEW && (
          <TextInput
            label={text.name.artist}
            description={text.name.artistHint}
            value={artist}
            onChange={(event) => change({ artist: event.currentTarget.value })}
            error={tried ? faults.artist : null}
            maxLength={MOST}
            autoComplete="nickname"
            required
            withAsterisk={false}
          />
        )}
        <ProblemAlert error={refused ?? error} />
        <div>
          <Button type="submit" loading={busy}>
            {text.name.submit}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

async function openProfile(name: string): Promise<string> {
  const { data } = await api.POST("/v1/profiles", { body: { name: name.trim() } });
  await queries.invalidateQueries({ queryKey: ["get", "/v1/profiles"] });
  return data?.id ?? "";
}

/** The name of a style that is there; once others have seen it, it stays. */
export function NameStep({ style }: { style: OwnStyle }) {
  const [draft, change, clear] = useDraft(`name:${style.id}`, { style: style.name });
  const rename = $api.useMutation("patch", "/v1/styles/{style}");
  const fault = nameFault(draft.style, text.name.faults.style);
  const fixed = style.state !== "draft";

  function submit(event: FormEvent) {
    event.preventDefault();
    if (fault || fixed) return;
    rename.mutate(
      { params: { path: { style: style.id } }, body: { name: draft.style.trim() } },
      {
        onSuccess: (renamed) => {
          clear();
          keep(renamed);
          void notify(text.name.saved);
        },
      },
    );
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <TextInput
          label={text.name.style}
          description={fixed ? text.name.fixed : text.name.styleHint}
          value={fixed ? style.name : draft.style}
          onChange={(event) => change({ style: event.currentTarget.value })}
          readOnly={fixed}
          error={said(fault, rename.error, "name")}
          maxLength={MOST}
        />
        <TextInput label={text.name.artist} value={style.creator.name} readOnly description={text.name.fixed} />
        <ProblemAlert error={rename.error} />
        {!fixed && draft.style !== style.name && (
          <div>
            <Button type="submit" loading={rename.isPending}>
              {text.name.save}
            </Button>
          </div>
        )}
      </Stack>
    </form>
  );
}

function nameFault(name: string, empty: string): string | null {
  const plain = name.trim();
  if (!plain) return empty;
  return plain.length > MOST ? text.name.faults.long : null;
}

/** One's own fault first, else what the API said about this field. */
function said(own: string | null, refusal: unknown, field: string): string | null {
  if (own || refusal === null || refusal === undefined) return own;
  return asProblem(refusal).errors.find(({ pointer }) => pointer.endsWith(`/${field}`))?.detail ?? null;
}
