// The table of a model's operations: sorted, filtered, and tied to the flame graph by the functions of their types.
"use strict";

const OF_NUMBERS = ["cost", "run", "measured"];

class Operations {
  constructor(section, viewer) {
    Object.assign(this, { section, viewer, run: "", order: null });
    this.body = section.querySelector("tbody");
    this.rows = [...this.body.rows];
    this.runs = [...section.querySelectorAll(".strip button")];
    this.filter = section.querySelector(".filter");
    this.filter.addEventListener("input", () => this.show());
    this.headings = [...section.querySelectorAll("[data-by]")];
    for (const heading of this.headings) {
      heading.querySelector("button").addEventListener("click", () => this.sortBy(heading.dataset.by));
    }
    for (const run of this.runs) run.addEventListener("click", () => this.choose(run.dataset.run));
    this.runs.forEach((run, at) => (run.tabIndex = at === 0 ? 0 : -1));
    section.querySelector(".strip")?.addEventListener("keydown", (event) => this.walk(event));
    for (const row of this.rows) row.querySelector("button")?.addEventListener("click", () => this.find(row));
    section.querySelector(".tools").hidden = false;
    viewer?.listeners.push(() => this.follow());
    viewer?.place.addEventListener("callselected", () => this.follow());
    this.show();
    if (viewer) this.follow();
  }

  /** Names from A, numbers largest first; the other way round when pressed again. */
  sortBy(by) {
    const isRising = this.order?.by === by ? !this.order.isRising : !OF_NUMBERS.includes(by);
    this.order = { by, isRising };
    this.show();
  }

  /** The operations of one run alone; all of them when it is pressed again. */
  choose(run) {
    this.run = this.run === run ? "" : run;
    this.show();
  }

  /** Arrows go from run to run: a model may have hundreds, and Tab passes all of them at once. */
  walk(event) {
    const at = this.runs.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.runs.length - 1 }[event.key];
    if (at < 0 || !this.runs[to]) return;
    event.preventDefault();
    this.runs.forEach((run, place) => (run.tabIndex = place === to ? 0 : -1));
    this.runs[to].focus();
  }

  show() {
    const text = this.filter.value.trim().toLowerCase();
    for (const run of this.runs) run.setAttribute("aria-pressed", String(run.dataset.run === this.run));
    for (const heading of this.headings) {
      const isOrder = heading.dataset.by === this.order?.by;
      if (isOrder) heading.setAttribute("aria-sort", this.order.isRising ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    }
    const said = ({ dataset }) => [dataset.name, dataset.type, dataset.engine].join("\n").toLowerCase();
    let listed = 0;
    for (const row of this.rows) {
      row.hidden = !said(row).includes(text) || (this.run !== "" && row.dataset.run !== this.run);
      listed += row.hidden ? 0 : 1;
    }
    this.body.append(...this.sorted());
    this.section.querySelector(".listed").textContent = `${countText(listed)} of ${countText(this.rows.length)} operations`;
  }

  sorted() {
    const byPlace = (one, other) => one.dataset.place - other.dataset.place;
    if (!this.order) return [...this.rows].sort(byPlace);
    const { by, isRising } = this.order;
    const names = new Intl.Collator("en");
    const compare = OF_NUMBERS.includes(by)
      ? (one, other) => one.dataset[by] - other.dataset[by]
      : (one, other) => names.compare(one.dataset[by], other.dataset[by]);
    return [...this.rows].sort((one, other) => (isRising ? 1 : -1) * compare(one, other) || byPlace(one, other));
  }

  /** Mark the functions of an operation's type in the flame graph; no longer, when it is pressed again. */
  find(row) {
    if (!this.viewer) return;
    const { mark } = row.dataset;
    const isAgain = this.viewer.state.search === mark;
    this.viewer.set({ search: isAgain ? "" : mark, isRegex: false });
    if (!isAgain) document.getElementById("flame-graph").scrollIntoView();
  }

  /** Mark the operations whose functions are searched for, or of which the selected call is one. */
  follow() {
    const { viewer } = this;
    const selected = viewer.selected >= 0 ? viewer.nameOf(viewer.selected) : "";
    for (const row of this.rows) {
      const { mark } = row.dataset;
      const isMarked = mark !== "" && (mark === viewer.state.search || selected.includes(mark));
      if (isMarked) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.querySelector("button")?.setAttribute("aria-pressed", String(isMarked));
    }
  }
}
