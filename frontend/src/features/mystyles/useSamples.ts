/** The sheet of samples from which a creator chooses, and what is chosen. The sheet outlives a reload. */
import { useMutation, useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ended } from "../../api/beats";
import { $api, api, type Schemas } from "../../api/client";
import { keep, kept } from "../../api/draft";
import { queries } from "../../api/queries";
import { send } from "../../api/upload";

type Work = Schemas["WorkOut"];

interface Preset {
  name: string;
  title: string;
}
export interface Sample {
  preset: Preset;
  work: Work | undefined;
  error: unknown;
}
interface Known {
  preset: Preset;
  id: string;
}

const LOOK_AGAIN = 1500; // milliseconds, while one is in the making

export function useSamples(style: string, engine: string) {
  const shelf = `samples:${style}:${engine}`;
  const [known, setKnown] = useState<Known[]>([]);
  useEffect(() => {
    let gone = false;
    void kept<Known[]>(shelf).then((before) => !gone && before && setKnown(before));
    return () => {
      gone = true;
    };
  }, [shelf]);
  const found = useQueries({
    queries: known.map(({ id }) => ({
      ...$api.queryOptions("get", "/v1/works/{id}", { params: { path: { id } } }),
      refetchInterval: ({ state }: { state: { data?: Work; error: unknown } }) =>
        state.error || ended(state.data) ? false : (LOOK_AGAIN as number | false),
    })),
  });
  const making = useMutation({
    mutationFn: async (picture: string | File) => {
      const source = typeof picture === "string" ? picture : await send(picture);
      const { data } = await api.POST("/v1/styles/{style}/samples", {
        params: { path: { style } },
        body: { engine, source },
      });
      return data ?? [];
    },
    onSuccess: (made) => {
      const next = made.map(({ preset, work }) => ({
        preset: { name: preset.name, title: preset.title },
        id: work.id,
      }));
      setKnown(next);
      void keep(shelf, next);
    },
  });
  return {
    samples: known.map(({ preset }, i): Sample => ({ preset, work: found[i]?.data, error: found[i]?.error ?? null })),
    make: making.mutate,
    making: making.isPending,
    error: making.error,
  };
}

/** What fans begin with, and choosing that. */
export function usePresets(style: string, engine: string) {
  const where = { path: { style }, query: { engine } };
  const options = $api.queryOptions("get", "/v1/styles/{style}/preset", { params: where });
  const { data, error } = $api.useQuery("get", "/v1/styles/{style}/preset", { params: where });
  const put = $api.useMutation("put", "/v1/styles/{style}/preset");
  const remove = $api.useMutation("delete", "/v1/styles/{style}/preset");
  const shown = { onSuccess: (chosen: Schemas["PresetChosen"]) => queries.setQueryData(options.queryKey, chosen) };
  function choose(name: string) {
    remove.reset();
    put.mutate({ params: { path: { style } }, body: { engine, name, params: {} } }, shown);
  }
  function takeBack() {
    put.reset();
    remove.mutate({ params: where }, shown);
  }
  return {
    chosen: data,
    choose,
    takeBack,
    busy: put.isPending || remove.isPending,
    error: put.error ?? remove.error ?? error,
  };
}
