// What a call is painted in: its engine, the kind of its phase, its image, or how it changed.
"use strict";

const PURE = 0.9; // share of a call from which it has one colour; below, it is grey with a strip of all its colours
const KINDS = 7;
const CHANGES = ["less-3", "less-2", "less-1", "same", "more-1", "more-2", "more-3"];
const LIGHT_ENOUGH = 0.18; // luminance on which dark ink is as legible as white

/** The colours of the page as they are now, in light or in dark. */
class Paint {
  constructor(element, profile, by, tree) {
    const style = getComputedStyle(element);
    const read = (name) => style.getPropertyValue(name).trim();
    this.profile = profile;
    this.by = by;
    this.ground = read("--ground");
    this.ink = read("--ink");
    this.muted = read("--muted");
    this.line = read("--line-strong");
    this.onColour = read("--on-colour");
    this.several = read("--several");
    const rest = read("--rest");
    this.kinds = Array.from({ length: KINDS }, (_, kind) => read(`--kind-${kind}`));
    this.engines = profile.engines.map(({ name }) => read(`--engine-${name}`));
    this.phases = profile.phases.map((_, phase) => this.kinds[phase] ?? rest);
    this.images = by === "image" ? heaviestImages(profile) : [];
    this.rest = rest;
    this.scale = by === "difference" ? new ChangeScale(profile, tree) : null;
    this.changes = CHANGES.map((name) => read(`--${name}`));
  }

  /** The colour of a node, and its parts where it is of several: [[colour, share], …]. */
  of(tree, node) {
    return this.ofAmounts(tree.amounts, node, tree.symbol[node]);
  }

  ofAmounts(amounts, node, symbol) {
    if (this.by === "image") return { colour: this.ofImage(symbol), parts: null };
    if (this.scale) return { colour: this.ofStep(this.scale.step(changeOf(this.profile, amounts.sides, node))), parts: null };
    const parts = amounts[this.by === "phase" ? "phases" : "engines"];
    const colours = this.by === "phase" ? this.phases : this.engines;
    const { best, share } = dominant(parts, node);
    if (share >= PURE) return { colour: colours[best], parts: null };
    const whole = amounts.weight[node];
    const shares = parts.map((sums, part) => [colours[part], sums[node] / whole]).filter(([, part]) => part > 0);
    return { colour: this.several, parts: shares.sort(([, one], [, other]) => other - one) };
  }

  ofImage(symbol) {
    if (symbol < 0) return this.rest;
    return this.kinds[this.images.indexOf(this.profile.imageOf[symbol])] ?? this.rest;
  }

  ofStep(step) {
    return this.changes[step + STEPS_OF_CHANGE];
  }

  /** The ink that is legible on a colour. */
  inkOn(colour) {
    return luminance(colour) > LIGHT_ENOUGH ? this.onColour : this.ink;
  }

  faded(colour, part) {
    return mixed(colour, this.ground, part);
  }

  /** What the colours stand for: [[colour, label], …]. */
  legend() {
    if (this.scale) return this.scale.legend().map(([step, label]) => [this.ofStep(step), label]);
    const several = [this.several, "several, shared as its strip shows"];
    if (this.by === "phase") return [...this.profile.phases.map((label, phase) => [this.phases[phase], label]), several];
    if (this.by === "engine") return [...this.profile.engines.map(({ label }, engine) => [this.engines[engine], label]), several];
    const named = this.images.map((image, kind) => [this.kinds[kind], this.profile.images[image]]);
    return [...named, [this.rest, "other images"]];
  }
}

/** Act whenever the page gets other colours: from light to dark, or of another palette. */
function whenRecoloured(act) {
  for (const query of ["screen and (prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", act);
  }
  addEventListener("recoloured", act);
}

/** The choice of palette: the reader's own, so the browser remembers it, and no link holds it. */
function connectPalette() {
  const place = document.querySelector(".palette");
  const select = place.querySelector("select");
  const choose = (palette) => (document.documentElement.dataset.palette = select.value = palette);
  place.hidden = false;
  try {
    if (localStorage.getItem("tracekit-palette") === "safe") choose("safe");
  } catch {} // a browser that keeps nothing for a file's page
  select.addEventListener("change", () => {
    choose(select.value);
    try {
      localStorage.setItem("tracekit-palette", select.value);
    } catch {}
    dispatchEvent(new Event("recoloured"));
  });
}

/** The images that take most of the picture. */
function heaviestImages({ cells, shape, imageOf, images }) {
  const weights = new Float64Array(images.length);
  cells.call.forEach((call, cell) => {
    for (let at = call + 1; at > 0; at = shape.parent[at]) weights[imageOf[shape.symbol[at]]] += cells.weight[cell];
  });
  const order = [...weights.keys()].filter((image) => image > 0 && weights[image] > 0);
  return order.sort((one, other) => weights[other] - weights[one]).slice(0, KINDS);
}
