/** The rules in the order in which they are tried. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { address } from "./place.js";
import { counted, message, visible } from "./text.js";
import { Tree } from "./tree.js";

/** @typedef {import("./types.js").Rule} Rule */

/** @param {{ api: import("./api.js").Api, all: boolean, session: string }} props */
export function Rules({ api, all, session }) {
  const [rules, setRules] = useState(/** @type {Rule[] | null} */ (null));
  const [said, say] = useState("");
  const named = all ? session || "*" : undefined;
  const read = async () => {
    try {
      setRules((await api.get("rules", { session: named })).data);
    } catch (error) {
      say(message(error));
    }
  };
  useEffect(() => void read(), [named]);
  const change = async (/** @type {Rule} */ rule, /** @type {string} */ method, /** @type {unknown} */ body) => {
    try {
      await api.send(method, `rules/${rule.id.split("/").map(encodeURIComponent).join("/")}`, { session: named }, body);
      say("");
      await read();
    } catch (error) {
      say(message(error));
    }
  };
  return html`<div class="page">
    <h2>Rules</h2>
    <p class="quiet">They are tried from top to bottom; the first one that matches answers.</p>
    <p role="status">${visible(said)}</p>
    ${rules && !rules.length ? html`<p>The server has no rules. A request that you save as a rule appears here.</p>` : null}
    <ol class="rules">
      ${(rules ?? []).map(
        (rule) => html`<li key=${`${rule.scope} ${rule.id}`} class=${rule.disabled ? "disabled" : ""}>
          <div class="rule">
            <b><bdi>${visible(rule.name)}</bdi></b>
            <small>${rule.source ? visible(`${rule.source}:${rule.line}`) : `added for ${rule.scope === "all" ? "all sessions" : "this session"}, ${rule.position}`}</small>
            <a class="tag" href=${address({ session, q: `rule:"${rule.name}"` })}>${counted(rule.hits, "answer")}</a>
            ${rule.sequence ? html`<span class="tag">${rule.sequence.next === null ? "sequence over" : `reply ${rule.sequence.next} of ${rule.sequence.of} next`}</span>` : null}
            <span class="buttons">
              <button type="button" aria-pressed=${rule.disabled} onClick=${() => change(rule, "PATCH", { disabled: !rule.disabled })}>${rule.disabled ? "Enable" : "Disable"}</button>
              ${rule.source ? null : html`<button type="button" class="danger" onClick=${() => change(rule, "DELETE", undefined)}>Delete</button>`}
            </span>
          </div>
          <${Tree} value=${rule.rule} open=${false} />
        </li>`,
      )}
    </ol>
  </div>`;
}
