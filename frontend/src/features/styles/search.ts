/** Pure: what is asked for on Explore, as it stands in the address. What is left out is as it is at first. */
import { parse } from "../../api/money";

export const SORTS = ["new", "price", "random"] as const;
export const USES = ["publish", "stream", "sell", "print", "advertise", "sample", "train"] as const;
export const MEDIA = ["picture", "sound"] as const;
export type Sort = (typeof SORTS)[number];
export type Use = (typeof USES)[number];

export interface ExploreSearch {
  q?: string;
  medium?: (typeof MEDIA)[number];
  use?: Use;
  /** In dollars, as it is typed. */
  max?: string;
  sort?: Exclude<Sort, "new">;
  seed?: number;
}

const MOST_LETTERS = 100;
const MOST_SEED = 2 ** 31;

/** Whatever stands in an address becomes something that can be asked. */
export function readSearch(raw: Record<string, unknown>): ExploreSearch {
  const found: ExploreSearch = {};
  const q = String(raw.q ?? "").slice(0, MOST_LETTERS);
  if (q.trim()) found.q = q;
  const medium = MEDIA.find((one) => one === raw.medium);
  if (medium) found.medium = medium;
  const use = USES.find((one) => one === raw.use);
  if (use) found.use = use;
  const max = String(raw.max ?? "");
  if (parse(max)) found.max = max;
  if (raw.sort === "price" || raw.sort === "random") found.sort = raw.sort;
  const seed = Number(raw.seed);
  if (found.sort === "random" && Number.isInteger(seed) && seed >= 0 && seed < MOST_SEED) found.seed = seed;
  return found;
}

/** The same as the API takes it. */
export function queryOf({ q, medium, use, max, sort, seed }: ExploreSearch) {
  const most = max === undefined ? null : parse(max);
  return {
    ...(q?.trim() && { q: q.trim() }),
    ...(medium && { medium }),
    ...(use && { use }),
    ...(most && { max_price: most.amount }),
    ...(sort && { sort }),
    ...(seed !== undefined && { seed }),
  };
}

export const newSeed = (): number => Math.floor(Math.random() * MOST_SEED);

export const isFiltered = ({ q, medium, use, max }: ExploreSearch): boolean => Boolean(q || medium || use || max);
