import { expect, test } from "vitest";
import { controlsOf, fitting, relevant, stepOf } from "./schema";

const SCHEMA = {
  $defs: { Edge: { type: "object", properties: { soft: { type: "boolean", default: true } } } },
  type: "object",
  properties: {
    strength: { type: "number", minimum: 0, maximum: 1, default: 0.5, title: "Strength", description: "How far." },
    size: { type: "integer", minimum: 64, maximum: 2048, default: 512 },
    palette: { type: "string", enum: ["style", "planes"], default: "style" },
    edge: { $ref: "#/$defs/Edge", description: "Outlines." },
    seedless: { anyOf: [{ type: "boolean" }, { type: "null" }], default: null },
    lines: { type: "array", items: { type: "string" } },
    note: { type: "string", maxLength: 40 },
    turns: { type: "integer", minimum: 0 },
    start: { type: "number", minimum: -1, maximum: 1800, default: -1 },
  },
};

test("each kind of property becomes the control that fits it, and a list none", () => {
  const controls = controlsOf(SCHEMA);
  expect(controls.map(({ name, kind }) => [name, kind])).toEqual([
    ["strength", "slider"],
    ["size", "choice"],
    ["palette", "choice"],
    ["edge", "group"],
    ["seedless", "switch"],
    ["note", "text"],
    ["turns", "number"],
    ["start", "number"],
  ]);
  expect(controls[0]).toMatchObject({ label: "Strength", help: "How far.", min: 0, max: 1, step: 0.01, initial: 0.5 });
});

test("a size is chosen among sizes within its bounds, the default with them", () => {
  const [, size] = controlsOf(SCHEMA);
  const values = size?.kind === "choice" ? size.options.map(({ value }) => value) : [];
  expect(values).toEqual([256, 384, 512, 768, 1024, 1536, 2048]);
});

test("groups hold controls of their own", () => {
  const group = controlsOf(SCHEMA)[3];
  expect(group?.kind === "group" && group.controls.map(({ kind }) => kind)).toEqual(["switch"]);
});

test("a slider reaches both ends and the default", () => {
  expect(stepOf(0.002, 1, 0.01, false)).toBeCloseTo(0.001);
  expect(stepOf(0, 10_000, 500, true)).toBe(100);
});

test("a color may be none, and nothing but a color", () => {
  const controls = controlsOf({ properties: { wish: { type: "string", format: "color", default: "" } } });
  expect(controls).toMatchObject([{ kind: "color", label: "Wish", initial: "" }]);
  expect(fitting(controls, { wish: "#C03020" })).toEqual({ wish: "#C03020" });
  expect(fitting(controls, { wish: "" })).toEqual({ wish: "" });
  expect(fitting(controls, { wish: "red" })).toEqual({});
});

test("what counts without a picture only is not asked for with one", () => {
  const shape = { type: "string", enum: ["1:1", "3:2"], when: "compose" };
  const controls = controlsOf({
    properties: { shape, sketch: { type: "boolean", when: "source" }, size: { type: "number" } },
  });
  expect(relevant(controls, "source").map(({ name }) => name)).toEqual(["sketch", "size"]);
  expect(relevant(controls, "compose").map(({ name }) => name)).toEqual(["shape", "size"]);
});

test("settings that the engine does not know are dropped", () => {
  const controls = controlsOf(SCHEMA);
  expect(fitting(controls, { strength: 2, size: 768, palette: "style", gone: 1, edge: { soft: false, x: 1 } })).toEqual(
    {
      size: 768,
      palette: "style",
      edge: { soft: false },
    },
  );
});
