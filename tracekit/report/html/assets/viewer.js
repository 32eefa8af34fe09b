// The flame graph with everything around it: one state, from which all else follows.
"use strict";

const OF_TREE = ["view", "thread", "range", "charged", "symbol", "widths", "waits"]; // what the tree depends on

class Viewer {
  constructor(place, profile, predictions) {
    this.place = place;
    this.recorded = profile;
    this.profile = profile; // as its widths are drawn
    this.predictions = predictions; // [[from, to], …] in microseconds
    this.whole = place.dataset.whole; // what the root is called
    this.state = plainState(profile);
    this.selected = -1;
    this.flame = new Flame(this.find(".flame-chart"), profile);
    this.tooltip = new Tooltip(this.find(".tooltip"));
    this.minimap = new Minimap(this.find(".minimap"), this);
    this.listeners = [];
  }

  find(selector) {
    return this.place.querySelector(selector);
  }

  get zoom() {
    return this.state.zoom;
  }

  async start() {
    history.scrollRestoration = "auto";
    this.steps = { at: 0, last: 0 };
    history.replaceState({ step: 0 }, "");
    this.setTree(readState(location.hash, this.profile) ?? plainState(this.profile));
    await this.show();
    addEventListener("popstate", (event) => this.travel(event));
    whenRecoloured(() => this.show());
    new ResizeObserver(() => this.flame.chart.clientWidth === this.flame.width || this.show()).observe(this.flame.chart);
  }

  /** Change the state: a step to go back from, or in place of the present one. */
  set(changes, { isStep = true } = {}) {
    const next = { ...this.state, ...changes };
    if (next.view === "sandwich" && next.symbol < 0) next.symbol = this.symbolToShow();
    if (next.view !== "sandwich") next.symbol = -1;
    const hasNewTree = OF_TREE.some((key) => String(next[key]) !== String(this.state[key]));
    if (hasNewTree && !("zoom" in changes)) next.zoom = next.view === this.state.view ? null : 0;
    this.setTree(next);
    this.remember(isStep);
    return this.show();
  }

  /** Take a state on; a zoom of null is that of its path, else the present one, looked for in the new tree. */
  setTree({ path, at = null, ...next }) {
    const key = JSON.stringify(OF_TREE.map((name) => next[name]));
    path ??= this.tree && next.zoom === null ? pathTo(this.tree, this.zoom).map((node) => this.tree.symbol[node]) : [];
    if (key !== this.treeKey) {
      this.profile = weighted(counted(this.recorded, next.waits), next.widths);
      this.weight = this.profile.cells.weight.reduce((sum, weight) => sum + weight, 0);
      this.tree = growTree(this.profile, { ...next, thread: threadShown(this.profile, next) });
      this.treeKey = key;
      this.selected = -1;
    }
    if (next.zoom === null) next.zoom = nodeAt(this.tree, path, this.tree.isTimed && at !== null ? at - this.tree.origin : null);
    if (next.zoom >= this.tree.size) next.zoom = 0;
    while (next.zoom > 0 && !this.tree.span[next.zoom]) next.zoom = this.tree.parent[next.zoom]; // only the other side's
    this.state = next;
    this.found = searchFor(this.profile, next);
  }

  remember(isStep) {
    const { steps } = this;
    const fragment = fragmentOf(this, this.state);
    if (isStep) {
      steps.at++;
      steps.last = steps.at;
      history.pushState({ step: steps.at }, "", fragment);
    } else history.replaceState({ step: steps.at }, "", fragment);
  }

  travel({ state }) {
    const read = readState(location.hash, this.profile);
    if (read === null && location.hash) return; // a link to a section
    this.steps.at = state?.step ?? this.steps.at;
    this.setTree(read ?? plainState(this.profile));
    this.show();
    if (!state) this.reveal(); // a link that was pasted, not a step back
  }

  /** Bring what a link is of into sight. */
  reveal() {
    if (location.hash.includes("=")) this.place.closest("section").scrollIntoView();
  }

  /** The address of a call, in this view. */
  linkTo(node) {
    return `${location.href.replace(/#.*/, "")}${fragmentOf(this, { ...this.state, zoom: node })}`;
  }

  /** The call that is told of: the selected, else the zoomed. */
  get chosen() {
    return this.selected >= 0 ? this.selected : this.zoom;
  }

  /** Everything as the state says. */
  async show() {
    this.tooltip.hide();
    this.paint = new Paint(this.place, this.profile, this.state.colour, this.tree);
    await this.redraw();
    this.minimap.show();
    for (const listener of this.listeners) listener(this);
  }

  redraw() {
    return this.flame.draw(this.tree, {
      zoom: this.zoom,
      selected: this.selected,
      share: this.state.share,
      isFound: this.found.isFound,
      isFlame: this.state.isFlame,
      paint: this.paint,
      nameOf: (node) => this.nameOf(node),
    });
  }

  nameOf(node) {
    const symbol = this.tree.symbol[node];
    if (symbol >= 0) return this.profile.symbols[symbol];
    return this.tree.isTimed ? this.profile.threads[threadShown(this.profile, this.state)] : this.whole;
  }

  /** A call's total in words. */
  amountOf(node) {
    const { amounts } = this.tree;
    if (this.profile.sides) return changeText(this.profile, amounts.sides, node);
    const amount = weightText(amounts.weight[node] * this.profile.scale, this.profile.unit);
    return `total ${amount}, ${shareText(amounts.weight[node] / (this.weight || 1))}`;
  }

  zoomTo(node) {
    if (node === this.zoom) return;
    this.selected = -1;
    this.set({ zoom: node });
  }

  /** Tell of a call without zooming to it; with a tooltip beside it where no finger hides that. */
  select(node, { hasTooltip = true } = {}) {
    this.selected = node;
    const box = this.flame.boxOf(node);
    const corner = this.flame.chart.getBoundingClientRect();
    this.redraw();
    showDetail(this);
    if (!box || !hasTooltip) this.tooltip.hide();
    else this.tooltip.show(callFacts(this, node), { clientX: corner.left + box.left, clientY: corner.top + box.top });
    this.find(".spoken").textContent = `${this.nameOf(node)}, ${this.amountOf(node)}`;
    this.place.dispatchEvent(new CustomEvent("callselected"));
  }

  /** What the sandwich is of when nothing was chosen: the selected function, the zoomed one, else the one that worked most. */
  symbolToShow() {
    const chosen = [this.selected, this.zoom].find((node) => node > 0 && this.tree.symbol[node] >= 0);
    if (chosen !== undefined) return this.tree.symbol[chosen];
    const { self } = bySymbol(this.profile, growTree(this.profile, PLAIN));
    return self.reduce((best, weight, symbol) => (weight > self[best] ? symbol : best), 0);
  }

  sandwichOf(symbol) {
    this.set({ view: "sandwich", symbol, zoom: 0 });
  }

  /** Select the next call that the search finds, in the zoom and wide enough to be seen. */
  selectFound(step) {
    if (!this.found.isFound) return;
    const nodes = this.flame.boxes
      .map(({ node }) => node)
      .filter((node) => node >= this.zoom && node > 0 && this.found.isFound[this.tree.symbol[node]]);
    if (nodes.length) this.select(nodes.at((nodes.indexOf(this.selected) + step) % nodes.length));
  }

  /** The functions of the chosen call's stack, the first above. */
  stackText() {
    return stackOf(this.tree, this.chosen, this.state.view).map((node) => this.nameOf(node)).join("\n");
  }
}

/** Which functions a search finds: its text, or its regular expression, in "image`function", whatever the case. */
function searchFor(profile, { search, isRegex }) {
  if (!search) return { isFound: null, functions: 0, problem: "" };
  let matches;
  try {
    const expression = isRegex ? new RegExp(search, "i") : null;
    const text = search.toLowerCase();
    matches = (name) => (expression ? expression.test(name) : name.toLowerCase().includes(text));
  } catch (error) {
    return { isFound: new Uint8Array(profile.symbols.length), functions: 0, problem: "not a regular expression" };
  }
  const isFound = Uint8Array.from(profile.symbols, (name, symbol) => {
    const image = profile.images[profile.imageOf[symbol]];
    return matches(image ? `${image}\`${name}` : name) ? 1 : 0;
  });
  return { isFound, functions: isFound.reduce((sum, one) => sum + one, 0), problem: "" };
}
