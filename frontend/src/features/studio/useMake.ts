/** From what is set up to a preview or a work: the picture is brought, the order sent once however often it is tried. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, idempotencyKey } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import { useMe } from "../../api/session";
import { useUpload } from "../../api/upload";
import type { Kind, Order, Work } from "./types";
import type { Source } from "./useDraft";

interface Options {
  source: Source | null;
  onUploaded: (upload: string | null) => void;
  onMade: (work: Work) => void;
}

export function useMake({ source, onUploaded, onMade }: Options) {
  const me = useMe();
  const queries = useQueryClient();
  const upload = useUpload();
  const sending = useRef<{ file: File; id: Promise<string | null> } | null>(null);
  const sent = useRef<{ body: string; key: string } | null>(null);
  const [busy, setBusy] = useState<Kind | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const picture = source?.kind === "file" ? source.file : null;
  const file = source?.kind === "file" && source.upload === null ? source.file : null;

  /** The upload of this file, begun at most once. Null when it failed or was stopped: the upload says so itself. */
  async function bring(one: File): Promise<string | null> {
    if (sending.current?.file !== one) sending.current = { file: one, id: upload.start(one) };
    const id = await sending.current.id;
    if (id) onUploaded(id);
    else sending.current = null;
    return id;
  }

  // A file is on its way as soon as it is chosen, so that pressing the button has less to wait for.
  const early = useRef(bring);
  early.current = bring;
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
    if (!sending.current || sending.current.file === picture) return;
    sending.current = null;
    cancel(); // another picture was chosen, or none
  }, [picture, cancel]);

  async function origin(): Promise<string | null | undefined> {
    if (source?.kind === "starter") return `starter:${source.name}`;
    if (source?.kind === "file") return source.upload ?? (await bring(source.file)) ?? undefined;
    return null;
  }

  async function make(kind: Kind, order: Omit<Order, "source">): Promise<void> {
    setBusy(kind);
    setProblem(null);
    try {
      const made = await tried(kind, order);
      if (made) onMade(made);
      sent.current = null;
      for (const path of ["/v1/works", "/v1/balances", "/v1/quotes"])
        void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === path });
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(null);
    }
  }

  /** An upload that has expired, or was made by whoever was signed in before, is brought once more. */
  async function tried(kind: Kind, order: Omit<Order, "source">): Promise<Work | null> {
    const from = await origin();
    if (from === undefined) return null;
    try {
      return await place(kind, { ...order, source: from });
    } catch (error) {
      if (asProblem(error).status !== 404 || source?.kind !== "file") throw error;
    }
    sending.current = null;
    const anew = await bring(source.file);
    return anew === null ? null : place(kind, { ...order, source: anew });
  }

  async function place(kind: Kind, body: Order): Promise<Work> {
    const { data } = kind === "preview" ? await api.POST("/v1/previews", { body }) : await order(body);
    if (!data) throw new Error("an answer without a work");
    return data;
  }

  function order(body: Order) {
    const text = JSON.stringify(body);
    if (sent.current?.body !== text) sent.current = { body: text, key: idempotencyKey() };
    return api.POST("/v1/works", { body, params: { header: { "Idempotency-Key": sent.current.key } } });
  }

  return { make, busy, problem, forget: () => setProblem(null), upload };
}
