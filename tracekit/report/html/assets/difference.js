// What changed from A to B, of calls. Shares are of each side's own whole, so the length of a recording plays no part.
"use strict";

const SIDES = ["A", "B"];
const WIDTHS = ["both", "a", "b"]; // whose shares a call is as wide as; both: their mean
const PARTS_OF_WIDTH = { a: [1, 0], b: [0, 1], both: [0.5, 0.5] };
const STEPS_OF_CHANGE = 3; // colours for less, and as many for more
const SMALLEST_SCALE = 0.01; // a point: smaller changes are never painted as large ones
const ROUNDING = 1e-12; // what is left of two equal shares that were divided by different wholes

/** Both sides' cells with weights as one of the widths draws them. A profile of one recording is left alone. */
function weighted(profile, widths) {
  if (!profile.sides) return profile;
  const factors = profile.sides.map((whole, side) => (whole ? PARTS_OF_WIDTH[widths][side] / whole : 0));
  const { side, own } = profile.cells;
  const weight = own.map((amount, cell) => amount * factors[side[cell]]);
  return { ...profile, cells: { ...profile.cells, weight } };
}

/** A's and B's weights of a node as shares of their wholes. */
function sharesOf(profile, sums, node) {
  return profile.sides.map((whole, side) => (whole ? sums[side][node] / whole : 0));
}

/** How much more of the whole a node has in B than in A. */
function changeOf(profile, sums, node) {
  const [a, b] = sharesOf(profile, sums, node);
  return Math.abs(b - a) < ROUNDING ? 0 : b - a;
}

/** "A 20.0 %, B 35.0 %, +15.0 points". */
function changeText(profile, sums, node) {
  const [a, b] = sharesOf(profile, sums, node).map(shareText);
  return `A ${a}, B ${b}, ${pointsText(changeOf(profile, sums, node))}`;
}

/** The changes of a tree in steps: round limits from the largest downwards, as 1, 5 and 20 points. */
class ChangeScale {
  constructor(profile, tree) {
    this.profile = profile;
    this.largest = 0;
    for (let node = 0; node < tree.size; node++) {
      this.largest = Math.max(this.largest, Math.abs(changeOf(profile, tree.amounts.sides, node)));
    }
    const rounds = [1, 2, 5].flatMap((digit) => [-5, -4, -3, -2, -1, 0].map((power) => digit * 10 ** power)).sort((one, other) => one - other);
    const top = rounds.findLastIndex((round) => round <= Math.max(this.largest, SMALLEST_SCALE) + ROUNDING);
    this.limits = Array.from({ length: STEPS_OF_CHANGE }, (_, step) => rounds[top - 2 * (STEPS_OF_CHANGE - 1 - step)]);
  }

  /** From -3, much less, over 0, about the same, to 3, much more. */
  step(change) {
    const size = this.limits.findLastIndex((limit) => Math.abs(change) >= limit - ROUNDING) + 1;
    return size * Math.sign(change);
  }

  /** What every step stands for: [[step, label], …]; only the steps that occur. */
  legend() {
    if (!this.largest) return [[0, "no call changed"]];
    const points = this.limits.map((limit) => String(Number((limit * 100).toPrecision(1))));
    const steps = [1, 2, 3].filter((step) => this.limits[step - 1] <= this.largest + ROUNDING);
    const labels = (sign, what) => (step) => {
      const isLast = step === steps.length;
      return `${sign}${points[step - 1]} ${isLast ? `points or more: ${what} in B` : `to ${sign}${points[step]}`}`;
    };
    const [less, more] = [labels("−", "less"), labels("+", "more")];
    return [
      ...[...steps].reverse().map((step) => [-step, less(step)]),
      [0, `within ${points[0]} ${points[0] === "1" ? "point" : "points"}`],
      ...steps.map((step) => [step, more(step)]),
    ];
  }
}

/** A call's shares of what each side has in the zoom, whatever the widths are of. */
function rowOfZoom({ tree, zoom }, node) {
  const [a, b] = tree.amounts.sides.map((sums) => sums[node] / (sums[zoom] || 1));
  return ["Of zoom", shareText(a), shareText(b), pointsText(b - a)];
}

const TOLD = ["not tested", "no difference shown", "difference shown"];

/** What is told of a call of two recordings. */
function callChanges(viewer, node) {
  const { profile, tree, zoom } = viewer;
  const symbol = tree.symbol[node];
  const row = (name, sums) => {
    const [a, b] = sharesOf(profile, sums, node);
    return [name, shareText(a), shareText(b), pointsText(changeOf(profile, sums, node))];
  };
  const rows = [row("Total", tree.amounts.sides)];
  if (node < tree.mainEnd) rows.push(row("Self", tree.selfOfSides));
  if (zoom && node >= zoom && node < tree.end[zoom]) rows.push(rowOfZoom(viewer, node));
  const content = [grid(["", ...SIDES, "Change"], rows)];
  if (symbol >= 0) {
    const told = profile.told.map((codes) => TOLD[codes[symbol]]);
    content.push(line("tooltip-note", `This function wherever it is called: total, ${told[1]}; self, ${told[0]}.`));
  }
  return content;
}
