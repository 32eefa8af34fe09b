// The picture of a tree: boxes of the calls that can be seen in the current zoom, their names where they fit.
"use strict";

const ROW = 20;
const GAP = 1;
const STRIP = 4; // pixels of a box that is of several colours
const STRIP_FROM = 6; // pixels: narrower boxes have no strip
const TEXT_FROM = 34; // pixels: below this no name is worth reading
const PADDING = 4;
const AXIS = 22;
const NARROWEST_BLOCK = 3; // pixels: narrower ones say nothing
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
    this.boxes = []; // { node, left, width, top }, and of several calls too narrow to draw also what timedCalls tells
    this.blocks = []; // the calls that are not drawn, as seenCalls tells, where they are
  }

  /** Draw a tree as it should look now. */
  draw(tree, { zoom, selected, share, isFound, isFlame, paint, nameOf }) {
    Object.assign(this, { tree, zoom, selected, share, isFound, isFlame, paint, nameOf });
    this.width = this.chart.clientWidth;
    this.place();
    const height = this.rows * ROW + (tree.isTimed ? AXIS : 0);
    const boxes = new Boxes();
    for (const box of this.boxes) this.fill(boxes, box);
    for (const { left, top, width } of this.blocks) boxes.hatch(paint.line, left, top, width, ROW - GAP);
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
    const { tree, zoom, profile, width } = this;
    const { nodes, blocks = [], cells = [] } = tree.isTimed ? timedCalls(profile, tree, zoom, width) : seenCalls(tree, zoom, width, this.share);
    const scale = width / (tree.span[zoom] || 1);
    const hidden = blocks.filter(({ span }) => span * scale >= NARROWEST_BLOCK);
    let least = Infinity, most = -Infinity;
    for (const row of [...nodes.map((node) => tree.row[node]), ...[...hidden, ...cells].map((each) => each.row)]) {
      least = Math.min(least, row);
      most = Math.max(most, row);
    }
    this.rows = most - least + 1;
    const top = (row) => (this.isFlame ? most - row : row - least) * ROW;
    const placed = (x0, span, row) => {
      const left = Math.max((x0 - tree.x0[zoom]) * scale, 0);
      const right = Math.min((x0 + span - tree.x0[zoom]) * scale, width);
      return { left, width: right - left - (right - left > 3 * GAP ? GAP : 0), top: top(row) };
    };
    this.boxes = nodes.map((node) => ({ node, ...placed(tree.x0[node], tree.span[node], tree.row[node]) }));
    for (const cell of cells) this.boxes.push({ ...cell, left: cell.from, width: cell.to - cell.from - (cell.to - cell.from > 2 * CELL ? GAP : 0), top: top(cell.row) });
    this.blocks = hidden.map((block) => ({ ...block, ...placed(block.x0, block.span, block.row) }));
  }

  isAbove(node) {
    return node < this.zoom;
  }

  isDimmed(node) {
    return this.isFound !== null && !(node > 0 && this.isFound[this.tree.symbol[node]]);
  }

  /** What a box is painted in. */
  paintOf({ node, amounts = this.tree.amounts, at = node }) {
    return this.paint.ofAmounts(amounts, at, this.tree.symbol[node]);
  }

  fill(boxes, box) {
    const { paint } = this;
    const { node, left, top, width } = box;
    const part = this.isDimmed(node) ? NOT_FOUND : this.isAbove(node) ? ABOVE_ZOOM : 1;
    const { colour, parts } = this.paintOf(box);
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
    for (const box of this.boxes) {
      const { node, left, top, width } = box;
      if (width < TEXT_FROM) continue;
      const text = pen.fitted(this.nameOf(node), width - 2 * PADDING);
      const painted = this.paintOf(box);
      const isPale = this.isAbove(node) || painted.parts;
      const lift = painted.parts ? 1 : 0;
      const colour = this.isDimmed(node) ? this.paint.muted : isPale ? this.paint.ink : this.paint.inkOn(painted.colour);
      if (text) texts.push({ text, colour, x: left + PADDING - 1, y: top + ROW / 2 - lift });
    }
    for (const { left, top, width, calls } of this.blocks) {
      const text = `${countText(calls)} ${calls === 1 ? "call" : "calls"}`;
      if (pen.fitted(text, width - 2 * PADDING) === text) texts.push({ text, colour: this.paint.ink, x: left + PADDING - 1, y: top + ROW / 2 });
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
  boxAt(event) {
    return this.under(this.boxes, event);
  }

  /** The block of calls that are not drawn under the pointer. */
  blockAt(event) {
    return this.under(this.blocks, event);
  }

  under(places, { clientX, clientY }) {
    const corner = this.chart.getBoundingClientRect();
    const x = clientX - corner.left, y = clientY - corner.top;
    return places.find(({ left, top, width }) => left <= x && x < left + width + GAP && top <= y && y < top + ROW);
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
