// Runs before the first paint, so that a dark page never flashes light. It is a file because inline scripts are refused.
(() => {
  let wish = "auto";
  try {
    wish = localStorage.getItem("homage-scheme") || "auto";
  } catch {
    // Storage may be closed to us: then the system's own scheme holds.
  }
  const dark = wish === "dark" || (wish !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
})();
