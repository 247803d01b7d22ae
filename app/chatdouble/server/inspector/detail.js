/** One request whole, in tabs. */

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { Actions } from "./actions.js";
import { Conversation } from "./conversation.js";
import { Judgement, RequestPanel, ResponsePanel, Stream, Why } from "./panels.js";
import { duration, message, time, visible } from "./text.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {{ entry: Detail, previous: string, api: import("./api.js").Api, session: string | undefined }} PanelProps */

/** @type {[string, string, (props: PanelProps) => unknown][]} */
const TABS = [
  ["conversation", "Conversation", Conversation],
  ["why", "Why", Why],
  ["request", "Request", RequestPanel],
  ["response", "Response", ResponsePanel],
  ["stream", "Stream", Stream],
  ["verdict", "Verdict", Judgement],
];
const SOON = 80;

/**
 * @param {{ api: import("./api.js").Api, id: string, session: string | undefined, row: Summary | undefined,
 *   previous: string, tab: string, entered: number, onTab: (tab: string) => void, onClose: () => void, onChange: () => void }} props
 */
export function DetailView({ api, id, session, row, previous, tab, entered, onTab, onClose, onChange }) {
  const [entry, setEntry] = useState(/** @type {Detail | null} */ (null));
  const [error, setError] = useState("");
  const show = (/** @type {Detail | null} */ found, /** @type {string} */ wrong) => {
    setEntry(found);
    setError(wrong);
  };
  // What changes while an answer is on its way, and once more when it has ended.
  const state = row ? `${row.ended} ${row.gates.map((gate) => gate.outcome).join()}` : "";
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const found = await api.get(`requests/${encodeURIComponent(id)}`, { session });
        if (isCurrent) show(found, "");
      } catch (wrong) {
        if (isCurrent) show(null, message(wrong));
      }
    }, SOON);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [id, session, state]);
  const shown = TABS.find(([name]) => name === tab) ?? /** @type {typeof TABS[0]} */ (TABS[0]);
  const [name, , Panel] = shown;
  const isCurrent = entry?.id === id;
  const handled = useRef(entered);
  useEffect(() => {
    if (!isCurrent || entered === handled.current) return;
    handled.current = entered;
    document.getElementById(`tab-${name}`)?.focus();
  }, [entered, isCurrent]);
  const close = html`<button type="button" class="close" onClick=${onClose} aria-label="Close the request">×</button>`;
  if (!entry) return html`<section class="detail" aria-label="Request">${close}<p role="status">${error || "Reading …"}</p></section>`;
  const own = session && entry.session;
  return html`<section class="detail" aria-label="Request" aria-busy=${!isCurrent} inert=${!isCurrent}>
    <header class="head">
      ${close}
      <h2><bdi>${visible(`${entry.method} ${entry.path}`)}</bdi></h2>
      <p class="facts">
        <b>${entry.status || "…"}</b> ${entry.ended} · ${time(entry.at)} · ${duration(entry.milliseconds)} ·${" "}
        <bdi>${visible(entry.session)}</bdi> #${entry.ordinal} · <code>${visible(entry.id)}</code>
      </p>
      <${Actions} api=${api} entry=${entry} session=${own} onChange=${onChange} />
    </header>
    <${Tabs} selected=${name} onTab=${onTab} />
    <div class="panel" role="tabpanel" id=${`panel-${name}`} aria-labelledby=${`tab-${name}`} tabindex="0" key=${`${name} ${entry.id}`}>
      <${Panel} entry=${entry} previous=${previous} api=${api} session=${own} />
    </div>
  </section>`;
}

/** @param {{ selected: string, onTab: (tab: string) => void }} props */
function Tabs({ selected, onTab }) {
  const list = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  const move = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = TABS.findIndex(([name]) => name === selected);
    const next = TABS[(at + by + TABS.length) % TABS.length];
    if (!next) return;
    onTab(next[0]);
    list.current?.querySelector(/** @type {"button"} */ (`#tab-${next[0]}`))?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="Parts of the request" ref=${list} onKeyDown=${move}>
    ${TABS.map(
      ([name, label]) => html`<button
        type="button"
        role="tab"
        id=${`tab-${name}`}
        aria-selected=${name === selected}
        aria-controls=${name === selected ? `panel-${name}` : undefined}
        tabindex=${name === selected ? 0 : -1}
        onClick=${() => onTab(name)}
      >
        ${label}
      </button>`,
    )}
  </div>`;
}
