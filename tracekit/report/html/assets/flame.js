// The picture of a tree: boxes of the calls that can be seen in the current zoom, their names where they fit.
"use strict";

const ROW = 20;
const GAP = 1;
const STRIP = 4; // pixels of a box that is of several colours
const STRIP_FROM = 6; // pixels: narrower boxes have no strip
const TEXT_FROM = 34; // pixels: below this no name is worth reading
const PADDING = 4;
const AXIS = 22;
const ROWS_SHOWN = 200;
const CALLERS_SHOWN = 60;
const ABOVE_ZOOM = 0.35; // how much colour is left to the calls above the zoomed one,
const NOT_FOUND = 0.18; // and to those that a search leaves out

class Flame {
  constructor(chart, profile) {
    this.chart = chart;
    this.profile = profile;
    this.tree = null;
    this.zoom = 0;
    this.selected = -1;
    this.isFound = null; // for every function, whether the search finds it
    this.isFlame = false; // the first functions at the bottom
    this.boxes = [];
  }

  /** Draw a tree as it should look now. */
  draw(tree, { zoom, selected, isFound, isFlame, paint, nameOf }) {
    Object.assign(this, { tree, zoom, selected, isFound, isFlame, paint, nameOf });
    this.width = this.chart.clientWidth;
    this.place();
    const height = this.rows * ROW + (tree.isTimed ? AXIS : 0);
    const boxes = new Boxes();
    for (const box of this.boxes) this.fill(boxes, box);
    const chosen = this.boxes.find(({ node }) => node === selected);
    return drawPixels(this.chart, {
      width: this.width,
      height,
      boxes,
      texts: [...this.labels(), ...(tree.isTimed ? this.axis(height) : [])],
      outlines: chosen ? [[chosen.left, chosen.top, Math.max(chosen.width, 2), ROW - GAP]] : [],
      ink: paint.ink,
    });
  }

  /** Where every call that can be seen is, in pixels. */
  place() {
    const { tree, zoom } = this;
    const nodes = visibleNodes(tree, zoom, this.width);
    let least = Infinity, most = -Infinity;
    for (const node of nodes) {
      least = Math.min(least, tree.row[node]);
      most = Math.max(most, tree.row[node]);
    }
    this.rows = most - least + 1;
    const scale = this.width / (tree.span[zoom] || 1);
    this.boxes = nodes.map((node) => {
      const left = Math.max((tree.x0[node] - tree.x0[zoom]) * scale, 0);
      const right = Math.min((tree.x0[node] + tree.span[node] - tree.x0[zoom]) * scale, this.width);
      const row = this.isFlame ? most - tree.row[node] : tree.row[node] - least;
      return { node, left, width: right - left - (right - left > 3 * GAP ? GAP : 0), top: row * ROW };
    });
  }

  isAbove(node) {
    return node < this.zoom;
  }

  isDimmed(node) {
    return this.isFound !== null && !(node > 0 && this.isFound[this.tree.symbol[node]]);
  }

  fill(boxes, { node, left, top, width }) {
    const { paint } = this;
    const part = this.isDimmed(node) ? NOT_FOUND : this.isAbove(node) ? ABOVE_ZOOM : 1;
    const { colour, parts } = paint.of(this.tree, node);
    const shade = (plain) => (part < 1 ? paint.faded(plain, part) : plain);
    boxes.add(shade(colour), left, top, width, ROW - GAP);
    if (!parts || width < STRIP_FROM) return;
    let from = left;
    for (const [own, share] of parts) {
      boxes.add(shade(own), from, top + ROW - GAP - STRIP, share * width, STRIP);
      from += share * width;
    }
  }

  labels() {
    const pen = new Pen(this.chart);
    const texts = [];
    for (const { node, left, top, width } of this.boxes) {
      if (width < TEXT_FROM) continue;
      const text = pen.fitted(this.nameOf(node), width - 2 * PADDING);
      const painted = this.paint.of(this.tree, node);
      const isPale = this.isAbove(node) || painted.parts;
      const lift = painted.parts ? 1 : 0;
      const colour = this.isDimmed(node) ? this.paint.muted : isPale ? this.paint.ink : this.paint.inkOn(painted.colour);
      if (text) texts.push({ text, colour, x: left + PADDING - 1, y: top + ROW / 2 - lift });
    }
    return texts;
  }

  /** Times under the picture, since the recording began. */
  axis(height) {
    const { tree, zoom, width } = this;
    const from = tree.origin + tree.x0[zoom];
    const { step, values } = ticks(from, from + tree.span[zoom], width / 110);
    return values.map((value) => ({
      x: ((value - from) / tree.span[zoom]) * width,
      y: height - AXIS / 2,
      text: timeText(value, step),
      colour: this.paint.muted,
    }));
  }

  /** The box under the pointer. */
  boxAt({ clientX, clientY }) {
    const corner = this.chart.getBoundingClientRect();
    const x = clientX - corner.left, y = clientY - corner.top;
    return this.boxes.find(
      ({ left, top, width }) => left <= x && x < left + width + GAP && top <= y && y < top + ROW,
    );
  }

  boxOf(node) {
    return this.boxes.find((box) => box.node === node);
  }

  /** The box that an arrow key leads to from the selected one; none is selected: the zoomed one. */
  neighbour(key) {
    const from = this.boxOf(this.selected);
    if (!from) return this.boxOf(this.zoom);
    const step = { ArrowUp: -ROW, ArrowDown: ROW }[key];
    if (step) {
      const middle = from.left + from.width / 2;
      const row = this.boxes.filter(({ top }) => top === from.top + step);
      const { row: depth } = this.tree;
      const goesDeeper = row.length > 0 && Math.abs(depth[row[0].node]) > Math.abs(depth[from.node]);
      if (goesDeeper) return widest(row.filter(({ node }) => this.tree.parent[node] === from.node)) ?? from;
      return row.find(({ left, width }) => left <= middle && middle <= left + width + GAP) ?? from;
    }
    const side = this.boxes.filter(({ top }) => top === from.top).sort((one, other) => one.left - other.left);
    return side[side.indexOf(from) + (key === "ArrowRight" ? 1 : -1)] ?? from;
  }
}

function widest(boxes) {
  return boxes.reduce((best, box) => (!best || box.width > best.width ? box : best), undefined);
}

/** The callers of the zoomed node, and what is under it and at least a pixel wide. */
function visibleNodes(tree, zoom, width) {
  const nodes = [];
  for (let above = tree.parent[zoom]; above >= 0 && nodes.length < CALLERS_SHOWN; above = tree.parent[above]) nodes.unshift(above);
  const least = tree.span[zoom] / Math.max(width, 1);
  const deepest = Math.abs(tree.row[zoom]) + ROWS_SHOWN;
  for (let node = zoom; node < tree.end[zoom]; ) {
    const isSeen = tree.span[node] >= least && Math.abs(tree.row[node]) <= deepest;
    if (isSeen) nodes.push(node);
    node = isSeen ? node + 1 : tree.end[node];
  }
  return nodes;
}
