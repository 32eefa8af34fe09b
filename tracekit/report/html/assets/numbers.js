// Weights, shares and times as numbers.py writes them, so that the page says the same in every place.
"use strict";

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

/** As `weight_text`; where recordings are compared, the unit is "share". */
function weightText(weight, unit) {
  if (unit === "share") return shareText(weight);
  for (const [size, name, digits] of STEPS[unit]) {
    if (size > 1 && weight >= size) return `${fixed(weight / size, digits)} ${name}`;
  }
  return `${countText(weight)} ${STEPS[unit].at(-1)[1]}`;
}

/** As `share_text`. */
function shareText(share) {
  return share > 0 && share < 0.0005 ? "<0.1 %" : `${fixed(share * 100, 1)} %`;
}

/** As `points_text`: "+9.8 points", "−9.8 points", "0.0 points". */
function pointsText(change) {
  const size = fixed(Math.abs(change) * 100, 1);
  const sign = Number(size) === 0 ? "" : change > 0 ? "+" : "−";
  return `${sign}${size} points`;
}

function countText(count) {
  return count.toLocaleString("en-US");
}

/** A time since the recording began, in microseconds, with as many digits as tell `step` apart. */
function timeText(micros, step) {
  if (step >= 1e5) return `${(micros / 1e6).toFixed(step >= 1e6 ? 0 : 1)} s`;
  return `${(micros / 1e3).toFixed(step >= 1e3 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3)} ms`;
}

/** Round values from `from` to `to`, about `count` of them. */
function ticks(from, to, count) {
  const rough = (to - from) / Math.max(count, 1);
  if (!(rough > 0)) return { step: 1, values: [] };
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((size) => size * power).find((size) => size >= rough);
  const values = [];
  for (let value = Math.ceil(from / step) * step; value <= to; value += step) values.push(value);
  return { step, values };
}
