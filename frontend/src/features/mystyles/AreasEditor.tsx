import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type PointerEvent, useRef, useState } from "react";
import { api } from "../../api/client";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./AreasEditor.module.css";
import { type Area, byKey, drawn, large, moved, type Point, placed, same, sameAll, WHOLE } from "./areas";
import { keepAsset, type OwnAsset } from "./own";
import { inspection as said } from "./strings.areas";

const NEW: Area = [850_000, 650_000, 950_000, 950_000];

interface Props {
  asset: OwnAsset;
  style: string;
  onClose: () => void;
}

/** The parts of a work that nothing is taken from: drawn over it, moved and removed, by hand or by keys. */
export default function AreasEditor({ asset, style, onClose }: Props) {
  const [areas, setAreas] = useState<Area[]>(asset.left_out as Area[]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const proposed = asset.findings.filter(({ area }) => area && !areas.some((one) => same(one, area)));
  const add = (area: Area) => setAreas((now) => [...now, area]);
  const remove = (index: number) => setAreas((now) => now.filter((_, at) => at !== index));

  async function save() {
    setBusy(true);
    setProblem(null);
    try {
      const path = { path: { asset: asset.id } };
      const { data } = await api.PUT("/v1/assets/{asset}/left-out", { params: path, body: { areas } });
      if (data) keepAsset(style, data);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Modal opened onClose={onClose} size="xl" title={said.openOf(asset.title)}>
      <Stack>
        <Text size="sm">{said.lead}</Text>
        <Canvas asset={asset} areas={areas} proposed={proposed} setAreas={setAreas} add={add} remove={remove} />
        <ul className={css.list}>
          {areas.map((area, index) => (
            <li key={area.join()} className={css.row}>
              <Text size="sm">{said.area(index + 1)}</Text>
              <Button size="compact-sm" variant="subtle" onClick={() => remove(index)}>
                {said.remove(index + 1)}
              </Button>
            </li>
          ))}
        </ul>
        {proposed.length > 0 && (
          <section aria-label={said.proposed}>
            <Text size="sm" fw={600}>
              {said.proposed}
            </Text>
            <ul className={css.list}>
              {proposed.map(({ say, area }) => (
                <li key={String(area)} className={css.row}>
                  <Text size="sm">{sentence(say)}</Text>
                  <Button size="compact-sm" variant="default" onClick={() => add(area as Area)}>
                    {said.accept}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <ProblemAlert error={problem} />
        <Group>
          <Button variant="default" onClick={() => add(NEW)}>
            {said.add}
          </Button>
          <Button onClick={save} loading={busy} disabled={sameAll(areas, asset.left_out)}>
            {said.save}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            {said.cancel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface CanvasProps {
  asset: OwnAsset;
  areas: Area[];
  proposed: OwnAsset["findings"];
  setAreas: (change: (now: Area[]) => Area[]) => void;
  add: (area: Area) => void;
  remove: (index: number) => void;
}

/** What is being done with the pointer: a new part from where it went down, or one that is moved. */
interface Hold {
  from: Point;
  index: number | null;
  area: Area;
}

function Canvas({ asset, areas, proposed, setAreas, add, remove }: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [hold, setHold] = useState<Hold | null>(null);
  const put = (index: number, area: Area) => setAreas((now) => now.map((one, at) => (at === index ? area : one)));

  function at(event: PointerEvent): Point {
    const box = frame.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }
  function down(event: PointerEvent, index: number | null) {
    event.stopPropagation();
    frame.current?.setPointerCapture(event.pointerId);
    const from = at(event);
    setHold({ from, index, area: index === null ? drawn(from, from) : (areas[index] ?? NEW) });
  }
  function move(event: PointerEvent) {
    if (!hold) return;
    const to = at(event);
    if (hold.index === null) return setHold({ ...hold, area: drawn(hold.from, to) });
    const by = [(to.y - hold.from.y) * WHOLE, (to.x - hold.from.x) * WHOLE].map(Math.round) as [number, number];
    put(hold.index, moved(hold.area, ...by));
  }
  function up() {
    if (hold && hold.index === null && large(hold.area)) add(hold.area);
    setHold(null);
  }

  return (
    <div
      ref={frame}
      className={css.frame}
      onPointerDown={(event) => down(event, null)}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => setHold(null)}
    >
      <img
        src={asset.url}
        alt={asset.title}
        width={asset.width ?? undefined}
        height={asset.height ?? undefined}
        draggable={false}
      />
      {proposed.map(({ area }) => (
        <span key={String(area)} className={css.proposed} style={placed(area as Area)} />
      ))}
      {areas.map((area, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: an area keeps its place and its focus while it moves
          key={index}
          type="button"
          className={css.area}
          style={placed(area)}
          aria-label={said.area(index + 1)}
          onPointerDown={(event) => down(event, index)}
          onKeyDown={(event) => {
            const next = byKey(area, event.key, event.shiftKey);
            if (next) put(index, next);
            else if (event.key === "Delete" || event.key === "Backspace") remove(index);
            else return;
            event.preventDefault();
          }}
        />
      ))}
      {hold?.index === null && <span className={css.drawing} style={placed(hold.area)} />}
    </div>
  );
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
