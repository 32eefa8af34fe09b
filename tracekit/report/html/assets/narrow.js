// Calls that are too narrow to draw: told by their number, or drawn as what most of a pixel is.
//
//   callers first, inverted, sandwich    what is hidden under one caller is one hatched block
//   time order                           each cell of a row is the function that most of it is; equal cells are one box
"use strict";

const CELL = 2; // pixels

/**
 * The callers of a node, the calls under it that can be seen, and what they hide: blocks of calls side by side under one
 * caller. A call is seen that is a pixel wide and weighs a share of the whole.
 */
function seenCalls(tree, zoom, width, share) {
  const nodes = callersOf(tree, zoom);
  const blocks = [];
  const least = tree.span[zoom] / Math.max(width, 1);
  const lightest = share * tree.amounts.weight[0];
  const deepest = Math.abs(tree.row[zoom]) + ROWS_SHOWN;
  for (let node = zoom; node < tree.end[zoom]; ) {
    const isHeavy = tree.span[node] >= least && (node === zoom || tree.amounts.weight[node] >= lightest);
    if (isHeavy && Math.abs(tree.row[node]) <= deepest) nodes.push(node++);
    else {
      hide(blocks, tree, node);
      node = tree.end[node];
    }
  }
  return { nodes, blocks };
}

/** The nearest callers of a node, the first above. */
function callersOf(tree, node) {
  const nodes = [];
  for (let above = tree.parent[node]; above >= 0 && nodes.length < CALLERS_SHOWN; above = tree.parent[above]) nodes.unshift(above);
  return nodes;
}

/** Count a node and all under it to the block beside it, or begin one. */
function hide(blocks, tree, node) {
  let block = blocks.at(-1);
  if (!block || block.until !== node || block.caller !== tree.parent[node]) {
    block = { caller: tree.parent[node], row: tree.row[node], x0: tree.x0[node], span: 0, weight: 0, calls: 0, first: node };
    blocks.push(block);
  }
  block.until = tree.end[node];
  block.calls += tree.end[node] - node;
  block.span = tree.x0[node] + tree.span[node] - block.x0;
  block.weight += tree.amounts.weight[node];
}

/** The calls directly in a block, the heaviest first. */
function callsIn(tree, { first, until }) {
  const nodes = [];
  for (let node = first; node < until; node = tree.end[node]) nodes.push(node);
  return nodes;
}

/**
 * Time order: nodes that are a pixel wide, and cells of the others. A cell is what most of it is, by majority vote, and
 * neighbours of one function are one cell: `{ node, row, from, to, calls, amounts, at }`, from and to in pixels, `node`
 * the longest call in it, `at` its place in `amounts`, the sums of all that it holds.
 */
function timedCalls(profile, tree, zoom, width) {
  const nodes = callersOf(tree, zoom);
  const scale = width / (tree.span[zoom] || 1);
  const columns = Math.ceil(width / CELL);
  const narrow = [];
  const deepest = tree.row[zoom] + ROWS_SHOWN;
  let rows = 0;
  for (let node = zoom; node < tree.end[zoom]; node++) {
    if (tree.row[node] > deepest) continue;
    if (tree.span[node] * scale >= CELL / 2) nodes.push(node);
    else {
      narrow.push(node);
      rows = Math.max(rows, tree.row[node] + 1);
    }
  }
  const cellOf = (node) => tree.row[node] * columns + Math.min(Math.floor(((tree.x0[node] - tree.x0[zoom]) * scale) / CELL), columns - 1);
  const most = new Int32Array(rows * columns).fill(-1); // the candidate of each cell, and how far it is ahead
  const lead = new Float64Array(rows * columns);
  for (const node of narrow) {
    const cell = cellOf(node);
    if (tree.symbol[node] === most[cell]) lead[cell] += tree.span[node];
    else if (lead[cell] >= tree.span[node]) lead[cell] -= tree.span[node];
    else {
      lead[cell] = tree.span[node] - lead[cell];
      most[cell] = tree.symbol[node];
    }
  }
  return { nodes, cells: joinedCells(profile, tree, { narrow, cellOf, most, columns }) };
}

function joinedCells(profile, tree, { narrow, cellOf, most, columns }) {
  const joined = [];
  const place = new Int32Array(most.length).fill(-1);
  for (let cell = 0; cell < most.length; cell++) {
    if (most[cell] < 0) continue;
    const isSame = cell % columns > 0 && most[cell - 1] === most[cell];
    if (isSame) joined.at(-1).to += CELL;
    else {
      const from = (cell % columns) * CELL;
      joined.push({ node: -1, row: Math.floor(cell / columns), from, to: from + CELL, calls: 0, symbol: most[cell] });
    }
    place[cell] = joined.length - 1;
  }
  const amounts = new Amounts(profile, joined.length);
  joined.forEach((cell, at) => Object.assign(cell, { amounts, at }));
  for (const node of narrow) {
    const at = place[cellOf(node)];
    const cell = joined[at];
    cell.calls++;
    amounts.addFrom(tree.amounts, node, at);
    const isOf = tree.symbol[node] === cell.symbol;
    if (isOf && (cell.node < 0 || tree.span[node] > tree.span[cell.node])) cell.node = node;
  }
  return joined;
}
