/** The rules in the order in which they are tried, with what is wrong with them. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { Import } from "./import.js";
import { address } from "./place.js";
import { counted, message, visible } from "./text.js";
import { Tree } from "./tree.js";

/** @typedef {import("./types.js").Rule} Rule */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {(rule: Rule, method: string, body?: unknown) => Promise<void>} Change */

/** @param {{ api: import("./api.js").Api, all: boolean, session: string }} props */
export function Rules({ api, all, session }) {
  const [rules, setRules] = useState(/** @type {Rule[] | null} */ (null));
  const [findings, setFindings] = useState(/** @type {Finding[]} */ ([]));
  const [said, say] = useState("");
  const named = all ? session || "*" : undefined;
  const read = async () => {
    try {
      setRules((await api.get("rules", { session: named })).data);
      setFindings((await api.get("lint", { session: named })).data);
    } catch (error) {
      say(message(error));
    }
  };
  useEffect(() => void read(), [named]);
  /** @type {Change} */
  const change = async (rule, method, body) => {
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
    <${Import} api=${api} session=${named} say=${say} onImported=${read} />
    <p role="status">${visible(said)}</p>
    ${rules && !rules.length ? html`<p>The server has no rules. A request that you save as a rule appears here.</p>` : null}
    ${findings.length ? html`<p>${summary(findings)}</p>` : null}
    <ol class="rules">
      ${(rules ?? []).map((rule) => {
        const own = findings.filter((one) => one.rule === rule.id);
        return html`<${RuleView} key=${`${rule.scope} ${rule.id}`} rule=${rule} findings=${own} session=${session} change=${change} />`;
      })}
    </ol>
  </div>`;
}

/** @param {Finding[]} findings */
function summary(findings) {
  const errors = findings.filter((one) => one.severity === "error").length;
  return `Lint finds ${counted(errors, "error")} and ${counted(findings.length - errors, "warning")}.`;
}

/** @param {{ rule: Rule, findings: Finding[], session: string, change: Change }} props */
function RuleView({ rule, findings, session, change }) {
  const isShadowed = findings.some((one) => one.shadowed_by !== null);
  return html`<li class=${rule.disabled ? "disabled" : ""}>
    <div class="rule">
      <b><bdi>${visible(rule.name)}</bdi></b>
      <small>${rule.source ? visible(`${rule.source}:${rule.line}`) : `added for ${rule.scope === "all" ? "all sessions" : "this session"}, ${rule.position}`}</small>
      <a class="tag" href=${address({ session, q: `rule:"${rule.name}"` })}>${counted(rule.hits, "answer")}</a>
      ${rule.sequence ? html`<span class="tag">${rule.sequence.next === null ? "sequence over" : `reply ${rule.sequence.next} of ${rule.sequence.of} next`}</span>` : null}
      ${isShadowed ? html`<span class="tag shadowed">shadowed</span>` : null}
      <span class="buttons">
        <button type="button" aria-pressed=${rule.disabled} onClick=${() => change(rule, "PATCH", { disabled: !rule.disabled })}>${rule.disabled ? "Enable" : "Disable"}</button>
        ${rule.source ? null : html`<button type="button" class="danger" onClick=${() => change(rule, "DELETE")}>Delete</button>`}
      </span>
    </div>
    ${
      findings.length
        ? html`<ul class="findings">
            ${findings.map(
              (one) => html`<li class=${one.severity}>
                <b>${one.severity}</b>${one.line === null ? "" : ` in line ${one.line}`}: ${visible(one.message)}
                ${one.hint ? html`<br /><small>${visible(one.hint)}</small>` : null}
              </li>`,
            )}
          </ul>`
        : null
    }
    <${Tree} value=${rule.rule} open=${false} />
  </li>`;
}
