// The call tree of the page: unpacked from the columns that payload.py writes, and laid out.
"use strict";

const ARRAYS = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array };

/** The header and columns of a packed profile (payload.py describes the form). */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
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

/**
 * Every call with its place. Call 0 is the whole, which the first functions of all stacks stand under.
 *
 * Calls are in drawing order, so the subtree of call i is i … end[i] - 1. Weights are in `scale` of the unit.
 */
function layOut({ header, columns }) {
  const size = columns.depth.length + 1;
  const tree = {
    size,
    unit: header.unit,
    scale: header.scale,
    engines: header.engines,
    symbols: header.symbols,
    images: header.images,
    imageOfSymbol: columns.image,
    symbol: new Int32Array(size).fill(-1),
    depth: new Int32Array(size),
    parent: new Int32Array(size).fill(-1),
    end: new Int32Array(size),
    x0: new Float64Array(size),
    self: new Float64Array(size),
    total: new Float64Array(size),
    count: new Float64Array(size),
    byEngine: header.engines.map(() => new Float64Array(size)),
    engine: new Uint8Array(size),
  };
  placeCalls(tree, columns);
  chargeCells(tree, columns);
  addUp(tree);
  return tree;
}

function placeCalls(tree, columns) {
  const open = [0]; // the calls above the current one, by depth
  for (let call = 1; call < tree.size; call++) {
    const depth = columns.depth[call - 1] + 1;
    for (let level = depth; level < open.length; level++) tree.end[open[level]] = call;
    open.length = depth;
    tree.parent[call] = open[depth - 1];
    tree.depth[call] = depth;
    tree.symbol[call] = columns.frame[call - 1];
    open.push(call);
  }
  for (const call of open) tree.end[call] = tree.size;
}

function chargeCells(tree, columns) {
  let call = 1;
  for (let cell = 0; cell < columns.cell_step.length; cell++) {
    call += columns.cell_step[cell];
    tree.self[call] += columns.cell_weight[cell];
    tree.byEngine[columns.cell_engine[cell]][call] += columns.cell_weight[cell];
    tree.count[call] += columns.cell_count[cell];
  }
}

/** Totals from the leaves up, then positions from the root down: callees from the left, self weight to their right. */
function addUp(tree) {
  tree.total.set(tree.self);
  for (const sums of [tree.total, tree.count, ...tree.byEngine]) {
    for (let call = tree.size - 1; call > 0; call--) sums[tree.parent[call]] += sums[call];
  }
  const next = new Float64Array(tree.size); // where the next callee begins
  for (let call = 0; call < tree.size; call++) {
    const parent = tree.parent[call];
    if (parent >= 0) {
      tree.x0[call] = next[parent];
      next[parent] += tree.total[call];
    }
    next[call] = tree.x0[call];
    for (let engine = 1; engine < tree.byEngine.length; engine++) {
      if (tree.byEngine[engine][call] > tree.byEngine[tree.engine[call]][call]) tree.engine[call] = engine;
    }
  }
}

const STEPS = {
  ns: [[1e9, "s", 3], [1e6, "ms", 1], [1e3, "µs", 1], [1, "ns", 0]],
  cycles: [[1e9, "G cycles", 1], [1e6, "M cycles", 1], [1e3, "k cycles", 1], [1, "cycles", 0]],
  events: [[1e9, "G events", 1], [1e6, "M events", 1], [1e3, "k events", 1], [1, "events", 0]],
  samples: [[1, "samples", 0]],
};

/** A number with so many decimals; an exact tie goes to the even digit, as Python writes it. */
function fixed(value, digits) {
  const scaled = value * 10 ** digits;
  const isTie = Number.isInteger(value * 2 ** (digits + 1)) && Math.abs(scaled % 1) === 0.5;
  return isTie ? (2 * Math.round(scaled / 2) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

/** As `weight_text` of numbers.py. */
function weightText(weight, unit) {
  for (const [size, name, digits] of STEPS[unit]) {
    if (size > 1 && weight >= size) return `${fixed(weight / size, digits)} ${name}`;
  }
  return `${countText(weight)} ${STEPS[unit].at(-1)[1]}`;
}

/** As `share_text` of numbers.py. */
function shareText(share) {
  return share > 0 && share < 0.0005 ? "<0.1 %" : `${fixed(share * 100, 1)} %`;
}

function countText(count) {
  return count.toLocaleString("en-US");
}
