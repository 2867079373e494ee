/** A page that stayed open over a new release asks for files that are gone; loading it again brings the new ones. */
const KEY = "homage-reloaded-at";
const ONCE_IN = 60_000; // milliseconds: a file that is missing for another reason must not reload for ever

window.addEventListener("vite:preloadError", (event) => {
  if (!navigator.onLine) return;
  try {
    const before = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - before < ONCE_IN) return;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    return; // without storage nobody could tell how often this happened
  }
  event.preventDefault();
  location.reload();
});
