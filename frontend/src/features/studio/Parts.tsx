import { Button } from "@mantine/core";
import { IconBrush, IconLayoutGrid } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./Parts.module.css";
import { text } from "./strings";
import type { Engine } from "./types";
import type { Draft } from "./useDraft";
import { isPainted } from "./useParts";

/** What is painted over the picture just now. */
export type Tool = "mask" | "regions";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  engine: Engine | undefined;
  /** How many styles there are to divide the picture among. */
  styles: number;
  /** Something that is repainted has its own part. */
  repainting: boolean;
  onTool: (tool: Tool) => void;
}

/** Whether all of the picture is painted, and which style goes where; the ways to change that. */
export function Parts({ draft, change, engine, styles, repainting, onTool }: Props) {
  const can = (what: string) => engine?.accepts.includes(what) ?? false;
  const masks = can("mask") && draft.source !== null && !repainting;
  const divides = can("region") && styles > 1;
  if (!masks && !divides) return null;
  return (
    <div className={css.parts}>
      {masks && (
        <Part
          icon={<IconBrush size={18} aria-hidden="true" />}
          painted={isPainted(draft.mask)}
          words={text.parts.mask}
          onOpen={() => onTool("mask")}
          onForget={() => change({ mask: null })}
        />
      )}
      {divides && (
        <Part
          icon={<IconLayoutGrid size={18} aria-hidden="true" />}
          painted={isPainted(draft.regions)}
          words={text.parts.regions}
          onOpen={() => onTool("regions")}
          onForget={() => change({ regions: null })}
        />
      )}
    </div>
  );
}

interface PartProps {
  icon: ReactNode;
  painted: boolean;
  words: { open: string; set: string; change: string; forget: string };
  onOpen: () => void;
  onForget: () => void;
}

function Part({ icon, painted, words, onOpen, onForget }: PartProps) {
  if (!painted)
    return (
      <Button variant="default" size="sm" leftSection={icon} onClick={onOpen}>
        {words.open}
      </Button>
    );
  return (
    <div className={css.set}>
      {icon}
      <span>{words.set}</span>
      <Button variant="default" size="compact-sm" onClick={onOpen}>
        {words.change}
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={onForget}>
        {words.forget}
      </Button>
    </div>
  );
}
