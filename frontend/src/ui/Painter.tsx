import { lazy, Suspense } from "react";
import type { Painting } from "./painting";
import { PageSkeleton } from "./Skeletons";

const Easel = lazy(() => import("./Easel"));

export interface Layer {
  key: string;
  name: string;
}

export interface PainterProps {
  /** What the painting says, for those who hear it. */
  label: string;
  /** The picture under it, if there is one that can be shown. */
  picture: string | null;
  /** Width by height, until the picture tells. */
  ratio: number;
  /** What can be painted, each in a color of its own; one is a mask. */
  layers: Layer[];
  painting: Painting;
  onPainting: (painting: Painting) => void;
}

/** A picture to paint over; apart because few need it. */
export function Painter(props: PainterProps) {
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Easel {...props} />
    </Suspense>
  );
}
