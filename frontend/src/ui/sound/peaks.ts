/** Pure: what is drawn of a sound, and its times in words. */
const BARS = 480; // as many as a wide screen can tell apart
const BEND = 0.6; // quiet parts are drawn larger than they are, or nobody would see them

export interface Span {
  /** Seconds. */
  begin: number;
  end: number;
}

/** The loudest sample, 0 to 1, in each of so many equal parts, over all channels. */
export function peaksOf(channels: readonly Float32Array[], bars = BARS): Float32Array {
  const peaks = new Float32Array(bars);
  const length = channels[0]?.length ?? 0;
  for (const samples of channels)
    for (let at = 0; at < length; at++) {
      const bar = Math.min(bars - 1, Math.floor((at * bars) / length));
      peaks[bar] = Math.max(peaks[bar] ?? 0, Math.min(1, Math.abs(samples[at] ?? 0)));
    }
  return peaks;
}

/** How loud the sounding half of it is: the root mean square of the peaks above their median, 0 to 1. */
export function levelOf(peaks: Float32Array): number {
  const loud = [...peaks].sort((a, b) => a - b).slice(Math.floor(peaks.length / 2));
  return Math.sqrt(loud.reduce((sum, peak) => sum + peak * peak, 0) / Math.max(1, loud.length));
}

/** The peaks as an SVG path in a box as wide as there are bars, and 2 high. */
export function pathOf(peaks: Float32Array): string {
  const heights = [...peaks].map((peak) => Math.max(0.012, peak ** BEND * 0.96));
  const upper = heights.map((height, x) => `${x + 0.5} ${(1 - height).toFixed(3)}`);
  const lower = heights.map((height, x) => `${x + 0.5} ${(1 + height).toFixed(3)}`).reverse();
  return `M${[...upper, ...lower].join("L")}Z`;
}

/** `1:05`, or with tenths `1:05.2`. */
export function clock(seconds: number, tenths = false): string {
  const whole = Math.floor(Math.max(0, seconds) * (tenths ? 10 : 1) + 1e-6) / (tenths ? 10 : 1);
  const rest = (whole % 60).toFixed(tenths ? 1 : 0).padStart(tenths ? 4 : 2, "0");
  return `${Math.floor(whole / 60)}:${rest}`;
}

/** Two points in time in order, within the sound; null when they are too near each other to loop. */
export function spanOf(one: number, other: number, duration: number): Span | null {
  const [begin, end] = [Math.max(0, Math.min(one, other)), Math.min(duration, Math.max(one, other))];
  return end - begin < 0.1 ? null : { begin, end };
}
