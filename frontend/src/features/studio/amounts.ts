/** Pure: round sums to top up by. */
const DOLLAR = 1_000_000;
const ROUND = [5, 10, 20, 50, 100, 200, 500, 1000].map((dollars) => dollars * DOLLAR);
const CENT = 10_000;
const CHOICES = 3;

/** Up to three, the least of them just enough for `missing` units. Whole cents, as payments are. */
export function amountsFor(missing: number): number[] {
  const least = Math.ceil(missing / CENT) * CENT;
  const rounder = ROUND.filter((sum) => sum > least);
  return [least, ...rounder].slice(0, CHOICES);
}
