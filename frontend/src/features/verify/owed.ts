/** Pure: who has which part of what a work earns. */
import type { Part } from "../../ui/SplitBar";
import { text } from "./strings";
import type { Verdict } from "./verdict";

const WHOLE = 1_000_000; // millionths

/** Each creator by their share of the creators' part, then who had the work made, then the house. */
export function owedParts({ income, licensors, licensee, house }: Verdict): Part[] {
  if (!income) return [];
  const names = new Map(licensors.map(({ creator, name }) => [creator, name]));
  const creators = income.licensors.map(({ creator, share }) => ({
    key: creator,
    name: names.get(creator) ?? creator,
    role: text.owed.creator,
    share: Math.round((income.creators_ppm * share) / WHOLE),
  }));
  const others = [
    { key: "fan", name: licensee?.name ?? text.owed.fan, role: licensee ? text.owed.fan : "", share: income.fan_ppm },
    { key: "platform", name: house.name, role: text.owed.platform, share: income.platform_ppm },
  ];
  return [...creators, ...others].filter(({ share }) => share > 0);
}
