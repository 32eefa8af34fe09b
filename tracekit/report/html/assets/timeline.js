// The lanes of the timeline: predictions, phases of a language model, hardware, threads, on one axis that can be zoomed.
"use strict";

const LANE = 20;
const LANE_GAP = 4;
const LABELS = 172;
const LABELS_NARROW = 92;
const FINEST = 20; // microseconds: no zoom beyond this

class Timeline {
  constructor(place, { header, columns }, viewer) {
    this.place = place;
    this.viewer = viewer;
    this.chart = place.querySelector(".chart");
    this.tooltip = new Tooltip(place.querySelector(".tooltip"));
    this.colours = header.colours;
    this.lanes = header.lanes.map((lane) => ({ ...lane, start: [], end: [], colour: [] }));
    let start = 0, last = -1;
    columns.lane.forEach((number, span) => {
      start = number === last ? start + columns.step[span] : columns.step[span];
      last = number;
      const lane = this.lanes[number];
      lane.start.push(start);
      lane.end.push(start + columns.length[span]);
      lane.colour.push(columns.colour[span]);
    });
    const filled = this.lanes.filter((lane) => lane.start.length);
    this.whole = [
      filled.reduce((least, lane) => Math.min(least, lane.start[0]), Infinity),
      filled.reduce((most, lane) => lane.end.reduce((end, one) => Math.max(end, one), most), 0),
    ];
    this.range = this.whole;
    this.listen();
  }

  listen() {
    const { chart, place } = this;
    const on = (selector, act) => place.querySelector(selector).addEventListener("click", act);
    on(".closer", () => this.zoomBy(0.5));
    on(".wider", () => this.zoomBy(2));
    on(".everything", () => this.zoomTo(this.whole));
    on(".to-flame", () => {
      this.viewer.set({ range: this.range.map(Math.round) });
      document.getElementById("flame-graph").scrollIntoView();
    });
    place.querySelector(".to-flame").hidden = !this.viewer?.profile.cells.time;
    chart.addEventListener("mousedown", (event) => (this.from = this.timeAt(event)));
    addEventListener("mouseup", (event) => this.release(event));
    chart.addEventListener("pointermove", (event) => this.point(event));
    chart.addEventListener("pointerleave", () => this.tooltip.hide());
    chart.addEventListener("dblclick", () => this.zoomTo(this.whole));
    chart.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => chart.clientWidth === this.width || this.draw()).observe(chart);
    whenRecoloured(() => this.draw());
  }

  key(event) {
    const act = {
      ArrowLeft: () => this.moveBy(-0.2),
      ArrowRight: () => this.moveBy(0.2),
      "+": () => this.zoomBy(0.5),
      "-": () => this.zoomBy(2),
      Home: () => this.zoomTo(this.whole),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  timeAt({ clientX }) {
    const x = clientX - this.chart.getBoundingClientRect().left - this.left;
    const [from, to] = this.range;
    return from + (Math.min(Math.max(x, 0), this.width - this.left) / (this.width - this.left)) * (to - from);
  }

  release(event) {
    if (this.from === undefined) return;
    const times = [this.from, this.timeAt(event)].sort((one, other) => one - other);
    this.from = undefined;
    this.place.querySelector(".marked").hidden = true;
    const [from, to] = this.range;
    if (times[1] - times[0] > (to - from) / 100) this.zoomTo(times);
  }

  zoomBy(factor) {
    const [from, to] = this.range;
    const middle = (from + to) / 2, half = ((to - from) * factor) / 2;
    this.zoomTo([middle - half, middle + half]);
  }

  moveBy(share) {
    const [from, to] = this.range;
    const step = Math.min(Math.max((to - from) * share, this.whole[0] - from), this.whole[1] - to);
    this.zoomTo([from + step, to + step]);
  }

  zoomTo([from, to]) {
    if (to - from < FINEST) return;
    this.range = [Math.max(from, this.whole[0]), Math.min(to, this.whole[1])];
    this.tooltip.hide();
    this.draw();
  }

  draw() {
    const style = getComputedStyle(this.chart);
    const read = (name) => style.getPropertyValue(name).trim();
    this.width = this.chart.clientWidth;
    this.left = this.width < 600 ? LABELS_NARROW : LABELS;
    const [from, to] = this.range;
    const scale = (this.width - this.left) / (to - from);
    const boxes = new Boxes();
    const pen = new Pen(this.chart);
    const texts = [];
    const height = this.lanes.length * (LANE + LANE_GAP) + AXIS;
    const { step, values } = ticks(from, to, (this.width - this.left) / 110);
    for (const value of values) {
      const x = this.left + (value - from) * scale;
      boxes.add(read("--line"), x, 0, 1, height - AXIS);
      texts.push({ text: timeText(value, step), x, y: height - AXIS / 2, align: "middle center", colour: read("--muted") });
    }
    const colours = this.colours.map((name) => read(`--span-${name}`));
    this.lanes.forEach((lane, number) => {
      const top = number * (LANE + LANE_GAP);
      boxes.add(read("--line"), this.left, top + LANE + LANE_GAP / 2, this.width - this.left, 0.5);
      texts.push({ text: pen.fitted(lane.name, this.left - 10), x: 0, y: top + LANE / 2 + 1, colour: read("--ink") });
      this.drawLane(boxes, lane, top, scale, colours);
    });
    this.place.querySelector(".everything").disabled = from === this.whole[0] && to === this.whole[1];
    return drawPixels(this.chart, { width: this.width, height, boxes, texts });
  }

  drawLane(boxes, lane, top, scale, colours) {
    const [from, to] = this.range;
    let filled = -1; // the pixel up to which the lane is drawn
    for (let span = firstAfter(lane.end, from); span < lane.start.length && lane.start[span] < to; span++) {
      const left = this.left + Math.max((lane.start[span] - from) * scale, 0);
      const right = Math.max(this.left + (Math.min(lane.end[span], to) - from) * scale, left + 0.8);
      if (right <= filled) continue;
      const isApart = ["predictions", "phases"].includes(lane.kind) && right - left > 4;
      boxes.add(colours[lane.colour[span]], left, top + 2, right - left - (isApart ? 1 : 0), LANE - 2);
      filled = right;
    }
  }

  point(event) {
    this.mark(event);
    const corner = this.chart.getBoundingClientRect();
    const lane = this.lanes[Math.floor((event.clientY - corner.top) / (LANE + LANE_GAP))];
    if (!lane || event.clientX - corner.left < this.left) return this.tooltip.hide();
    const time = this.timeAt(event);
    const slack = (this.range[1] - this.range[0]) / (this.width - this.left);
    const span = firstAfter(lane.end, time - slack);
    const isThere = span < lane.start.length && lane.start[span] <= time + slack;
    const what = isThere ? [[SPAN_NAMES[lane.colour[span]](lane, span), weightText((lane.end[span] - lane.start[span]) * 1e3, "ns")]] : [];
    this.tooltip.show([line("tooltip-title", lane.name), facts([["At", timeText(time, slack)], ...what])], event);
  }

  /** The part that is being dragged over. */
  mark(event) {
    const marked = this.place.querySelector(".marked");
    marked.hidden = this.from === undefined;
    if (marked.hidden) return;
    const [from, to] = this.range;
    const x = (time) => this.left + ((time - from) / (to - from)) * (this.width - this.left);
    const edges = [x(this.from), x(this.timeAt(event))].sort((one, other) => one - other);
    marked.style.left = `${edges[0]}px`;
    marked.style.width = `${edges[1] - edges[0]}px`;
  }
}

/** What a span is, in the order of `COLOURS` in timeline.py. */
const SPAN_NAMES = [
  (lane) => (lane.kind === "hardware" ? "busy" : "driving ANE"),
  (lane) => (lane.kind === "hardware" ? "busy" : "driving GPU"),
  () => "CPU",
  (lane) => (lane.kind === "hardware" ? "interval" : "no engine"),
  () => "unknown engine",
  () => "outside the focus",
  () => "loading or compiling",
  (_, span) => `prediction ${span + 1}`,
  (_, span) => `prediction ${span + 1}, warm-up`,
  () => "prefill",
  () => "decode",
];

/** The first position in rising numbers that is larger. */
function firstAfter(numbers, value) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
