// The whole above a flame graph that shows a part, with a window on that part. Pointers move it; keyboards have the
// breadcrumb, so it is hidden from them.
//
//   callers first, inverted, sandwich    the whole tree in rows of a few pixels
//   time order                           what the thread did all the time, stacked by engine
"use strict";

const LARGE = 400; // calls: of smaller trees the flame graph shows all there is
const TREE_HEIGHT = 56;
const TIME_HEIGHT = 30;
const COLUMN = 2; // pixels of a time column

class Minimap {
  constructor(place, viewer) {
    this.place = place;
    this.viewer = viewer;
    this.chart = place.querySelector(".minimap-chart");
    this.window = place.querySelector(".window");
    this.key = "";
    this.from = null; // where dragging began
    place.addEventListener("pointerdown", (event) => {
      this.from = this.xOf(event);
      place.setPointerCapture(event.pointerId);
    });
    place.addEventListener("pointermove", (event) => this.from !== null && this.mark(this.from, this.xOf(event)));
    place.addEventListener("pointerup", (event) => this.release(this.xOf(event), event));
    place.addEventListener("pointercancel", () => {
      this.from = null;
      this.show();
    });
  }

  xOf({ clientX }) {
    const x = clientX - this.place.getBoundingClientRect().left;
    return Math.min(Math.max(x, 0), this.width);
  }

  get isTimed() {
    return this.viewer.tree.isTimed;
  }

  show() {
    const { viewer, place } = this;
    place.hidden = !this.isTimed && viewer.tree.size <= LARGE;
    if (place.hidden) return;
    this.width = place.clientWidth;
    const key = [viewer.treeKey, viewer.state.colour, viewer.state.isFlame, viewer.paint.ground, viewer.paint.engines, this.width].join();
    if (key !== this.key) this.draw();
    this.key = key;
    const [from, to] = this.part();
    this.mark(from * this.width, to * this.width);
  }

  draw() {
    const height = this.isTimed ? TIME_HEIGHT : TREE_HEIGHT;
    const boxes = new Boxes();
    if (this.isTimed) this.drawTime(boxes);
    else this.drawTree(boxes);
    this.place.style.height = `${height}px`;
    return drawPixels(this.chart, { width: this.width, height, boxes, texts: [] });
  }

  drawTree(boxes) {
    const { tree, paint, state } = this.viewer;
    const { nodes } = seenCalls(tree, 0, this.width, 0);
    const rows = nodes.map((node) => tree.row[node]);
    const least = rows.reduce((one, other) => Math.min(one, other));
    const most = rows.reduce((one, other) => Math.max(one, other));
    const high = TREE_HEIGHT / (most - least + 1);
    const scale = this.width / (tree.span[0] || 1);
    this.boxes = nodes.map((node, at) => {
      const top = (state.isFlame ? most - rows[at] : rows[at] - least) * high;
      return { node, left: tree.x0[node] * scale, width: tree.span[node] * scale, top, middle: top + high / 2 };
    });
    for (const { node, left, top, width } of this.boxes) boxes.add(paint.of(tree, node).colour, left, top, width, high);
  }

  /** How busy the thread was in each column of time, by engine. */
  drawTime(boxes) {
    const { profile, paint, state } = this.viewer;
    const { cells } = profile;
    const chosen = chosenCells(profile, { thread: threadShown(profile, state) });
    this.whole = chosen.length ? [cells.time[chosen[0]], cells.time[chosen.at(-1)] + profile.interval] : [0, 1];
    const columns = Math.max(Math.floor(this.width / COLUMN), 1);
    const sums = profile.engines.map(() => new Float64Array(columns));
    for (const cell of chosen) {
      const column = Math.min(Math.floor(((cells.time[cell] - this.whole[0]) / (this.whole[1] - this.whole[0])) * columns), columns - 1);
      sums[profile.tags[cells.tag[cell]][0]][column] += cells.weight[cell];
    }
    const totals = sums[0].map((_, column) => sums.reduce((sum, each) => sum + each[column], 0));
    const most = totals.reduce((one, other) => Math.max(one, other), 0) || 1;
    for (let column = 0; column < columns; column++) {
      let foot = TIME_HEIGHT;
      sums.forEach((each, engine) => {
        const high = (each[column] / most) * TIME_HEIGHT;
        if (high) boxes.add(paint.engines[engine], column * COLUMN, foot - high, COLUMN, high);
        foot -= high;
      });
    }
  }

  /** Which part of the whole is drawn below, 0 to 1. */
  part() {
    const { tree, zoom } = this.viewer;
    const start = this.isTimed ? tree.origin + tree.x0[zoom] - this.whole[0] : tree.x0[zoom];
    const whole = this.isTimed ? this.whole[1] - this.whole[0] : tree.span[0] || 1;
    return [start / whole, (start + tree.span[zoom]) / whole];
  }

  mark(one, other) {
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    this.window.style.left = `${from}px`;
    this.window.style.width = `${Math.max(to - from, 3)}px`;
  }

  /** A part of time that was dragged over is shown alone; a click in a tree zooms to the call there. */
  release(x, event) {
    if (this.from === null) return;
    const [from, to] = [Math.min(this.from, x), Math.max(this.from, x)];
    this.from = null;
    if (!this.isTimed) return this.viewer.zoomTo(this.nodeAt(x, event));
    if (to - from < 3) return this.show();
    const timeAt = (at) => this.whole[0] + (at / this.width) * (this.whole[1] - this.whole[0]);
    this.viewer.set({ range: [Math.floor(timeAt(from)), Math.ceil(timeAt(to))], zoom: 0 });
  }

  /** The call under the pointer, or the nearest to it above or below. */
  nodeAt(x, { clientY }) {
    const y = clientY - this.place.getBoundingClientRect().top;
    const column = this.boxes.filter(({ left, width }) => left <= x && x < left + width);
    return column.reduce((best, box) => (Math.abs(box.middle - y) <= Math.abs(best.middle - y) ? box : best), this.boxes[0]).node;
  }
}
