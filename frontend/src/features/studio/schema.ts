/** Pure: the JSON schema of an engine's parameters, read into controls that can be drawn. */
export type Values = Record<string, unknown>;

interface Base {
  name: string;
  label: string;
  help: string;
  initial: unknown;
  /** Counts only with a picture to start from, or only without; not given: always. */
  when?: When;
}
type When = "source" | "compose";
export type Control =
  | (Base & { kind: "slider"; min: number; max: number; step: number })
  | (Base & { kind: "number"; min?: number; max?: number; whole: boolean })
  | (Base & { kind: "choice"; options: { value: string | number; label: string }[] })
  | (Base & { kind: "switch" })
  | (Base & { kind: "text"; most?: number })
  | (Base & { kind: "color" })
  | (Base & { kind: "group"; controls: Control[] });

interface Node {
  $ref?: string;
  $defs?: Record<string, Node>;
  allOf?: Node[];
  anyOf?: Node[];
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: (string | number)[];
  const?: string | number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  maxLength?: number;
  format?: string;
  when?: string;
  properties?: Record<string, Node>;
}

const SIZES = [256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];
const COLOR = /^(#[0-9a-f]{6})?$/i; // or none
const FINE = 100; // steps of a slider, at least
const WIDE = 1000; // a range that is typed, for no slider hits a place in it

/** A control for each property, in the schema's order. What nobody can draw (lists, say) keeps its default. */
export function controlsOf(schema: unknown): Control[] {
  const root = schema as Node;
  return propertiesOf(root, root.$defs ?? {});
}

function propertiesOf(node: Node, defs: Record<string, Node>): Control[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, one]) => control(name, whole(one, defs), defs) ?? []);
}

/** With references followed, and without "or null": a control left alone is the default. */
function whole(node: Node, defs: Record<string, Node>): Node {
  if (node.$ref) return { ...whole(defs[node.$ref.split("/").pop() ?? ""] ?? {}, defs), ...without(node, "$ref") };
  const [only] = node.allOf ?? [];
  if (only && node.allOf?.length === 1) return { ...whole(only, defs), ...without(node, "allOf") };
  const some = node.anyOf?.filter(({ type }) => type !== "null") ?? [];
  if (some.length === 1 && some[0]) return { ...whole(some[0], defs), ...without(node, "anyOf") };
  if (some.length > 1 && some.every((one) => one.const !== undefined))
    return { ...without(node, "anyOf"), enum: some.flatMap((one) => one.const ?? []) };
  return node;
}

const without = (node: Node, key: keyof Node): Node =>
  Object.fromEntries(Object.entries(node).filter(([name]) => name !== key));

function control(name: string, node: Node, defs: Record<string, Node>): Control | null {
  const base = {
    name,
    label: titled(name, node.title),
    help: node.description ?? "",
    initial: node.default,
    ...(isWhen(node.when) && { when: node.when }),
  };
  if (node.enum)
    return { ...base, kind: "choice", options: node.enum.map((value) => ({ value, label: called(value) })) };
  switch (node.type) {
    case "boolean":
      return { ...base, kind: "switch" };
    case "string":
      if (node.format === "color") return { ...base, kind: "color" };
      return { ...base, kind: "text", ...(node.maxLength && { most: node.maxLength }) };
    case "object":
      return { ...base, kind: "group", controls: propertiesOf(node, defs) };
    case "integer":
    case "number":
      return numeric(base, node);
    default:
      return null;
  }
}

const isWhen = (value: unknown): value is When => value === "source" || value === "compose";

/** Those that count for a work with, or without, a picture to start from. */
export function relevant(controls: Control[], from: When): Control[] {
  return controls.filter(({ when }) => when === undefined || when === from);
}

function numeric(base: Base, node: Node): Control {
  const whole = node.type === "integer";
  const min = node.minimum ?? node.exclusiveMinimum;
  const max = node.maximum ?? node.exclusiveMaximum;
  const wide = min !== undefined && max !== undefined && max - min > WIDE;
  if (whole && base.name === "size" && min !== undefined && max !== undefined)
    return { ...base, kind: "choice", options: sizes(min, max, base.initial) };
  if (min === undefined || max === undefined || wide) return { ...base, kind: "number", whole, ...bounds(min, max) };
  return { ...base, kind: "slider", min, max, step: node.multipleOf ?? stepOf(min, max, base.initial, whole) };
}

const bounds = (min?: number, max?: number) => ({
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
});

function sizes(min: number, max: number, initial: unknown) {
  const fit = new Set(SIZES.filter((size) => size >= min && size <= max));
  if (typeof initial === "number") fit.add(initial);
  return [...fit].sort((a, b) => a - b).map((value) => ({ value, label: `${value}` }));
}

/** The roundest step by which both ends and the default can be reached, with at least a hundred of them. */
export function stepOf(min: number, max: number, initial: unknown, whole: boolean): number {
  const round = 10 ** Math.floor(Math.log10((max - min) / FINE));
  if (whole) return Math.max(1, round);
  const places = [min, max, initial].map((value) => (typeof value === "number" ? placesOf(value) : 0));
  return Math.min(round, 10 ** -Math.max(...places));
}

function placesOf(value: number): number {
  return String(value).split(".")[1]?.length ?? 0;
}

/** Pydantic titles what has no title of its own `Copy Cap`; in a form of sentences that is `Copy cap`. */
function titled(name: string, title: string | undefined): string {
  return title && title.toLowerCase() !== called(name).toLowerCase() ? title : called(name);
}

/** `copy_cap` as `Copy cap`. */
function called(name: string | number): string {
  const words = String(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What was set, without what this schema does not know: the settings of one engine are not another's. */
export function fitting(controls: Control[], values: Values): Values {
  return Object.fromEntries(
    controls.flatMap((one) => {
      const value = values[one.name];
      if (value === undefined) return [];
      if (one.kind === "group") return [[one.name, fitting(one.controls, (value ?? {}) as Values)]];
      return allowed(one, value) ? [[one.name, value]] : [];
    }),
  );
}

function allowed(one: Control, value: unknown): boolean {
  switch (one.kind) {
    case "slider":
      return typeof value === "number" && value >= one.min && value <= one.max;
    case "number":
      return typeof value === "number";
    case "choice":
      return one.options.some((option) => option.value === value);
    case "switch":
      return typeof value === "boolean";
    case "color":
      return typeof value === "string" && COLOR.test(value);
    default:
      return typeof value === "string";
  }
}
