/** A dialog that shows a text, to copy or to confirm. */

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { message, visible } from "./text.js";

/** @typedef {{ title: string, text: string, confirm?: string, act?: () => Promise<string> }} Shown */

/** @param {{ shown: Shown, onClose: () => void }} props */
export function Dialog({ shown, onClose }) {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  const [said, say] = useState("");
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(shown.text);
      say("Copied.");
    } catch {
      say("This page may not copy: select the text and press Ctrl+C.");
    }
  };
  const act = async () => {
    try {
      say((await shown.act?.()) ?? "");
    } catch (error) {
      say(message(error));
    }
  };
  return html`<dialog ref=${dialog} onClose=${onClose} aria-label=${shown.title}>
    <h2>${shown.title}</h2>
    <pre class="code" tabindex="0">${visible(shown.text)}</pre>
    <p role="status">${visible(said)}</p>
    <div class="buttons">
      ${shown.act ? html`<button type="button" class="first" onClick=${act}>${shown.confirm}</button>` : null}
      <button type="button" onClick=${copy}>Copy</button>
      <button type="button" onClick=${() => dialog.current?.close()}>Close</button>
    </div>
  </dialog>`;
}
