// Reads what packing.py writes.
"use strict";

const ARRAYS = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array };

/** The header and columns of a packed table. */
async function unpack(text) {
  const packed = bytesOf(text.trim());
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  let offset = 4 + new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, offset - 4)));
  const columns = {};
  for (const { name, type, length } of header.columns) {
    columns[name] = new ARRAYS[type](bytes, offset, length);
    offset += Math.ceil(columns[name].byteLength / 8) * 8;
  }
  return { header, columns };
}

function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** The packed table in a script element of the page; null where there is none. */
async function unpackElement(id) {
  const element = document.getElementById(id);
  return element && element.textContent.trim() ? unpack(element.textContent) : null;
}

/** Running sums. */
function added(steps) {
  const sums = new Float64Array(steps.length);
  let sum = 0;
  for (let index = 0; index < steps.length; index++) sums[index] = sum += steps[index];
  return sums;
}
