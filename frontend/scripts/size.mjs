// What a first visit loads as JavaScript, gzipped: the entry and everything it imports at once. Fails above the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 200_000;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const gzipped = (file) => gzipSync(readFileSync(`dist/${file}`)).length;

function reach(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) reach(next, seen);
  return seen;
}

const entry = reach("index.html");
const scripts = [...entry].map((key) => manifest[key].file);
const styles = [...new Set([...entry].flatMap((key) => manifest[key].css ?? []))];
const shell = scripts.reduce((sum, file) => sum + gzipped(file), 0);

const pages = Object.keys(manifest)
  .filter((key) => key.startsWith("src/routes/") && manifest[key].isDynamicEntry)
  .map((key) => {
    const more = [...reach(key)].filter((one) => !entry.has(one)).map((one) => manifest[one].file);
    return [key, more.reduce((sum, file) => sum + gzipped(file), 0)];
  })
  .sort((a, b) => b[1] - a[1]);

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
process.stdout.write(`${kb(shell)}  JavaScript of every first visit\n`);
process.stdout.write(`${kb(styles.reduce((sum, file) => sum + gzipped(file), 0))}  styles of every first visit\n`);
for (const [key, bytes] of pages) process.stdout.write(`${kb(shell + bytes)}  first visit to ${key}\n`);

const most = shell + (pages[0]?.[1] ?? 0);
if (most > LIMIT) {
  process.stderr.write(`the heaviest first visit loads ${most} bytes, more than ${LIMIT}\n`);
  process.exit(1);
}
