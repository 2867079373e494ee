/** The API writes one lower-case line; people read a sentence. */
export function sentence(line: string): string {
  if (!line) return "";
  const first = line.charAt(0).toUpperCase() + line.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
