/** Money to the last unit: whole numbers in, text out, no floating point between. `USD/6` counts millionths of a dollar. */
export interface Amount {
  amount: number;
  asset: string;
}

export const USD = "USD/6";
const UNIT = 1_000_000n;
const WHOLE = 1_000_000;

/** `$1,234.50`; more than two digits of a dollar only where they are not zero: `$0.0125`. */
export function format({ amount, asset }: Amount): string {
  if (asset !== USD) return `${amount} ${asset}`;
  const units = BigInt(amount);
  const size = units < 0n ? -units : units;
  const digits = (size % UNIT)
    .toString()
    .padStart(6, "0")
    .replace(/0{1,4}$/, "");
  const dollars = (size / UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${units < 0n ? "−" : ""}$${dollars}.${digits}`;
}

/** The amount that someone typed, such as `12.50` or `$1,200`; null if it is none. */
export function parse(text: string): Amount | null {
  const plain = text.trim().replace(/^\$\s*/, "");
  if (!/^(\d{1,3}(,\d{3})+|\d+)(\.\d{0,6})?$/.test(plain)) return null;
  const [whole = "", part = ""] = plain.replaceAll(",", "").split(".");
  const units = BigInt(whole) * UNIT + BigInt(part.padEnd(6, "0"));
  return units <= BigInt(Number.MAX_SAFE_INTEGER) ? { amount: Number(units), asset: USD } : null;
}

/** Millionths as a percentage: `12.5 %`, at most two digits after the point, and never a false zero or a false whole. */
export function percent(ppm: number): string {
  if (ppm > 0 && ppm < 100) return "< 0.01 %";
  const rounded = Math.round(ppm / 100);
  const hundredths = ppm < WHOLE ? Math.min(rounded, 9999) : rounded;
  const part = String(hundredths % 100)
    .padStart(2, "0")
    .replace(/0+$/, "");
  return `${Math.floor(hundredths / 100)}${part && `.${part}`} %`;
}

/** Each part of the total, in millionths. */
export function sharesOf(amounts: Amount[]): number[] {
  const total = amounts.reduce((sum, one) => sum + BigInt(one.amount), 0n);
  return amounts.map((one) => (total === 0n ? 0 : Number((BigInt(one.amount) * BigInt(WHOLE)) / total)));
}
