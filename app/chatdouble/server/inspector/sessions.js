/** The sessions: what each has, and what can be set for it. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { address } from "./place.js";
import { counted, message, visible } from "./text.js";
import { Tree } from "./tree.js";

/** @typedef {import("./types.js").SessionState} SessionState */
/** @typedef {import("./types.js").SessionSummary} SessionSummary */
/** @typedef {import("./api.js").Api} Api */

/** @type {[string, string, string][]} */
const SETTINGS = [
  ["faults", "Faults", '{"name": "error", "status": 503, "times": 1}'],
  ["pace", "Pace", '{"ttft": 0.3, "tokens_per_second": 40}'],
  ["limits", "Limits", '{"requests_per_minute": 3}'],
  ["mode", "Mode of recordings", '"replay"'],
];
const EXPORTS = ["json", "jsonl", "har", "curl", "rule", "turns"];

/** @param {{ api: Api, all: boolean, session: string }} props */
export function Sessions({ api, all, session }) {
  const [listed, list] = useState(/** @type {SessionSummary[]} */ ([]));
  const [state, setState] = useState(/** @type {SessionState | null} */ (null));
  const [said, say] = useState("");
  const named = all ? session || undefined : undefined;
  const read = async () => {
    try {
      if (all) list((await api.get("sessions")).data);
      setState(named || !all ? await api.get("session", { session: named }) : null);
    } catch (error) {
      say(message(error));
    }
  };
  useEffect(() => void read(), [session, all]);
  const ask = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    try {
      await api.send(method, path, { session: named }, body);
      say(`Done: ${method} ${path}.`);
      await read();
    } catch (error) {
      say(message(error));
    }
  };
  return html`<div class="page">
    <h2>Sessions</h2>
    <p role="status">${visible(said)}</p>
    ${all ? html`<${Table} sessions=${listed} selected=${session} />` : null}
    ${all && !named ? html`<p class="quiet">Choose a session to see what it has, and to change it.</p>` : null}
    ${state ? html`<${State} key=${state.session} api=${api} state=${state} named=${named} ask=${ask} say=${say} />` : null}
  </div>`;
}

/** @param {{ sessions: SessionSummary[], selected: string }} props */
function Table({ sessions, selected }) {
  if (!sessions.length) return html`<p class="quiet">No session has sent a request yet.</p>`;
  return html`<table>
    <thead><tr><th scope="col">Session</th><th scope="col">Requests</th><th scope="col">In flight</th><th scope="col">Kept</th></tr></thead>
    <tbody>
      ${sessions.map(
        (one) => html`<tr key=${one.session}>
          <th scope="row"><a href=${address({ page: "sessions", session: one.session })} aria-current=${one.session === selected}><bdi>${visible(one.session)}</bdi></a></th>
          <td>${one.requests}</td><td>${one.in_flight}</td><td>${one.entries}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @typedef {(method: string, path: string, body?: unknown) => Promise<void>} Ask */

/**
 * @param {{ api: Api, state: SessionState, named: string | undefined, ask: Ask, say: (text: string) => void }} props
 */
function State({ api, state, named, ask, say }) {
  const { gates, queue, turns, clock } = state;
  return html`<section aria-label="Session">
    <h3><bdi>${visible(state.session)}</bdi></h3>
    <p>${counted(state.requests, "request")}, ${state.in_flight} in flight, ${counted(state.entries, "entry").replace("entrys", "entries")} kept. Its clock is ${clock.ahead} s ahead.</p>
    <div class="buttons">
      <a class="button" href=${address({ session: named ?? "" })}>Requests</a>
      <button type="button" onClick=${() => ask("POST", "clock", { advance: 60 })}>Clock + 60 s</button>
      <button type="button" onClick=${() => ask("DELETE", "requests")}>Forget requests</button>
      <button type="button" class="danger" onClick=${() => ask("POST", "reset")}>Reset</button>
    </div>
    <h4>Export</h4>
    <div class="buttons">
      ${EXPORTS.map((format) => html`<button type="button" onClick=${() => save(api, named, format).catch((error) => say(message(error)))}>${format}</button>`)}
    </div>
    <h4>Queue</h4>
    <${Setting} label="Reply" example='"Hello!"' verb="Queue" onSet=${(/** @type {unknown} */ value) => ask("POST", "queue", value)} onClear=${() => ask("DELETE", "queue")} />
    <${Tree} value=${queue} />
    ${turns.length ? html`<h4>Turns that wait</h4><${Tree} value=${turns} />` : null}
    <h4>Gates</h4>
    <${Gates} gates=${gates} ask=${ask} />
    ${SETTINGS.map(
      ([name, label, example]) => html`<h4>${label}</h4>
        <${Setting}
          label=${label}
          example=${example}
          verb="Set"
          onSet=${(/** @type {unknown} */ value) => ask("PUT", name, value)}
          onClear=${() => ask("DELETE", name)}
        />
        <${Tree} value=${/** @type {any} */ (state)[name]} />`,
    )}
    <h4>Limits left</h4>
    <${Tree} value=${state.limits_left} />
    <h4>Scenarios</h4>
    <${Tree} value=${state.scenarios} />
  </section>`;
}

/** @param {{ gates: import("./types.js").Gate[], ask: Ask }} props */
function Gates({ gates, ask }) {
  if (!gates.length) return html`<p class="quiet">There are none.</p>`;
  return gates.map((gate) => {
    const path = `gates/${encodeURIComponent(gate.name)}`;
    const waiting = gate.waiting.filter((one) => !one.client_left).length;
    return html`<div class="gate" key=${gate.name}>
      <p><b>${visible(gate.name)}</b>: ${counted(waiting, "answer")} held, ${gate.released} released, ${gate.timed_out} timed out</p>
      <div class="buttons">
        <button type="button" onClick=${() => ask("POST", `${path}/release`, {})}>Release all</button>
        <button type="button" onClick=${() => ask("POST", `${path}/abort`, {})}>Abort all</button>
        <button type="button" onClick=${() => ask("DELETE", path)}>Delete gate</button>
      </div>
    </div>`;
  });
}

/**
 * A value that is JSON; a text that is no JSON is sent as a text.
 *
 * @param {{ label: string, example: string, verb: string, onSet: (value: unknown) => void, onClear: () => void }} props
 */
function Setting({ label, example, verb, onSet, onClear }) {
  const [text, setText] = useState("");
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (text.trim()) onSet(valueOf(text));
  };
  return html`<form class="setting" onSubmit=${submit}>
    <input
      aria-label=${label}
      placeholder=${example}
      spellcheck="false"
      value=${text}
      onInput=${(/** @type {any} */ event) => setText(event.target.value)}
    />
    <button type="submit">${verb}</button>
    <button type="button" onClick=${onClear}>Clear</button>
  </form>`;
}

/** @param {string} text */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Save an export as a file.
 *
 * @param {Api} api
 * @param {string | undefined} session
 * @param {string} format
 */
async function save(api, session, format) {
  const found = await (await api.send("GET", "requests/export", { session, format })).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(found);
  link.download = `requests.${{ rule: "yaml", turns: "jsonl", curl: "sh" }[format] ?? format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
