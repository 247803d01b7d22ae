/** The conversation as a person reads it: messages, tool calls with their results, and the answer. */

import { html } from "./vendor/htm-preact.js";
import { Image, Sound } from "./media.js";
import { Text, visible } from "./text.js";
import { JsonOrText, Tree } from "./tree.js";

/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").Obj} Obj */
/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {Map<string, { message: Obj, isNew: boolean }>} Results */

/** @param {{ entry: Detail }} props */
export function Conversation({ entry }) {
  const messages = messagesOf(entry.request);
  const adds = entry.adds ?? 0;
  /** @type {Results} */
  const results = new Map();
  messages.forEach((message, at) => {
    const id = message.tool_call_id ?? (message.type === "function_call_output" ? message.call_id : undefined);
    if (typeof id === "string") results.set(id, { message, isNew: at >= adds });
  });
  const called = new Set(messages.flatMap((message) => callsOf(message).map((call) => idOf(call))));
  return html`<ol class="messages">
    ${messages.map((message, at) => {
      const id = message.tool_call_id ?? message.call_id;
      const isJoined = (message.role === "tool" || message.type === "function_call_output") && called.has(String(id));
      if (isJoined) return null;
      return html`<${Message} key=${at} message=${message} results=${results} isNew=${at >= adds && adds > 0} />`;
    })}
    ${messages.length ? null : html`<li class="message"><${Tree} value=${entry.request} /></li>`}
    <${Answer} entry=${entry} results=${results} />
  </ol>`;
}

/**
 * Return the messages of a request: `messages`, or `input`.
 *
 * @param {Json} request
 * @returns {Obj[]}
 */
function messagesOf(request) {
  const body = objectOf(request);
  const given = body.messages ?? body.input;
  if (typeof given === "string") return [{ role: "user", content: given }];
  return Array.isArray(given) ? given.map(objectOf) : [];
}

/** @param {{ message: Obj, results: Results, isNew?: boolean, note?: string }} props */
function Message({ message, results, isNew, note }) {
  const role = String(message.role ?? message.type ?? "message");
  const reasoning = message.reasoning_content ?? message.reasoning ?? (message.type === "reasoning" ? message.summary : null);
  return html`<li class=${`message ${role.replace(/[^a-z_]/g, "")} ${isNew ? "new" : ""}`}>
    <header>
      <b>${visible(role)}</b>
      ${typeof message.name === "string" ? html` <bdi>${visible(message.name)}</bdi>` : null}
      ${isNew ? html` <span class="tag">new</span>` : null}
      ${note ? html` <span class="tag">${visible(note)}</span>` : null}
    </header>
    ${reasoning ? html`<div class="marked"><b>Reasoning</b> <${Value} value=${reasoning} /></div>` : null}
    <${Content} content=${message.content ?? message.output ?? null} />
    ${typeof message.refusal === "string" ? html`<div class="marked"><b>Refusal</b> <${Text} text=${message.refusal} /></div>` : null}
    <${Spoken} audio=${objectOf(message.audio ?? null)} />
    ${callsOf(message).map((call) => html`<${Call} call=${call} results=${results} />`)}
  </li>`;
}

/** @param {{ audio: Obj }} props */
function Spoken({ audio }) {
  if (typeof audio.data !== "string") return null;
  return html`<div class="marked">
    <${Sound} data=${audio.data} format=${String(audio.format ?? "wav")} />
    <${Text} text=${String(audio.transcript ?? "")} />
  </div>`;
}

/** @param {{ content: Json }} props */
function Content({ content }) {
  if (typeof content === "string") return html`<${JsonOrText} text=${content} />`;
  if (!Array.isArray(content)) return content === null ? null : html`<${Tree} value=${content} />`;
  return content.map((part, at) => html`<${Part} key=${at} part=${objectOf(part)} />`);
}

/** @param {{ part: Obj }} props */
function Part({ part }) {
  if (typeof part.refusal === "string") {
    return html`<div class="marked"><b>Refusal</b> <${Text} text=${part.refusal} /></div>`;
  }
  if (typeof part.text === "string") return html`<${JsonOrText} text=${part.text} />`;
  const image = part.image_url;
  const url = typeof image === "string" ? image : objectOf(image ?? null).url;
  if (typeof url === "string") return html`<${Image} url=${url} />`;
  const audio = objectOf(part.input_audio ?? null);
  if (typeof audio.data === "string") return html`<${Sound} data=${audio.data} format=${String(audio.format)} />`;
  return html`<${Tree} value=${part} />`;
}

/** @param {{ call: Obj, results: Results }} props */
function Call({ call, results }) {
  const tool = objectOf(call[String(call.type ?? "function")] ?? call.function ?? call);
  const result = results.get(idOf(call));
  return html`<div class="call">
    <div class="name"><b>${visible(String(tool.name ?? "tool"))}</b> <code>${visible(idOf(call))}</code></div>
    <${Value} value=${tool.arguments ?? tool.input ?? null} />
    ${
      result
        ? html`<div class=${`result ${result.isNew ? "new" : ""}`}>
            <b>Result</b><${Content} content=${result.message.content ?? result.message.output ?? null} />
          </div>`
        : null
    }
  </div>`;
}

/** @param {{ value: Json }} props */
function Value({ value }) {
  return typeof value === "string" ? html`<${JsonOrText} text=${value} />` : html`<${Tree} value=${value} />`;
}

/** @param {{ entry: Detail, results: Results }} props */
function Answer({ entry, results }) {
  const response = objectOf(entry.response);
  const error = response.error ?? entry.error;
  if (error) {
    const { message } = objectOf(error);
    return html`<li class="message error">
      <header><b>${entry.status} error</b></header>
      <${Text} text=${String(message ?? "")} />
      <${Tree} value=${error} open=${false} />
    </li>`;
  }
  const choices = Array.isArray(response.choices) ? response.choices.map(objectOf) : [];
  const format = objectOf(objectOf(entry.request).audio ?? null).format;
  const output = Array.isArray(response.output) ? response.output.map(objectOf) : [];
  if (choices.length + output.length === 0) {
    return entry.response === null
      ? html`<li class="message quiet">${entry.ended === "in flight" ? "The answer is on its way." : "There is no answer."}</li>`
      : html`<li class="message assistant answer"><${Tree} value=${entry.response} /></li>`;
  }
  const shown = choices.map((choice) => {
    const message = objectOf(choice.message ?? null);
    const audio = objectOf(message.audio ?? null);
    return { message: audio.data ? { ...message, audio: { ...audio, format: format ?? "wav" } } : message, note: String(choice.finish_reason) };
  });
  return [...shown, ...output.map((message) => ({ message, note: "answer" }))].map(
    ({ message, note }, at) => html`<${Message} key=${`answer ${at}`} message=${message} results=${results} note=${note} />`,
  );
}

/**
 * Return the tool calls of a message, in any of the API's forms.
 *
 * @param {Obj} message
 * @returns {Obj[]}
 */
function callsOf(message) {
  if (message.type === "function_call" || message.type === "custom_tool_call") return [message];
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.map(objectOf) : [];
  return message.function_call ? [...calls, { function: message.function_call }] : calls;
}

/** @param {Obj} call */
function idOf(call) {
  return String(call.call_id ?? call.id ?? "");
}

/**
 * @param {Json} value
 * @returns {Obj}
 */
export function objectOf(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
