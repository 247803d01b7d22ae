/** The verdict as a page of its own. */

import { html } from "./vendor/htm-preact.js";
import { ProblemView, useAnswer } from "./panels.js";
import { address } from "./place.js";
import { counted, visible } from "./text.js";

/** @typedef {import("./types.js").Verdict} Verdict */

/** @param {{ api: import("./api.js").Api, all: boolean, session: string }} props */
export function VerdictPage({ api, all, session }) {
  const named = all ? session || "*" : undefined;
  const [verdict, error] = /** @type {[Verdict | null, string]} */ (useAnswer(api, "verdict", { session: named }));
  if (!verdict) return html`<div class="page"><h2>Verdict</h2><p role="status">${visible(error || "Reading …")}</p></div>`;
  const { counts, tokens } = verdict;
  return html`<div class="page">
    <h2>Verdict: <span class=${verdict.ok ? "passed" : "failed"}>${verdict.ok ? "passed" : "failed"}</span></h2>
    <p>
      ${counted(counts.errors ?? 0, "error")}, ${counted(counts.warnings ?? 0, "warning")};
      ${" "}${counted(counts.requests ?? 0, "request")} in ${counted(counts.sessions ?? 0, "session")};
      ${" "}${Object.entries(tokens).map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ")}
    </p>
    ${verdict.problems.map(
      (problem) => html`<${ProblemView} key=${problem.id} problem=${problem}>
        <p>${problem.requests.map((id) => html`<a href=${address({ session, id })}><code>${visible(id)}</code></a> `)}</p>
      <//>`,
    )}
    ${verdict.served.length ? html`<h3>Served</h3><ul>${verdict.served.map((one) => html`<li><bdi>${visible(one.by)}</bdi>: ${counted(one.requests, "request")}</li>`)}</ul>` : null}
    ${verdict.unused.length ? html`<h3>Not used</h3><ul>${verdict.unused.map((one) => html`<li>${one.what} <b>${visible(one.name)}</b> <small>${visible(one.source || one.session)}</small></li>`)}</ul>` : null}
  </div>`;
}
