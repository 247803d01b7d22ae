/** The list of requests, by session and conversation. Only the lines in sight are made. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { counted, duration, time, visible } from "./text.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {{ key: string, heading?: string, sub?: boolean, row?: Summary }} Line */

const HEIGHT = 30;
const MARGIN = 12;
const COLUMNS = [
  ["at", "Time"],
  ["status", "Status"],
  ["title", "Last message"],
  ["model", "Model"],
  ["by", "Answered by"],
  ["tokens", "Tokens in"],
  ["tokens", "Tokens out"],
  ["first", "First"],
  ["duration", "Took"],
  ["ended", "Ended"],
  ["problems", "Problems"],
];

/**
 * @param {{ rows: Summary[], selected: string, follow: boolean, onSelect: (row: Summary) => void, onOpen: () => void }} props
 */
export function List({ rows, selected, follow, onSelect, onOpen }) {
  const lines = useMemo(() => grouped(rows), [rows]);
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  const [view, setView] = useState({ top: 0, height: 600 });
  const newest = rows.at(-1)?.id ?? "";
  const look = () => {
    const one = box.current;
    if (one) setView({ top: one.scrollTop, height: one.clientHeight });
  };
  useLayoutEffect(() => {
    look();
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  useEffect(() => {
    if (follow) reveal(box.current, lines, newest);
  }, [newest, follow]);
  const move = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") onOpen();
    const row = step(lines, selected, event.key);
    if (!row) return;
    event.preventDefault();
    onSelect(row);
    reveal(box.current, lines, row.id);
  };
  const first = Math.max(0, Math.floor(view.top / HEIGHT) - MARGIN);
  const shown = lines.slice(first, first + Math.ceil(view.height / HEIGHT) + 2 * MARGIN);
  return html`<div
    class="list"
    role="grid"
    aria-label="Requests"
    aria-rowcount=${lines.length + 1}
    aria-activedescendant=${shown.some((line) => line.key === selected) ? `row-${selected}` : undefined}
    tabindex="0"
    ref=${box}
    onScroll=${look}
    onKeyDown=${move}
  >
    <div class="line columns" role="row" aria-rowindex="1">
      ${COLUMNS.map(([name, label]) => html`<span role="columnheader" class=${`cell ${name}`}>${label}</span>`)}
    </div>
    <div role="rowgroup" class="lines" style=${{ height: `${lines.length * HEIGHT}px` }}>
      ${shown.map((line, at) => {
        const index = first + at;
        const row = line.row;
        const style = { transform: `translateY(${index * HEIGHT}px)` };
        return row
          ? html`<${Row} key=${line.key} row=${row} index=${index} style=${style} selected=${row.id === selected} onSelect=${onSelect} />`
          : html`<div
              key=${line.key}
              role="row"
              aria-rowindex=${index + 2}
              class=${line.sub ? "line conversation" : "line session"}
              style=${style}
            >
              <span role="gridcell" aria-colspan=${COLUMNS.length}><bdi>${visible(line.heading ?? "")}</bdi></span>
            </div>`;
      })}
    </div>
  </div>`;
}

/**
 * @param {{ row: Summary, index: number, style: object, selected: boolean, onSelect: (row: Summary) => void }} props
 */
function Row({ row, index, style, selected, onSelect }) {
  const held = row.gates.find((gate) => gate.outcome === "waiting");
  const running = row.ended === "in flight";
  return html`<div
    role="row"
    id=${`row-${row.id}`}
    aria-rowindex=${index + 2}
    aria-selected=${selected}
    class=${`line request ${running ? "running" : ""} ${held ? "held" : ""}`}
    style=${style}
    onClick=${() => onSelect(row)}
  >
    <span role="gridcell" class="cell at">${time(row.at)}</span>
    <span role="gridcell" class="cell status"><b class=${`badge ${tone(row)}`}>${row.status || "…"}</b></span>
    <span role="gridcell" class="cell title"><bdi>${visible(row.title || `${row.method} ${row.path}`)}</bdi></span>
    <span role="gridcell" class="cell model"><bdi>${visible(row.model)}</bdi></span>
    <span role="gridcell" class="cell by"><bdi>${visible(by(row))}</bdi></span>
    <span role="gridcell" class="cell tokens">${row.tokens_in ?? ""}</span>
    <span role="gridcell" class="cell tokens">${row.tokens_out ?? ""}</span>
    <span role="gridcell" class="cell first">${row.first_chunk === null ? "" : duration(row.first_chunk * 1000)}</span>
    <span role="gridcell" class="cell duration">${duration(row.milliseconds)}</span>
    <span role="gridcell" class="cell ended">${held ? `held at ${visible(held.name)}` : row.ended}</span>
    <span role="gridcell" class="cell problems">
      ${row.problems.length ? html`<b class="problem">${row.problems.join(", ")}</b>` : row.faults.join(", ")}
    </span>
  </div>`;
}

/** @param {Summary} row */
function by(row) {
  return row.error || row.by;
}

/** @param {Summary} row */
function tone(row) {
  if (!row.status) return "none";
  return row.status >= 500 ? "bad" : row.status >= 400 ? "refused" : "good";
}

/**
 * Return the lines: a heading for each session, and for each conversation of several requests or beside others.
 *
 * @param {Summary[]} rows
 * @returns {Line[]}
 */
function grouped(rows) {
  /** @type {Map<string, Map<string, Summary[]>>} */
  const sessions = new Map();
  for (const row of rows) {
    const conversations = sessions.get(row.session) ?? new Map();
    sessions.set(row.session, conversations);
    const found = conversations.get(row.conversation) ?? [];
    conversations.set(row.conversation, found);
    found.push(row);
  }
  /** @type {Line[]} */
  const lines = [];
  for (const [session, conversations] of sessions) {
    const count = [...conversations.values()].reduce((sum, found) => sum + found.length, 0);
    lines.push({ key: `session ${session}`, heading: `${session} · ${counted(count, "request")}` });
    for (const [conversation, found] of conversations) {
      if (found.length > 1 && conversation) {
        const heading = `${conversation} · ${counted(found.length, "request")}`;
        lines.push({ key: `conversation ${session} ${conversation}`, heading, sub: true });
      }
      lines.push(...found.map((row) => ({ key: row.id, row })));
    }
  }
  return lines;
}

/**
 * Return the row that a key leads to.
 *
 * @param {Line[]} lines
 * @param {string} selected
 * @param {string} key
 */
function step(lines, selected, key) {
  const rows = lines.flatMap((line) => (line.row ? [line.row] : []));
  const at = rows.findIndex((row) => row.id === selected);
  if (key === "ArrowDown" || key === "j") return rows[Math.min(at + 1, rows.length - 1)];
  if (key === "ArrowUp" || key === "k") return rows[Math.max(at - 1, 0)];
  if (key === "PageDown") return rows[Math.min(at + 20, rows.length - 1)];
  if (key === "PageUp") return rows[Math.max(at - 20, 0)];
  if (key === "Home") return rows[0];
  return key === "End" ? rows.at(-1) : undefined;
}

/**
 * @param {HTMLElement | null} box
 * @param {Line[]} lines
 * @param {string} id
 */
function reveal(box, lines, id) {
  const at = lines.findIndex((line) => line.key === id);
  if (!box || at < 0) return;
  const top = at * HEIGHT;
  const room = box.clientHeight - 2 * HEIGHT;
  if (top < box.scrollTop) box.scrollTop = Math.max(0, top - HEIGHT);
  else if (top > box.scrollTop + room) box.scrollTop = top - room + HEIGHT;
}
