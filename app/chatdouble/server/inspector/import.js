/** Import of a file as rules: a recording, a script, an export, or a file of another tool. */

import { html, useRef } from "./vendor/htm-preact.js";
import { counted, message } from "./text.js";

/** @typedef {{ rules: string[], skipped: { where: string, reason: string }[] }} Imported */

const FILES = ".yaml,.yml,.json,.har,.gz";
const MOST_REASONS = 5;

/**
 * @param {{ api: import("./api.js").Api, session: string | undefined, say: (text: string) => void, onImported: () => Promise<void> }} props
 */
export function Import({ api, session, say, onImported }) {
  const input = /** @type {{ current: HTMLInputElement | null }} */ (useRef(null));
  const take = async () => {
    const file = input.current?.files?.[0];
    if (!input.current || !file) return;
    try {
      const answer = await api.send("POST", "rules/import", { session, name: file.name }, file);
      say(told(await answer.json()));
      await onImported();
    } catch (error) {
      say(message(error));
    }
    input.current.value = ""; // so that the same file can be chosen again
  };
  return html`<p class="import">
    <label for="import">Import a recording, a script, an HTTP archive or a VCR cassette</label>
    <input id="import" type="file" accept=${FILES} ref=${input} onChange=${take} />
  </p>`;
}

/** @param {Imported} imported */
function told({ rules, skipped }) {
  const reasons = skipped.slice(0, MOST_REASONS).map(({ where, reason }) => (where ? `${where}: ${reason}` : reason));
  const left = skipped.length ? ` ${counted(skipped.length, "part")} left out: ${reasons.join("; ")}` : "";
  return `Imported ${counted(rules.length, "rule")}.${left}`;
}
