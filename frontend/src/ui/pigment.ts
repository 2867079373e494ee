import { PIGMENTS } from "../theme";

/** The color of the nth part of a whole; they come round again after the last. */
export const pigment = (index: number): string => `var(--pigment-${(index % PIGMENTS) + 1})`;
