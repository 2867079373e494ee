/** From what is set up to previews or a work: what it starts from is brought, the order sent once however often it is tried. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, idempotencyKey } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import { useMe } from "../../api/session";
import { useUpload } from "../../api/upload";
import type { Kind, Order, Work } from "./types";
import type { Brought, Source } from "./useDraft";
import { type Parts, useParts, type Wished } from "./useParts";

/** An order but for what has to be brought first. */
export interface Wish extends Pick<Order, "engine" | "params"> {
  offers: { style: string; offer: string; weight: number }[];
  rework: string | null;
  /** One preview or work each. */
  seeds: number[];
}

interface Options {
  /** Null for none, and for what is repainted: that has its own. */
  source: Source | null;
  /** What a recording is put back over. */
  backing: Brought | null;
  fader: number;
  parts: Wished;
  onUploaded: (upload: string | null) => void;
  onBacking: (upload: string | null) => void;
  onMade: (works: Work[]) => void;
}

export type Busy = Kind | "takes";

export function useMake({ source, backing, fader, parts, onUploaded, onBacking, onMade }: Options) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<Busy | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = useFile(source, onUploaded);
  const below = useFile(backing, onBacking);
  const painted = useParts(parts);
  const order = useOrder();

  async function make(kind: Kind, wish: Wish): Promise<void> {
    setBusy(wish.seeds.length > 1 ? "takes" : kind);
    setProblem(null);
    const made: Work[] = [];
    try {
      await tried(kind, wish, made);
    } catch (error) {
      setProblem(asProblem(error));
    }
    if (made.length > 0) {
      onMade(made);
      for (const path of ["/v1/works", "/v1/balances", "/v1/quotes"])
        void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === path });
    }
    setBusy(null);
  }

  /** An upload that has expired, or was made by whoever was signed in before, is brought once more. */
  async function tried(kind: Kind, wish: Wish, made: Work[]): Promise<void> {
    try {
      return await placed(kind, wish, made);
    } catch (error) {
      if (asProblem(error).status !== 404 || made.length > 0) throw error;
    }
    start.forget();
    below.forget();
    painted.forget();
    return placed(kind, wish, made);
  }

  async function placed(kind: Kind, wish: Wish, made: Work[]): Promise<void> {
    const [source, upload] = [await start.bring(), await below.bring()];
    if (source === undefined || upload === undefined) return;
    const files = { ...(await painted.bring()), source, backing: upload === null ? null : { upload, fader } };
    for (const seed of wish.seeds) made.push(await order(kind, bodyOf(wish, seed, files)));
  }

  return { make, busy, problem, upload: start.upload, backingUpload: below.upload };
}

type Files = Parts & { source: string | null; backing: NonNullable<Order["backing"]> | null };

function bodyOf(wish: Wish, seed: number, { source, backing, mask, regions }: Files): Order {
  return {
    offers: wish.offers.map(({ style, offer, weight }) => ({ offer, weight, region: regions.get(style) ?? null })),
    engine: wish.engine,
    params: wish.params,
    seed,
    source,
    backing,
    mask,
    rework: wish.rework,
  };
}

/** Sent once however often it is tried: the same order has the same key until it was answered. */
function useOrder() {
  const sent = useRef<{ body: string; key: string } | null>(null);

  function order(body: Order) {
    const text = JSON.stringify(body);
    if (sent.current?.body !== text) sent.current = { body: text, key: idempotencyKey() };
    return api.POST("/v1/works", { body, params: { header: { "Idempotency-Key": sent.current.key } } });
  }
  return async (kind: Kind, body: Order): Promise<Work> => {
    const { data } = kind === "preview" ? await api.POST("/v1/previews", { body }) : await order(body);
    if (!data) throw new Error("an answer without a work");
    sent.current = null;
    return data;
  };
}

/** A file of the fan's, on its way to the house. */
function useFile(source: Source | null, onUploaded: (upload: string | null) => void) {
  const me = useMe();
  const upload = useUpload();
  const sending = useRef<{ file: File; id: Promise<string | null> } | null>(null);
  const stale = useRef(false);
  const chosen = source?.kind === "file" ? source.file : null;
  const file = source?.kind === "file" && source.upload === null ? source.file : null;

  /** The upload of this file, begun at most once. Null when it failed or was stopped: the upload says so itself. */
  async function sent(one: File): Promise<string | null> {
    if (sending.current?.file !== one) sending.current = { file: one, id: upload.start(one) };
    const id = await sending.current.id;
    if (id) onUploaded(id);
    else sending.current = null;
    return id;
  }

  // A file is on its way as soon as it is chosen, so that pressing the button has less to wait for.
  const early = useRef(sent);
  early.current = sent;
  const { cancel } = upload;
  useEffect(() => {
    if (me && file) void early.current(file);
  }, [me, file]);
  useEffect(
    () => () => {
      sending.current = null; // the upload stops with its page
    },
    [],
  );
  useEffect(() => {
    if (!sending.current || sending.current.file === chosen) return;
    sending.current = null;
    cancel(); // another file was chosen, or none
  }, [chosen, cancel]);

  /** What the house calls it; null for none, undefined when it could not be brought. */
  async function bring(): Promise<string | null | undefined> {
    if (source?.kind === "starter") return `starter:${source.name}`;
    if (source?.kind !== "file") return null;
    const known = stale.current ? null : source.upload;
    stale.current = false;
    return known ?? (await sent(source.file)) ?? undefined;
  }
  function forget(): void {
    stale.current = true;
    sending.current = null;
  }
  return { bring, forget, upload };
}
