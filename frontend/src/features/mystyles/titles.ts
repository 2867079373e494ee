/** Pure: what a work is called when nobody has said so yet. */

const CAMERA = /^(img|image|dsc|dscn|dscf|pxl|photo|scan|screenshot|pict?|mvimg|unbenannt|untitled)?[\s\d.()-]*$/i;
const MOST = 200;

/** `my_harbour-02 (final).PNG` -> `My harbour 02`; what a camera made up says nothing, so it is `Untitled`. */
export function titleOf(fileName: string): string {
  const stem = fileName
    .replace(/\.[A-Za-z0-9]{1,5}$/, "")
    .replace(/[_+]|%20|-(?!\s)/g, " ")
    .replace(/\((final|copy|edited|\d+)\)|\b(final|copy|edited)\s*\d*$/gi, "")
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();
  if (!stem || CAMERA.test(stem)) return "Untitled";
  return (stem.charAt(0).toUpperCase() + stem.slice(1)).slice(0, MOST).trim();
}

/** Several at once: the nameless are numbered, after the `before` that are there already. */
export function titlesOf(fileNames: readonly string[], before = 0): string[] {
  let number = before;
  return fileNames.map((name) => {
    number += 1;
    const title = titleOf(name);
    return title === "Untitled" ? `Untitled ${number}` : title;
  });
}
