// How long each prediction took, and what its time was made of.
"use strict";

const LATENCY_HEIGHT = 170;
const LATENCY_LEFT = 58;
const TICK_ROOM = 14; // pixels: a number nearer to the edge ends there

/**
 * What charts of predictions share: the longest time they show, and how many predictions have room. The scale is the
 * steady predictions'; a first one that took ten times as long is cut, and says so.
 */
function latencyScale(packed) {
  const shown = packed.map(({ columns: { wall, warmup } }) => {
    const steady = wall.filter((_, at) => !warmup[at]);
    return largest(steady.length ? steady : wall);
  });
  return { most: largest(shown) * 1.15, count: largest(packed.map(({ columns }) => columns.wall.length)) };
}

/** Of any number of values: a call takes only so many arguments. */
function largest(values) {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

class Latency {
  constructor(place, { header, columns }, scale, predictions, viewer) {
    Object.assign(this, { header, columns, scale, predictions, viewer });
    this.chart = place.querySelector(".chart");
    this.tooltip = new Tooltip(place.querySelector(".tooltip"));
    this.chart.addEventListener("pointermove", (event) => this.point(event));
    this.chart.addEventListener("pointerleave", () => this.tooltip.hide());
    this.chart.addEventListener("click", (event) => this.choose(this.at(event)));
    new ResizeObserver(() => this.chart.clientWidth === this.width || this.draw()).observe(this.chart);
    whenRecoloured(() => this.draw());
  }

  draw() {
    const style = getComputedStyle(this.chart);
    const read = (name) => style.getPropertyValue(name).trim();
    const colours = this.header.parts.map(({ name }) => read(`--${name}`));
    const { wall, warmup } = this.columns;
    this.width = this.chart.clientWidth;
    const { most, count } = this.scale;
    const high = LATENCY_HEIGHT - AXIS;
    const y = (time) => high - (Math.min(time, most) / most) * (high - 14);
    this.step = (this.width - LATENCY_LEFT) / count;
    const boxes = new Boxes();
    const texts = [];
    const { values, step } = ticks(0, most / 1e3, 4);
    for (const value of values) {
      boxes.add(read("--line"), LATENCY_LEFT, y(value * 1e3), this.width - LATENCY_LEFT, 1);
      texts.push({ text: timeText(value, step), x: LATENCY_LEFT - 6, y: y(value * 1e3), align: "middle left", colour: read("--muted") });
    }
    for (let at = 0; at < wall.length; at++) {
      const left = LATENCY_LEFT + at * this.step;
      const width = Math.max(this.step - (this.step > 4 ? 1 : 0), 0.5);
      let below = 0;
      this.header.parts.forEach((_, part) => {
        const time = this.columns[`part_${part}`][at];
        const top = y(below + time), bottom = y(below);
        const colour = warmup[at] ? mixed(colours[part], read("--ground"), 0.4) : colours[part];
        if (bottom - top > 0.05) boxes.add(colour, left, top, width, bottom - top);
        below += time;
      });
      if (wall[at] > most) texts.push({ text: "↑", x: left + width / 2, y: 6, align: "middle center", colour: read("--muted") });
    }
    this.marks(boxes, texts, y, read);
    return drawPixels(this.chart, { width: this.width, height: LATENCY_HEIGHT, boxes, texts });
  }

  /** Lines at the median and the 95th percentile, a line under the warm-up, numbers under the bars. */
  marks(boxes, texts, y, read) {
    const { p50, p95 } = this.header;
    const { warmup } = this.columns;
    const isTight = y(p50) - y(p95) < TEXT_SIZE + 2; // both names above their lines would be one upon the other
    for (const [time, name, aside] of [[p95, "p95", -7], [p50, "p50", isTight ? 8 : -7]]) {
      if (!time) continue;
      boxes.add(read("--ink"), LATENCY_LEFT, y(time), this.width - LATENCY_LEFT, 1);
      texts.push({ text: name, x: this.width - 2, y: y(time) + aside, align: "middle left", colour: read("--ink") });
    }
    const first = warmup.reduce((sum, one) => sum + one, 0);
    const foot = LATENCY_HEIGHT - AXIS / 2;
    if (first) {
      boxes.add(read("--muted"), LATENCY_LEFT, LATENCY_HEIGHT - AXIS + 2, first * this.step - 1, 3);
      texts.push({ text: "warm-up", x: LATENCY_LEFT - 3, y: foot + 3, colour: read("--muted") });
    }
    const { values } = ticks(1, this.scale.count, this.width / 120);
    for (const value of values) {
      const x = LATENCY_LEFT + (value - 0.5) * this.step;
      const isFree = !first || x > LATENCY_LEFT + Math.max(first * this.step, 70);
      const isLast = x > this.width - TICK_ROOM;
      const place = isLast ? { x: this.width, align: "middle left" } : { x, align: "middle center" };
      if (isFree && Number.isInteger(value)) texts.push({ text: String(value), ...place, y: foot + 3, colour: read("--muted") });
    }
  }

  at({ clientX }) {
    const x = clientX - this.chart.getBoundingClientRect().left - LATENCY_LEFT;
    const at = Math.floor(x / this.step);
    return at >= 0 && at < this.columns.wall.length ? at : -1;
  }

  point(event) {
    const at = this.at(event);
    if (at < 0) return this.tooltip.hide();
    const { wall, warmup } = this.columns;
    const parts = this.header.parts.map(({ name, label }, part) => ({ name, label, time: this.columns[`part_${part}`][at] }));
    const list = facts(parts.filter(({ time }) => time > 0).map(({ label, time }) => [label, weightText(time, "ns")]));
    const shown = parts.filter(({ time }) => time > 0);
    list.querySelectorAll("dt").forEach((term, index) => term.classList.add("swatch", shown[index].name));
    const title = line("tooltip-title", `Prediction ${at + 1}${warmup[at] ? ", warm-up" : ""}: ${weightText(wall[at], "ns")}`);
    this.tooltip.show([title, list], event);
  }

  /** The flame graph of one prediction. */
  choose(at) {
    if (at < 0 || !this.predictions.length || !this.viewer || !this.viewer.profile.cells.time) return;
    this.viewer.set({ range: this.predictions[at] });
    document.getElementById("flame-graph").scrollIntoView();
  }
}
