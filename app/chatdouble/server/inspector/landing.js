/** The landing page: it copies the base URL. */

const base = /** @type {HTMLInputElement} */ (document.getElementById("base"));
const copied = /** @type {HTMLElement} */ (document.getElementById("copied"));

document.getElementById("copy")?.addEventListener("click", async () => {
  base.select();
  try {
    await navigator.clipboard.writeText(base.value);
    copied.textContent = "Copied.";
  } catch {
    copied.textContent = "Press Ctrl+C to copy."; // only pages on https or localhost reach the clipboard
  }
});
