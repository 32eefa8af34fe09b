// The flame graph: bars of Plotly, of the calls that can be seen in the current zoom.
"use strict";

const ROW = 20;
const GAP = 1;
const TEXT_SIZE = 11.5;
const TEXT_FROM = 34; // pixels: below this no name is worth reading
const PADDING = 4;

class Flame {
  constructor(place, tree, whole) {
    this.tree = tree;
    this.whole = whole; // what call 0 is called
    this.zoom = 0;
    this.shown = []; // the calls that are drawn
    this.boxes = []; // and where
    this.place = place;
    this.chart = place.querySelector(".flame-chart");
    this.tooltip = new Tooltip(place.querySelector(".tooltip"), tree);
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** Draw, and listen. */
  async start() {
    await this.draw();
    this.chart.addEventListener("click", (event) => this.zoomTo(this.callAt(event) ?? this.zoom));
    this.chart.addEventListener("mousemove", (event) => this.point(event));
    this.chart.addEventListener("mouseleave", () => this.tooltip.hide());
    this.place.querySelector(".reset").addEventListener("click", () => this.zoomTo(0));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.chart.clientWidth === this.width || this.draw()).observe(this.chart);
  }

  /** The call under the pointer. Plotly's own answer may be 50 ms old, so that a quick click would zoom elsewhere. */
  callAt({ clientX, clientY }) {
    const { left, top } = this.chart.getBoundingClientRect();
    const depth = Math.floor((clientY - top) / ROW);
    const x = clientX - left;
    const index = this.boxes.findIndex(
      (box, at) => box.left <= x && x < box.left + box.width + GAP && this.tree.depth[this.shown[at]] === depth,
    );
    return this.shown[index];
  }

  point(event) {
    const call = this.callAt(event);
    this.chart.classList.toggle("is-on-call", call !== undefined);
    if (call === undefined) this.tooltip.hide();
    else this.tooltip.show(call, this.zoom, this, event);
  }

  zoomTo(call) {
    this.zoom = call;
    this.tooltip.hide();
    return this.draw();
  }

  name(call) {
    return call === 0 ? this.whole : this.tree.symbols[this.tree.symbol[call]];
  }

  draw() {
    this.width = this.chart.clientWidth;
    this.shown = visibleCalls(this.tree, this.zoom, this.width);
    this.boxes = this.shown.map((call) => this.box(call));
    this.describeZoom();
    const rows = 1 + this.shown.reduce((deepest, call) => Math.max(deepest, this.tree.depth[call]), 0);
    return Plotly.react(this.chart, this.traces(), this.layout(rows), { staticPlot: true });
  }

  layout(rows) {
    const hidden = { visible: false };
    return {
      width: this.width,
      height: rows * ROW,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      showlegend: false,
      barmode: "overlay",
      xaxis: { ...hidden, range: [0, this.width] },
      yaxis: { ...hidden, range: [rows - 0.5, -0.5] },
    };
  }

  /** The bars, and their names where there is room: as a trace of its own, because text in bars is slow. */
  traces() {
    const style = getComputedStyle(this.place);
    const colours = this.tree.engines.map(({ name }) => style.getPropertyValue(`--engine-${name}`).trim());
    const ground = style.getPropertyValue("--ground").trim();
    const faded = colours.map((colour) => mixed(colour, ground, 0.35));
    const onColour = style.getPropertyValue("--on-colour").trim();
    const ink = style.getPropertyValue("--ink").trim();
    const { boxes } = this;
    const texts = this.labels(style);
    return [
      {
        type: "bar",
        orientation: "h",
        y: this.shown.map((call) => this.tree.depth[call]),
        base: boxes.map((box) => box.left),
        x: boxes.map((box) => box.width),
        width: (ROW - GAP) / ROW,
        marker: {
          color: this.shown.map((call) => (call < this.zoom ? faded : colours)[this.tree.engine[call]]),
          line: { width: 0 },
        },
      },
      {
        type: "scatter",
        mode: "text",
        x: texts.map((text) => text.x),
        y: texts.map((text) => text.y),
        text: texts.map((text) => text.text),
        textposition: "middle right",
        textfont: {
          family: style.getPropertyValue("--sans"),
          size: TEXT_SIZE,
          color: texts.map(({ call }) => (call < this.zoom ? ink : onColour)),
        },
      },
    ];
  }

  /** Where a call is drawn, in pixels; the calls above the zoomed one are as wide as the view. */
  box(call) {
    const { x0, total } = this.tree;
    const scale = this.width / (total[this.zoom] || 1);
    const left = Math.max((x0[call] - x0[this.zoom]) * scale, 0);
    const right = Math.min((x0[call] + total[call] - x0[this.zoom]) * scale, this.width);
    const gap = right - left > 3 * GAP ? GAP : 0;
    return { left, width: right - left - gap };
  }

  labels(style) {
    this.pen.font = `${TEXT_SIZE}px ${style.getPropertyValue("--sans")}`;
    const texts = [];
    this.boxes.forEach(({ left, width }, index) => {
      if (width < TEXT_FROM) return;
      const call = this.shown[index];
      const text = this.fitted(this.name(call), width - 2 * PADDING);
      if (text) texts.push({ call, x: left + PADDING, y: this.tree.depth[call], text: plotlyText(text) });
    });
    return texts;
  }

  /** As much of a name as fits, with an ellipsis where it is cut. */
  fitted(name, width) {
    const whole = this.pen.measureText(name).width;
    if (whole <= width) return name;
    let length = Math.floor((name.length * width) / whole);
    while (length > 2 && this.pen.measureText(`${name.slice(0, length)}…`).width > width) length--;
    return length > 2 ? `${name.slice(0, length)}…` : "";
  }

  describeZoom() {
    const { total, scale, unit } = this.tree;
    const text = this.place.querySelector(".zoom-name");
    text.textContent = this.name(this.zoom);
    const amount = weightText(total[this.zoom] * scale, unit);
    this.place.querySelector(".zoom-amount").textContent =
      this.zoom === 0 ? amount : `${amount} · ${shareText(total[this.zoom] / total[0])} of ${this.whole}`;
    this.place.querySelector(".reset").disabled = this.zoom === 0;
  }
}

/** The calls above the zoomed one, and those under it that are at least a pixel wide. */
function visibleCalls(tree, zoom, width) {
  const calls = [];
  for (let above = tree.parent[zoom]; above >= 0; above = tree.parent[above]) calls.unshift(above);
  const least = tree.total[zoom] / width;
  for (let call = zoom; call < tree.end[zoom]; ) {
    const isSeen = tree.total[call] >= least;
    if (isSeen) calls.push(call);
    call = isSeen ? call + 1 : tree.end[call];
  }
  return calls;
}

/** A colour laid over another, both as #rrggbb. */
function mixed(colour, ground, part) {
  const channel = (at) => {
    const [over, under] = [colour, ground].map((text) => parseInt(text.slice(at, at + 2), 16));
    return Math.round(over * part + under * (1 - part)).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** Plotly reads a little HTML in every text. */
function plotlyText(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** What is known of the call under the pointer. All names go in as text, never as HTML. */
class Tooltip {
  constructor(element, tree) {
    this.element = element;
    this.tree = tree;
  }

  show(call, zoom, flame, pointer) {
    const { tree } = this;
    const inZoom = call >= zoom && call < tree.end[zoom];
    const image = call === 0 ? "" : tree.images[tree.imageOfSymbol[tree.symbol[call]]];
    this.element.replaceChildren(
      line("tooltip-symbol", flame.name(call)),
      ...(image ? [line("tooltip-image", image)] : []),
      facts([
        ["Total", this.amount(tree.total[call])],
        ["Self", this.amount(tree.self[call])],
        ...(tree.unit === "samples" ? [] : [["Samples", countText(tree.count[call])]]),
        [`Share of ${flame.whole}`, shareText(tree.total[call] / (tree.total[0] || 1))],
        ...(zoom && inZoom ? [["Share of zoom", shareText(tree.total[call] / (tree.total[zoom] || 1))]] : []),
      ]),
      this.engines(call),
    );
    this.element.hidden = false;
    this.move(pointer);
  }

  amount(weight) {
    return weightText(weight * this.tree.scale, this.tree.unit);
  }

  /** The engines of a call's total, largest first. */
  engines(call) {
    const { byEngine, engines } = this.tree;
    const parts = engines
      .map(({ name, label }, index) => ({ name, label, weight: byEngine[index][call] }))
      .filter(({ weight }) => weight > 0)
      .sort((one, other) => other.weight - one.weight);
    const list = facts(parts.map(({ label, weight }) => [label, this.amount(weight)]));
    list.classList.add("tooltip-engines");
    list.querySelectorAll("dt").forEach((term, index) => term.classList.add("swatch", `engine-${parts[index].name}`));
    return list;
  }

  /** Beside the pointer, inside the window. */
  move({ clientX, clientY }) {
    if (this.element.hidden) return;
    const { offsetWidth, offsetHeight } = this.element;
    const left = clientX + 14 + offsetWidth > innerWidth - 8 ? clientX - 14 - offsetWidth : clientX + 14;
    const top = clientY + 18 + offsetHeight > innerHeight - 8 ? clientY - 12 - offsetHeight : clientY + 18;
    this.element.style.left = `${Math.min(Math.max(left, 8), Math.max(innerWidth - offsetWidth - 8, 8))}px`;
    this.element.style.top = `${Math.max(top, 8)}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}

function line(name, text) {
  const element = document.createElement("div");
  element.className = name;
  element.textContent = text;
  return element;
}

function facts(pairs) {
  const list = document.createElement("dl");
  for (const [term, value] of pairs) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    list.append(dt, dd);
  }
  return list;
}
