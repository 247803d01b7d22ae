/** What can be done with a request: copy it, save it as a rule, release it. */

import { html, useState } from "./vendor/htm-preact.js";
import { pytest, python, typescript } from "./code.js";
import { Dialog } from "./dialog.js";
import { message, visible } from "./text.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./dialog.js").Shown} Shown */

/**
 * @param {{ api: import("./api.js").Api, entry: Detail, session: string | undefined, onChange: () => void }} props
 */
export function Actions({ api, entry, session, onChange }) {
  const [shown, show] = useState(/** @type {Shown | null} */ (null));
  const [error, fail] = useState("");
  const exported = async (/** @type {string} */ format) =>
    (await api.send("GET", "requests/export", { session, format, id: entry.id })).text();
  const attempt = (/** @type {() => Promise<void>} */ run) => () => run().then(() => fail(""), (wrong) => fail(message(wrong)));
  const held = (entry.gates ?? []).filter((gate) => gate.outcome === "waiting");
  const isChat = entry.method === "POST" && entry.path.endsWith("/chat/completions");
  const act = (/** @type {string} */ gate, /** @type {string} */ what, /** @type {object} */ more) =>
    attempt(async () => {
      await api.send("POST", `gates/${encodeURIComponent(gate)}/${what}`, { session }, { request: entry.id, ...more });
      onChange();
    });
  const copy = (/** @type {string} */ title, /** @type {() => Promise<string>} */ text) =>
    attempt(async () => show({ title, text: await text() }));
  return html`<div class="buttons" role="group" aria-label="Actions">
      ${held.map(
        (gate) => html`
          <button type="button" class="first" onClick=${act(gate.name, "release", {})}>Release</button>
          <button type="button" onClick=${act(gate.name, "release", { chunks: 1 })}>Release one chunk</button>
          <button type="button" onClick=${act(gate.name, "abort", {})}>Abort</button>
        `,
      )}
      ${
        isChat
          ? html`<button type="button" onClick=${attempt(async () => show(await asRule(api, exported, session, onChange)))}>Save as rule</button>
              <button type="button" onClick=${copy("Python", async () => python(entry.request))}>Python</button>
              <button type="button" onClick=${copy("TypeScript", async () => typescript(entry.request))}>TypeScript</button>
              <button type="button" onClick=${copy("pytest turn", async () => pytest(JSON.parse(await exported("turns")).turns))}>pytest</button>`
          : null
      }
      <button type="button" onClick=${copy("cURL", () => exported("curl"))}>cURL</button>
    </div>
    ${error ? html`<p class="error" role="alert">${visible(error)}</p>` : null}
    ${shown ? html`<${Dialog} shown=${shown} onClose=${() => show(null)} />` : null}`;
}

/**
 * Return the dialog that shows a request as a rule, and adds it.
 *
 * @param {import("./api.js").Api} api
 * @param {(format: string) => Promise<string>} exported
 * @param {string | undefined} session
 * @param {() => void} onChange
 * @returns {Promise<Shown>}
 */
async function asRule(api, exported, session, onChange) {
  const [text, written] = await Promise.all([exported("rule"), exported("rule_json")]);
  const [rule] = JSON.parse(written).rules;
  if (!rule) throw new Error("A request without an answer makes no rule.");
  const act = async () => {
    const added = await (await api.send("POST", "rules", { session }, { rule, position: "first" })).json();
    onChange();
    return `Added as ${added.id}.`;
  };
  return { title: "Save as rule", text, confirm: "Add to the session", act };
}
