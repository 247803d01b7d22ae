/** The inspector: it finds out what its key may see, and shows the page that the address names. */

import { html, render, useEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { Api, ApiError } from "./api.js";
import { DetailView } from "./detail.js";
import { List } from "./list.js";
import { Metrics } from "./metrics.js";
import { address, queryOf, usePlace } from "./place.js";
import { Requests } from "./requests.js";
import { Rules } from "./rules.js";
import { Sessions } from "./sessions.js";
import { message, visible } from "./text.js";
import { VerdictPage } from "./verdict.js";

/** @typedef {import("./types.js").Place} Place */
/** @typedef {import("./types.js").Listed} Listed */
/** @typedef {import("./types.js").Summary} Summary */

const PAGES = [
  ["requests", "Requests"],
  ["sessions", "Sessions"],
  ["rules", "Rules"],
  ["verdict", "Verdict"],
];
const PAUSE = 250;

/** @param {{ api: Api }} props */
function App({ api }) {
  const [access, setAccess] = useState(/** @type {"" | "ask" | "own" | "all"} */ (""));
  const [error, setError] = useState("");
  const [place, go] = usePlace();
  const enter = async () => {
    const [may, why] = await allowed(api);
    setAccess(may);
    setError(why);
  };
  useEffect(() => void enter(), []);
  if (access === "") return html`<p role="status" class="page">${error || "Connecting …"}</p>`;
  if (access === "ask") return html`<${KeyForm} error=${error} onKey=${(/** @type {string} */ key) => [api.keep(key), enter()]} />`;
  const all = access === "all";
  const Shown = { sessions: Sessions, rules: Rules, verdict: VerdictPage }[place.page];
  return html`<header class="top">
      <h1><a href="/">chatdouble</a></h1>
      <nav aria-label="Pages">
        ${PAGES.map(
          ([name, label]) => html`<a href=${address({ page: name, session: place.session })} aria-current=${place.page === name ? "page" : undefined}>${label}</a>`,
        )}
      </nav>
      <${Whose} api=${api} all=${all} session=${place.session} go=${go} />
      ${api.opened ? null : html`<button type="button" onClick=${() => [api.keep(""), setAccess("ask")]}>Forget key</button>`}
    </header>
    <main>${Shown ? html`<${Shown} api=${api} all=${all} session=${place.session} />` : html`<${RequestsPage} api=${api} all=${all} place=${place} go=${go} />`}</main>`;
}

/**
 * Return what the key may see: nothing, its own session or all of them.
 *
 * @param {Api} api
 * @returns {Promise<["" | "ask" | "own" | "all", string]>}
 */
async function allowed(api) {
  try {
    await api.get("sessions");
    return ["all", ""];
  } catch (error) {
    if (!(error instanceof ApiError)) return ["", `The server does not answer: ${message(error)}`];
    if (error.status === 401) return ["ask", api.key ? error.message : ""];
  }
  try {
    await api.get("session");
    return ["own", ""];
  } catch (error) {
    return ["ask", message(error)];
  }
}

/** @param {{ error: string, onKey: (key: string) => void }} props */
function KeyForm({ error, onKey }) {
  const input = /** @type {{ current: HTMLInputElement | null }} */ (useRef(null));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? "";
    if (key) onKey(key);
  };
  return html`<main class="page">
    <h1>chatdouble inspector</h1>
    <form class="key" onSubmit=${submit}>
      <label for="key">API key of a session, or the control key for all sessions</label>
      <input id="key" type="password" autocomplete="off" spellcheck="false" ref=${input} />
      <button type="submit" class="first">Open</button>
      <p class="quiet">The key is kept in this tab only.</p>
      ${error ? html`<p class="error" role="alert">${visible(error)}</p>` : null}
    </form>
  </main>`;
}

/** @param {{ api: Api, all: boolean, session: string, go: (change: Partial<Place>) => void }} props */
function Whose({ api, all, session, go }) {
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  const read = async () => setNames((await api.get("sessions")).data.map((/** @type {any} */ one) => one.session));
  useEffect(() => void (all && read().catch(() => setNames([]))), [all, session]);
  if (!all) return null;
  const listed = session && !names.includes(session) ? [session, ...names] : names;
  return html`<label class="whose">Session${" "}
    <select value=${session} onFocus=${() => read().catch(() => null)} onChange=${(/** @type {any} */ event) => go({ session: event.target.value, id: "" })}>
      <option value="">all</option>
      ${listed.map((name) => html`<option value=${name}>${visible(name)}</option>`)}
    </select>
  </label>`;
}

/** @param {{ api: Api, all: boolean, place: Place, go: (change: Partial<Place>) => void }} props */
function RequestsPage({ api, all, place, go }) {
  const [{ rows, total, isPart }, setListed] = useState(/** @type {Listed} */ ({ rows: [], total: 0, isPart: false }));
  const [error, setError] = useState("");
  const [connected, setConnected] = useState(false);
  const [follow, setFollow] = useState(true);
  const source = /** @type {{ current: Requests | null }} */ (useRef(null));
  const session = all ? place.session || "*" : undefined;
  useEffect(() => {
    const timer = setTimeout(
      () => (source.current = new Requests(api, { ...queryOf(place.q), session }, setListed, setError, setConnected)),
      source.current ? PAUSE : 0,
    );
    return () => {
      clearTimeout(timer);
      source.current?.close();
    };
  }, [session, place.q]);
  const row = rows.find((one) => one.id === place.id);
  const previous = useMemo(() => (row ? before(rows, row) : ""), [rows, row]);
  useKeys(() => go({ id: "" }));
  const [entered, setEntered] = useState(0);
  return html`<div class=${`requests ${place.id ? "with-detail" : ""}`}>
    <div class="bar">
      <input
        id="filter"
        type="search"
        aria-label="Filter"
        placeholder="Filter: words, status:4xx model:gpt* user:*Oslo* problem:*  ( / )"
        spellcheck="false"
        value=${place.q}
        onInput=${(/** @type {any} */ event) => go({ q: event.target.value })}
      />
      <label><input type="checkbox" checked=${follow} onChange=${() => setFollow(!follow)} /> Follow</label>
      <span class=${connected ? "live" : "live off"} role="status">${connected ? "live" : "connecting"}</span>
    </div>
    ${error ? html`<p class="error" role="alert">${visible(error)}</p>` : null}
    ${isPart ? html`<${Unlisted} onAll=${() => source.current?.reload()} />` : null}
    <${Metrics} rows=${rows} total=${total} selects=${Boolean(place.q.trim())} />
    <div class="split">
      ${
        rows.length
          ? html`<${List} rows=${rows} selected=${place.id} follow=${follow && !place.id} onOpen=${() => setEntered(entered + 1)} onSelect=${(/** @type {Summary} */ one) => go({ id: one.id })} />`
          : html`<div class="empty"><p>${place.q ? "No request fits the filter." : "No request has come yet."}</p><p>Base URL for OpenAI clients: <code>${`${location.origin}/v1`}</code></p></div>`
      }
      ${
        place.id
          ? html`<${DetailView}
              api=${api}
              id=${place.id}
              session=${session}
              row=${row}
              previous=${previous}
              tab=${place.tab}
              entered=${entered}
              onTab=${(/** @type {string} */ tab) => go({ tab })}
              onClose=${() => go({ id: "" })}
              onChange=${() => source.current?.reload()}
            />`
          : null
      }
    </div>
  </div>`;
}

/** @param {{ onAll: () => void }} props */
function Unlisted({ onAll }) {
  return html`<p class="unlisted" role="status">
    Some requests are not listed yet. They follow when fewer come.${" "}
    <button type="button" onClick=${onAll}>List all now</button>
  </p>`;
}

/**
 * Return the id of the request before another of the same conversation.
 *
 * @param {Summary[]} rows
 * @param {Summary} row
 */
function before(rows, row) {
  const own = rows.filter((one) => one.session === row.session && one.conversation === row.conversation && row.conversation);
  return own.filter((one) => one.ordinal < row.ordinal).at(-1)?.id ?? "";
}

/** @param {() => void} onEscape */
function useKeys(onEscape) {
  useEffect(() => {
    const pressed = (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) onEscape();
      if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      document.getElementById("filter")?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

render(html`<${App} api=${new Api()} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
