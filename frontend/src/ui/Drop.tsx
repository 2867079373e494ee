import { Skeleton } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";

const DropZone = lazy(() => import("./DropZone"));

export interface DropProps {
  onFile: (file: File) => void;
  onFiles?: (files: File[]) => void;
  /** Shown instead of the invitation, with a way to choose another. */
  file?: File | null;
  onRemove?: () => void;
  label?: string;
  hint?: string;
  /** What is asked for; pictures if it is not said. */
  kind?: "picture" | "sound";
  /** Any kind of file, as Verify takes them. */
  anything?: boolean;
  maxBytes?: number;
  multiple?: boolean;
  /** Takes what is pasted anywhere on the page. */
  paste?: boolean;
  disabled?: boolean;
  children?: ReactNode;
}

/** A file by dropping, pasting, or the file chooser. */
export function Drop(props: DropProps) {
  return (
    <Suspense fallback={<Skeleton height={props.file ? 360 : 230} radius="lg" />}>
      <DropZone {...props} />
    </Suspense>
  );
}
