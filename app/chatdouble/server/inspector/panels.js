/** The parts of a request: why it was answered so, what was sent and received, its chunks, and its verdict. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { objectOf } from "./conversation.js";
import { Text, counted, duration, message, visible } from "./text.js";
import { Difference, Tree } from "./tree.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").Obj} Obj */
/** @typedef {import("./detail.js").PanelProps} PanelProps */

const NEAREST = 3;
const MOST_TOKENS = 2000;

/**
 * Return what the server has at a path, or why not.
 *
 * @template T
 * @param {import("./api.js").Api} api
 * @param {string} path The path; empty: nothing is asked for.
 * @param {import("./api.js").Query} query
 * @returns {[T | null, string]}
 */
export function useAnswer(api, path, query) {
  const [found, set] = useState(/** @type {[T | null, string]} */ ([null, ""]));
  useEffect(() => {
    let isCurrent = true;
    set([null, ""]);
    if (path) {
      api.get(path, query).then(
        (one) => isCurrent && set([one, ""]),
        (wrong) => isCurrent && set([null, message(wrong)]),
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [path, JSON.stringify(query)]);
  return found;
}

/** @param {PanelProps} props */
export function Why({ entry, api, session }) {
  const nearest = (entry.near_misses ?? []).slice(0, NEAREST);
  return html`<div class="why">
    <p>${explained(entry)}</p>
    ${entry.rule && !["queue", "turn"].includes(entry.rule) ? html`<${Matched} api=${api} name=${entry.rule} session=${session} />` : null}
    ${["faults", "warnings"].map((name) => {
      const listed = /** @type {string[]} */ (objectOf(/** @type {any} */ (entry))[name] ?? []);
      return listed.length ? html`<h3>${name === "faults" ? "Faults" : "Warnings"}</h3><ul>${listed.map((one) => html`<li>${visible(one)}</li>`)}</ul>` : null;
    })}
    <h3>Nearest rules that did not answer</h3>
    ${
      nearest.length
        ? nearest.map(
            (miss) => html`<section class="miss" aria-label=${`Rule ${miss.rule}`}>
              <h4><bdi>${visible(miss.rule)}</bdi> <small>${visible(miss.where)}</small></h4>
              <p>The condition <code>${visible(miss.condition)}</code> failed.</p>
              <dl class="sides">
                <div><dt>Expected</dt><dd>${visible(String(miss.expected))}</dd></div>
                <div><dt>Found</dt><dd><${Tree} value=${miss.found} /></dd></div>
              </dl>
            </section>`,
          )
        : html`<p class="quiet">There are none.</p>`
    }
  </div>`;
}

/** @param {Detail} entry */
function explained(entry) {
  if (entry.turn) {
    const { conversation, number, of, fits } = entry.turn;
    return `Turn ${number} of ${of} of the conversation ${visible(conversation)} ${fits ? "answered" : "did not fit"}.`;
  }
  if (entry.rule === "queue") return "A queued reply answered.";
  if (entry.rule) return `The rule ${visible(entry.rule)} answered.`;
  const error = objectOf(objectOf(entry.response).error ?? null);
  const code = String(error.code ?? error.type ?? "");
  if (entry.ended === "refused") return `The request was refused: ${visible(code || "without a code")}.`;
  return entry.ended === "in flight" ? "The request is in flight." : "No rule, turn or queued reply answered: the backend did.";
}

/** @param {{ api: import("./api.js").Api, name: string, session: string | undefined }} props */
function Matched({ api, name, session }) {
  const path = `rules/${name.split("/").map(encodeURIComponent).join("/")}`;
  const [rule, error] = /** @type {[import("./types.js").Rule | null, string]} */ (useAnswer(api, path, { session }));
  if (!rule) return html`<p class="quiet">${error}</p>`;
  return html`<div class="matched">
    <p>${rule.source ? html`<code>${visible(`${rule.source}:${rule.line}`)}</code>` : "It was added while the server ran."} ${counted(rule.hits, "answer")} so far.</p>
    <${Tree} value=${rule.rule} />
  </div>`;
}

/** @param {PanelProps} props */
export function RequestPanel({ entry, previous, api, session }) {
  const [before, error] = /** @type {[Detail | null, string]} */ (
    useAnswer(api, previous ? `requests/${encodeURIComponent(previous)}` : "", { session })
  );
  return html`<h3>Body</h3>
    <${Tree} value=${entry.request} open=${true} />
    <h3>Difference to the previous request of the conversation</h3>
    ${before ? html`<${Difference} before=${before.request} after=${entry.request} />` : html`<p class="quiet">${error || (previous ? "Reading …" : "There is none.")}</p>`}
    <h3>Headers</h3>
    <table>
      <tbody>
        ${Object.entries(entry.headers).map(([name, value]) => html`<tr><th scope="row">${visible(name)}</th><td><bdi>${visible(value)}</bdi></td></tr>`)}
      </tbody>
    </table>`;
}

/** @param {PanelProps} props */
export function ResponsePanel({ entry }) {
  const response = objectOf(entry.response);
  const choices = Array.isArray(response.choices) ? response.choices.map(objectOf) : [];
  return html`${response.usage ? html`<h3>Usage</h3><${Tree} value=${response.usage} open=${true} />` : null}
    ${choices.map((choice) => {
      const tokens = objectOf(choice.logprobs ?? null).content;
      return Array.isArray(tokens) ? html`<${Tokens} tokens=${tokens.map(objectOf)} />` : null;
    })}
    <h3>Body</h3>
    <${Tree} value=${entry.response} open=${true} />`;
}

/** @param {{ tokens: Obj[] }} props */
function Tokens({ tokens }) {
  return html`<h3>Log probabilities</h3>
    <p class="tokens">
      ${tokens.slice(0, MOST_TOKENS).map((token) => {
        const chance = Math.exp(Number(token.logprob));
        const title = `${(100 * chance).toFixed(1)} %`;
        return html`<span class=${`token p${Math.min(4, Math.floor(5 * chance))}`} title=${title}>${visible(String(token.token))}</span>`;
      })}
    </p>
    <p class="quiet">${tokens.length > MOST_TOKENS ? `The first ${MOST_TOKENS} tokens. ` : ""}The darker a token, the less likely it was.</p>`;
}

/** @param {PanelProps} props */
export function Stream({ entry, api, session }) {
  const [at, setAt] = useState(0);
  const chunks = entry.chunks;
  const gates = entry.gates ?? [];
  const whole = Math.max(entry.milliseconds / 1000, chunks.at(-1)?.at ?? 0, 0.001);
  const percent = (/** @type {number} */ seconds) => `${Math.min(100, (100 * seconds) / whole).toFixed(2)}%`;
  const chunk = chunks[Math.min(at, chunks.length - 1)];
  const sent = chunks.slice(0, at + 1).reduce((sum, one) => sum + one.bytes, 0);
  const isStream = chunks.length && objectOf(entry.request).stream === true;
  const query = { session, format: "har", id: entry.id };
  const [archive] = /** @type {[Json, string]} */ (useAnswer(api, isStream ? "requests/export" : "", query));
  const text = textSent(streamIn(archive), sent, chunks);
  return html`<h3>Time line</h3>
    ${
      chunk
        ? html`<svg class="timeline" role="img" aria-label=${`${counted(chunks.length, "piece")} in ${duration(whole * 1000)}`}>
              ${gates.map((gate) => html`<rect class="gate" x=${percent(gate.since - entry.at)} y="0" width=${percent(gate.milliseconds / 1000)} height="40" />`)}
              ${chunks.map((one, index) => html`<rect class=${index <= at ? "sent" : "chunk"} x=${percent(one.at)} y="8" width="2" height="24" />`)}
            </svg>
            <label>Piece <input type="range" min="0" max=${chunks.length - 1} value=${at} onInput=${(/** @type {any} */ event) => setAt(Number(event.target.value))} /></label>
            <p role="status">
              ${`Piece ${Math.min(at, chunks.length - 1) + 1} of ${chunks.length} after ${duration(chunk.at * 1000)}: ${counted(chunk.bytes, "byte")}, ${counted(sent, "byte")} so far.`}
            </p>
            ${text === null ? null : html`<div class="sent-text"><${Text} text=${text} label="Text so far" /></div>`}`
        : html`<p class="quiet">The answer was written at once, after ${duration(entry.milliseconds)}.</p>`
    }
    ${gates.length ? html`<h3>Gates</h3><ul>${gates.map((gate) => html`<li><b>${visible(gate.name)}</b> ${gate.outcome}, ${duration(gate.milliseconds)}</li>`)}</ul>` : null}
    ${entry.faults?.length ? html`<h3>Faults</h3><ul>${entry.faults.map((one) => html`<li>${visible(one)}</li>`)}</ul>` : null}
    ${entry.attempts.length > 1 ? html`<h3>Attempts</h3><ol>${entry.attempts.map((one) => html`<li><code>${visible(one)}</code></li>`)}</ol>` : null}`;
}

/**
 * Return the events of a stream in an HTTP archive of one request.
 *
 * @param {Json} archive
 */
function streamIn(archive) {
  const entries = objectOf(objectOf(archive).log ?? null).entries;
  const response = objectOf(objectOf(Array.isArray(entries) ? (entries[0] ?? null) : null).response ?? null);
  return String(objectOf(response.content ?? null).text ?? "");
}

/**
 * Return the text in the first bytes of a stream; null if the pieces are not those of the stream, as after a fault.
 *
 * @param {string} stream
 * @param {number} sent
 * @param {{ bytes: number }[]} pieces
 */
function textSent(stream, sent, pieces) {
  const bytes = new TextEncoder().encode(stream);
  if (bytes.length !== pieces.reduce((sum, one) => sum + one.bytes, 0)) return null;
  const events = new TextDecoder().decode(bytes.slice(0, sent)).split("\n\n").slice(0, -1);
  return events
    .filter((event) => event.startsWith("data: {"))
    .flatMap((event) => JSON.parse(event.slice(6)).choices)
    .map(({ delta }) => delta.content ?? delta.refusal ?? (delta.tool_calls ?? []).map(argumentsOf).join(""))
    .join("");
}

/** @param {any} call */
function argumentsOf(call) {
  return call.function?.arguments ?? call.custom?.input ?? "";
}

/** @param {PanelProps} props */
export function Judgement({ entry, api, session }) {
  const [verdict, error] = /** @type {[import("./types.js").Verdict | null, string]} */ (
    useAnswer(api, entry.verdict.length ? "verdict" : "", { session })
  );
  if (!entry.verdict.length) return html`<p>The verdict finds no problem in this request.</p>`;
  const own = verdict?.problems.filter((problem) => problem.requests.includes(entry.id)) ?? [];
  return verdict ? own.map((problem) => html`<${ProblemView} problem=${problem} />`) : html`<p class="quiet">${error || "Reading …"}</p>`;
}

/** @param {{ problem: import("./types.js").Problem, children?: unknown }} props */
export function ProblemView({ problem, children }) {
  const facts = ["expected", "found", "advice", "source"].map((name) => [name, objectOf(/** @type {any} */ (problem))[name]]);
  return html`<section class=${`trouble ${problem.severity}`} aria-label=${problem.title}>
    <h3><span class="tag">${problem.severity}</span> ${problem.kind}</h3>
    <p>${visible(problem.title)}</p>
    <dl>
      ${facts.map(([name, value]) => (value ? html`<div><dt>${name}</dt><dd><bdi>${visible(String(value))}</bdi></dd></div>` : null))}
    </dl>
    ${children}
  </section>`;
}
