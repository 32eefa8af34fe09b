// Trees of calls: what is drawn. Every view of a profile is a tree that is grown from its calls.
//
//   callers first     the stacks as they are, heaviest callee first
//   inverted          from the functions that worked to who called them
//   sandwich          one function: its callers above it, its callees below it
//   time order        one thread, its stacks from left to right as they were sampled
"use strict";

const MANY = 1 << 22; // nodes: more than a browser should be asked for

const INVERTED_DETAIL = 20_000; // the smallest part of the whole whose callers are followed

/** Sums that every node has: what was sampled in it, by engine and by kind of phase. */
class Amounts {
  constructor(profile, size) {
    this.weight = new Float64Array(size);
    this.count = new Float64Array(size);
    this.engines = profile.engines.map(() => new Float64Array(size));
    this.phases = profile.phases.map(() => new Float64Array(size));
    this.sides = (profile.sides ?? []).map(() => new Float64Array(size));
    this.all = [this.weight, this.count, ...this.engines, ...this.phases, ...this.sides];
  }

  addCell(node, profile, cell) {
    const { cells } = profile;
    const tag = profile.tags[cells.tag[cell]];
    const weight = cells.weight[cell];
    this.weight[node] += weight;
    this.count[node] += cells.count[cell];
    this.engines[tag[0]][node] += weight;
    this.phases[tag[1]][node] += weight;
    if (cells.side) this.sides[cells.side[cell]][node] += cells.own[cell];
  }

  addFrom(other, from, to) {
    for (let index = 0; index < this.all.length; index++) this.all[index][to] += other.all[index][from];
  }

  /** Sums over subtrees: children stand behind their parents. */
  sumUp(parent) {
    for (const sums of this.all) {
      for (let node = parent.length - 1; node > 0; node--) if (parent[node] >= 0) sums[parent[node]] += sums[node];
    }
  }
}

/** Nodes that grow under their parents; two callees of a node with the same function are one. */
class Growth {
  constructor(symbol) {
    this.parent = [-1];
    this.symbol = [symbol];
    this.known = new Map();
    this.width = 0;
  }

  child(parent, symbol) {
    const key = parent * 0x1000000 + symbol;
    let node = this.known.get(key);
    if (node === undefined) {
      node = this.append(parent, symbol);
      this.known.set(key, node);
    }
    return node;
  }

  append(parent, symbol) {
    this.symbol.push(symbol);
    return this.parent.push(parent) - 1;
  }
}

/** What a view asks for → the tree to draw. */
function growTree(profile, { view, thread, range, charged, symbol }) {
  const cells = chosenCells(profile, { thread, range });
  const merged = charged ? withoutRuntime(profile) : { ...profile.shape, to: null };
  if (view === "time") return timeOrder(profile, merged, cells);
  const callOf = (cell) => (merged.to ? merged.to[profile.cells.call[cell] + 1] : profile.cells.call[cell] + 1);
  const own = new Amounts(profile, merged.size);
  for (const cell of cells) own.addCell(callOf(cell), profile, cell);
  const tree = treeOf(view, profile, merged, own, symbol);
  tree.cells = cells;
  tree.isIn = (cell, from, to) => tree.landings.some((nodes) => from <= nodes[callOf(cell)] && nodes[callOf(cell)] < to);
  return tree;
}

function treeOf(view, profile, shape, own, symbol) {
  if (view === "inverted") return inverted(profile, shape, own);
  if (view === "sandwich" && symbol >= 0) return sandwich(profile, shape, own, symbol);
  return arranged(profile, shape, own, Int32Array.from({ length: shape.size }, (_, call) => call));
}

/** Calls of runtime libraries become one with their callers; those that nobody called stay. */
function withoutRuntime(profile) {
  const { parent, symbol, size } = profile.shape;
  const growth = new Growth(-1);
  const to = new Int32Array(size);
  for (let call = 1; call < size; call++) {
    const above = to[parent[call]];
    to[call] = profile.isRuntime[symbol[call]] && above > 0 ? above : growth.child(above, symbol[call]);
  }
  return { size: growth.parent.length, parent: growth.parent, symbol: growth.symbol, to };
}

/** Callers under what they called. What weighs too little to be seen closely is not followed to its callers. */
function inverted(profile, shape, own) {
  const growth = new Growth(-1);
  const weights = [0]; // of the nodes
  const landing = new Int32Array(shape.size).fill(-1);
  let least = 0;
  let open = [];
  for (let call = 1; call < shape.size; call++) {
    if (!own.count[call]) continue;
    open.push({ call, at: call, node: 0 });
    least += own.weight[call] / INVERTED_DETAIL;
  }
  while (open.length) {
    for (const path of open) {
      path.node = growth.child(path.node, shape.symbol[path.at]);
      path.at = shape.parent[path.at];
      weights[path.node] = (weights[path.node] ?? 0) + own.weight[path.call];
      landing[path.call] = path.node;
    }
    open = open.filter(({ at, node }) => at > 0 && weights[node] >= least);
  }
  return arranged(profile, sized(growth), landed(profile, growth, own, landing), landing);
}

/** Node 0 is the function itself; its callees have rows below it, its callers rows above it. */
function sandwich(profile, shape, own, symbol) {
  const totals = new Amounts(profile, shape.size);
  own.all.forEach((sums, index) => totals.all[index].set(sums));
  totals.sumUp(shape.parent);
  const below = new Growth(symbol);
  const above = new Growth(symbol);
  const into = new Int32Array(shape.size).fill(-1);
  const outOf = new Int32Array(shape.size).fill(-1);
  const calledBy = new Int32Array(shape.size).fill(-1); // of the calls inside the function, where it was called from
  for (let call = 1; call < shape.size; call++) {
    const caller = into[shape.parent[call]];
    if (caller >= 0) {
      into[call] = below.child(caller, shape.symbol[call]);
      calledBy[call] = calledBy[shape.parent[call]];
    } else if (shape.symbol[call] === symbol) {
      into[call] = 0;
      let node = 0;
      for (let at = shape.parent[call]; at > 0; at = shape.parent[at]) node = above.child(node, shape.symbol[at]);
      outOf[call] = calledBy[call] = node;
    }
  }
  const callees = arranged(profile, sized(below), landed(profile, below, own, into), into);
  const callers = arranged(profile, sized(above), landed(profile, above, totals, outOf), calledBy);
  return joined(profile, callees, callers);
}

function sized(growth) {
  return { size: growth.parent.length, parent: growth.parent, symbol: growth.symbol };
}

/** What landed on each node of a growth. */
function landed(profile, growth, amounts, landing) {
  const own = new Amounts(profile, growth.parent.length);
  for (let call = 0; call < landing.length; call++) {
    if (landing[call] >= 0 && amounts.count[call]) own.addFrom(amounts, call, landing[call]);
  }
  return own;
}

/**
 * The tree in drawing order: callees from the left, heaviest first, self weight free on the right. The subtree of node
 * n is n … end[n] - 1. Nodes that nothing was sampled of are left out. `landing` has the node of every call.
 */
function arranged(profile, shape, own, landing) {
  const totals = new Amounts(profile, shape.size);
  own.all.forEach((sums, index) => totals.all[index].set(sums));
  totals.sumUp(shape.parent);
  const order = drawingOrder(shape, totals);
  const tree = emptyTree(profile, order.length);
  const place = new Int32Array(shape.size).fill(-1);
  const next = new Float64Array(order.length); // where the next callee begins
  order.forEach((node, at) => {
    place[node] = at;
    const parent = at ? place[shape.parent[node]] : -1;
    tree.parent[at] = parent;
    tree.symbol[at] = shape.symbol[node];
    tree.row[at] = parent >= 0 ? tree.row[parent] + 1 : 0;
    tree.self[at] = own.weight[node];
    tree.selfOfSides.forEach((sums, side) => (sums[at] = own.sides[side][node]));
    tree.span[at] = totals.weight[node];
    if (parent >= 0) {
      tree.x0[at] = next[parent];
      next[parent] += totals.weight[node];
    }
    next[at] = tree.x0[at];
  });
  tree.amounts.all.forEach((sums, index) => {
    const from = totals.all[index];
    for (let at = 0; at < order.length; at++) sums[at] = from[order[at]];
  });
  closed(tree);
  tree.landings = [landing.map((node) => (node < 0 ? -1 : place[node]))];
  return tree;
}

function emptyTree(profile, size) {
  return {
    size,
    parent: new Int32Array(size).fill(-1),
    symbol: new Int32Array(size).fill(-1),
    row: new Int32Array(size),
    end: new Int32Array(size),
    x0: new Float64Array(size),
    span: new Float64Array(size),
    self: new Float64Array(size),
    selfOfSides: (profile.sides ?? []).map(() => new Float64Array(size)),
    amounts: new Amounts(profile, size),
    mainEnd: size, // behind the last node of what counts every sample once
    isTimed: false,
    landings: [], // for every call of the profile, the node that its samples are in: callees', and callers' in a sandwich
  };
}

/** Nodes with samples, depth first, siblings by falling total, ties as they were. */
function drawingOrder({ size, parent }, { weight, count }) {
  const first = new Int32Array(size + 1);
  for (let node = 1; node < size; node++) if (count[node]) first[parent[node] + 1]++;
  for (let node = 0; node < size; node++) first[node + 1] += first[node];
  const children = new Int32Array(first[size]);
  const filled = first.slice();
  for (let node = 1; node < size; node++) if (count[node]) children[filled[parent[node]]++] = node;
  for (let node = 0; node < size; node++) {
    const from = first[node], to = first[node + 1];
    let isSorted = true;
    for (let at = from + 1; at < to && isSorted; at++) isSorted = weight[children[at - 1]] >= weight[children[at]];
    if (!isSorted) children.subarray(from, to).sort((one, other) => weight[other] - weight[one] || one - other);
  }
  const order = [];
  const waiting = [0];
  while (waiting.length) {
    const node = waiting.pop();
    order.push(node);
    for (let at = first[node + 1] - 1; at >= first[node]; at--) waiting.push(children[at]);
  }
  return order;
}

/** Where every subtree ends. */
function closed(tree) {
  for (let node = tree.size - 1; node >= 0; node--) {
    tree.end[node] = Math.max(tree.end[node], node + 1);
    const parent = tree.parent[node];
    if (parent >= 0) tree.end[parent] = Math.max(tree.end[parent], tree.end[node]);
  }
}

/** Callees, then callers in rows above; both hang from node 0. */
function joined(profile, callees, callers) {
  const tree = emptyTree(profile, callees.size + callers.size - 1);
  const shift = callees.size - 1;
  for (const key of ["parent", "symbol", "row", "x0", "span", "self"]) {
    tree[key].set(callees[key]);
    tree[key].set(callers[key].subarray(1), callees.size);
  }
  tree.selfOfSides.forEach((sums, side) => sums.set(callees.selfOfSides[side]));
  callees.amounts.all.forEach((sums, index) => {
    tree.amounts.all[index].set(sums);
    tree.amounts.all[index].set(callers.amounts.all[index].subarray(1), callees.size);
  });
  for (let node = callees.size; node < tree.size; node++) {
    tree.row[node] = -tree.row[node];
    if (tree.parent[node] > 0) tree.parent[node] += shift;
  }
  closed(tree);
  tree.landings = [callees.landings[0], callers.landings[0].map((node) => (node > 0 ? node + shift : -1))];
  tree.mainEnd = callees.size;
  return tree;
}

/** One thread's stacks from left to right; those that follow one another at once and share functions share nodes. */
function timeOrder(profile, shape, cells) {
  const { time, call } = profile.cells;
  const reach = 1.5 * profile.interval;
  const growth = new Growth(-1);
  const x0 = [0], until = [0], own = [];
  let path = [], nodes = [0];
  const origin = cells.length ? time[cells[0]] : 0;
  cells.forEach((cell, index) => {
    const start = time[cell] - origin;
    const gap = index + 1 < cells.length ? time[cells[index + 1]] - time[cell] : Infinity;
    const length = gap <= reach ? gap : profile.interval;
    const next = callPath(shape, shape.to ? shape.to[call[cell] + 1] : call[cell] + 1);
    const isJoined = index > 0 && time[cell] - time[cells[index - 1]] <= reach;
    let common = 0;
    while (isJoined && common < path.length && common < next.length && path[common] === next[common]) common++;
    nodes.length = common + 1;
    for (let depth = common; depth < next.length && growth.parent.length < MANY; depth++) {
      nodes.push(growth.append(nodes[depth], shape.symbol[next[depth]]));
      x0.push(start);
      until.push(start);
    }
    for (const node of nodes) until[node] = start + length;
    own.push([nodes.at(-1), cell]);
    path = next;
  });
  const tree = emptyTree(profile, growth.parent.length);
  Object.assign(tree, { isTimed: true, origin });
  for (const [node, cell] of own) tree.amounts.addCell(node, profile, cell);
  tree.cells = cells;
  const nodeOf = new Map(own.map(([node, cell]) => [cell, node]));
  tree.isIn = (cell, from, to) => from <= nodeOf.get(cell) && nodeOf.get(cell) < to;
  tree.self.set(tree.amounts.weight);
  tree.parent.set(growth.parent);
  tree.symbol.set(growth.symbol);
  tree.x0.set(x0);
  for (let node = 0; node < tree.size; node++) {
    tree.span[node] = until[node] - x0[node];
    if (node) tree.row[node] = tree.row[tree.parent[node]] + 1;
  }
  tree.amounts.sumUp(tree.parent);
  closed(tree);
  return tree;
}

/** The calls from the first function to this one. */
function callPath(shape, call) {
  const path = [];
  for (let at = call; at > 0; at = shape.parent[at]) path.push(at);
  return path.reverse();
}

/** The nodes from the root of a tree to this one, the root left out. */
function pathTo(tree, node) {
  const path = [];
  for (let at = node; at > 0; at = tree.parent[at]) path.unshift(at);
  return path;
}

/** The functions of a node's stack, the first above. In a sandwich a caller's stack leads to the function. */
function stackOf(tree, node, view) {
  const path = pathTo(tree, node);
  if (view === "inverted") return path.reverse();
  if (view !== "sandwich") return path;
  return node >= tree.mainEnd ? [...path.reverse(), 0] : [0, ...path];
}

/** What decided a node's samples: [[rule, weight], …], the heaviest first. Rule 0 is none. */
function rulesOf(profile, tree, node) {
  const weights = new Float64Array(profile.rules.length);
  const { weight, tag } = profile.cells;
  for (const cell of tree.cells) {
    if (tree.isIn(cell, node, tree.end[node])) weights[profile.tags[tag[cell]][2]] += weight[cell];
  }
  return [...weights.entries()].filter(([, sum]) => sum > 0).sort(([, one], [, other]) => other - one);
}

/** The node with these functions on its path, at a time where the tree is timed; the deepest that is there. */
function nodeAt(tree, symbols, time = null) {
  let node = 0;
  for (const symbol of symbols) {
    let found = -1;
    for (let child = node + 1; child < tree.end[node] && found < 0; child = tree.end[child]) {
      const isThen = time === null || (tree.x0[child] <= time && time < tree.x0[child] + tree.span[child]);
      if (tree.symbol[child] === symbol && isThen) found = child;
    }
    if (found < 0) break;
    node = found;
  }
  return node;
}

/** Self and total of every function, a sample once however often the function recurs. */
function bySymbol(profile, tree) {
  const count = profile.symbols.length;
  const zeros = (list) => list.map(() => new Float64Array(count));
  const rows = {
    ...{ self: new Float64Array(count), total: new Float64Array(count), engines: zeros(profile.engines) },
    ...{ selfOfSides: zeros(tree.selfOfSides), totalOfSides: zeros(tree.selfOfSides) },
  };
  const until = new Int32Array(count); // behind the outermost open call of each function
  for (let node = 1; node < tree.size; node++) {
    const symbol = tree.symbol[node];
    rows.self[symbol] += tree.self[node];
    rows.selfOfSides.forEach((sums, side) => (sums[symbol] += tree.selfOfSides[side][node]));
    if (node < until[symbol]) continue;
    until[symbol] = tree.end[node];
    rows.total[symbol] += tree.amounts.weight[node];
    rows.totalOfSides.forEach((sums, side) => (sums[symbol] += tree.amounts.sides[side][node]));
    rows.engines.forEach((sums, engine) => (sums[symbol] += tree.amounts.engines[engine][node]));
  }
  return rows;
}

/** The sum of the samples under some node that have a function of `isMatch` on their stack, in a part of a tree. */
function matchedSum(tree, isMatch, from, sums) {
  const to = from < tree.mainEnd ? Math.min(tree.end[from], tree.mainEnd) : tree.end[from];
  let sum = 0;
  for (let node = from; node < to; ) {
    const found = node > 0 && isMatch[tree.symbol[node]];
    if (found) sum += sums[node];
    node = found ? tree.end[node] : node + 1;
  }
  return sum;
}

/** The position of the largest of some parts of a node, and its share of all of them. */
function dominant(parts, node) {
  let best = 0, sum = 0;
  for (let part = 0; part < parts.length; part++) {
    sum += parts[part][node];
    if (parts[part][node] > parts[best][node]) best = part;
  }
  return { best, share: sum ? parts[best][node] / sum : 1 };
}
