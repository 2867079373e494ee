/** The pieces for sound, loaded only by those who meet one. */
import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { PlayerProps } from "./Player";
import type { LaneProps } from "./ProvenanceLane";
import type { RecorderProps } from "./Recorder";

const LoadedPlayer = lazy(() => import("./Player"));
const LoadedLane = lazy(() => import("./ProvenanceLane"));
const LoadedRecorder = lazy(() => import("./Recorder"));

export function Player(props: PlayerProps) {
  return (
    <Suspense fallback={<Skeleton height={166} />}>
      <LoadedPlayer {...props} />
    </Suspense>
  );
}

export function ProvenanceLane(props: LaneProps) {
  return (
    <Suspense fallback={<Skeleton height={300} />}>
      <LoadedLane {...props} />
    </Suspense>
  );
}

export function Recorder(props: RecorderProps) {
  return (
    <Suspense fallback={<Skeleton height={44} />}>
      <LoadedRecorder {...props} />
    </Suspense>
  );
}
