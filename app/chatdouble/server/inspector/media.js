/** Images and audio inside of a request. Nothing is fetched, and nothing is decoded that would fill the memory. */

import { html } from "./vendor/htm-preact.js";
import { visible } from "./text.js";

const IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)$/;
const MOST_PIXELS = 16_000_000;
const LONGEST = 12_000_000;
const HEAD = 64 * 1024;
/** @type {Record<string, string>} */
const SOUNDS = { wav: "wav", mp3: "mpeg", flac: "flac", opus: "ogg", aac: "aac" };

/** @param {{ url: string }} props */
export function Image({ url }) {
  if (/^https?:\/\//i.test(url)) {
    return html`<p>Image at <a href=${url} rel="noreferrer noopener" target="_blank"><bdi>${visible(url)}</bdi></a></p>`;
  }
  const found = url.length <= LONGEST ? IMAGE.exec(url) : null;
  if (!found) return html`<p class="quiet">An image that is not shown: ${visible(url.slice(0, 60))}</p>`;
  const [width, height] = size(found[1] ?? "", bytesOf(found[2] ?? ""));
  if (!(width * height > 0 && width * height <= MOST_PIXELS)) {
    return html`<p class="quiet">An image of ${width} x ${height} pixels, which is not shown.</p>`;
  }
  return html`<img src=${url} alt=${`An image of ${width} x ${height} pixels`} />`;
}

/** @param {{ data: string, format: string }} props */
export function Sound({ data, format }) {
  const kind = SOUNDS[format];
  if (!kind || !/^[A-Za-z0-9+/=]+$/.test(data)) return html`<p class="quiet">Audio in the format ${visible(format)}.</p>`;
  return html`<audio controls preload="none" src=${`data:audio/${kind};base64,${data}`} aria-label="Audio"></audio>`;
}

/** @param {string} base64 */
function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, "").slice(0, HEAD)), (one) => one.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Return the width and the height that an image's head claims; zeros if it has none.
 *
 * @param {string} kind
 * @param {Uint8Array} bytes
 * @returns {[number, number]}
 */
function size(kind, bytes) {
  const view = new DataView(bytes.buffer);
  try {
    if (kind === "png") return [view.getUint32(16), view.getUint32(20)];
    if (kind === "gif") return [view.getUint16(6, true), view.getUint16(8, true)];
    return kind === "jpeg" ? sizeOfJpeg(view) : sizeOfWebp(view);
  } catch {
    return [0, 0];
  }
}

/**
 * @param {DataView} view
 * @returns {[number, number]}
 */
function sizeOfJpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return [view.getUint16(at + 7), view.getUint16(at + 5)];
    }
  }
}

/**
 * @param {DataView} view
 * @returns {[number, number]}
 */
function sizeOfWebp(view) {
  const kind = view.getUint8(15); // the fourth letter of `VP8 `, `VP8L` or `VP8X`
  if (kind === 0x58) {
    const three = (/** @type {number} */ at) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
    return [three(24), three(27)];
  }
  if (kind === 0x4c) {
    const bits = view.getUint32(21, true);
    return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
  }
  return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
}
