// The table of functions: all of them, sorted and filtered, a screenful at a time.
"use strict";

const ROWS_AT_ONCE = 50;

class SymbolTable {
  constructor(section, viewer, sums) {
    this.section = section;
    this.viewer = viewer;
    this.table = section.querySelector("table");
    this.sums = sums;
    this.order = { by: "self", isRising: false };
    this.limit = ROWS_AT_ONCE;
    this.headings = [...this.table.tHead.querySelectorAll("[data-by]")];
    for (const heading of this.headings) {
      heading.querySelector("button").addEventListener("click", () => this.sortBy(heading.dataset.by));
    }
    this.filter = section.querySelector(".filter");
    this.filter.addEventListener("input", () => {
      this.limit = ROWS_AT_ONCE;
      this.show();
    });
    this.more = section.querySelector(".more");
    this.more.addEventListener("click", () => {
      this.limit += ROWS_AT_ONCE;
      this.show();
    });
    section.querySelector(".tools").hidden = false;
    this.show();
  }

  /** Numbers largest first, names from A; the other way round when pressed again. */
  sortBy(by) {
    const isSame = this.order.by === by;
    this.order = { by, isRising: isSame ? !this.order.isRising : by === "name" };
    this.show();
  }

  chosen() {
    const { profile } = this.viewer;
    const text = this.filter.value.trim().toLowerCase();
    const symbols = [...profile.symbols.keys()].filter((symbol) => {
      return !text || `${profile.images[profile.imageOf[symbol]]}\`${profile.symbols[symbol]}`.toLowerCase().includes(text);
    });
    const { by, isRising } = this.order;
    const { self, total } = this.sums;
    const ties = (one, other) => self[other] - self[one] || total[other] - total[one] || one - other;
    const names = new Intl.Collator("en");
    const compare = {
      name: (one, other) => names.compare(profile.symbols[one], profile.symbols[other]),
      self: (one, other) => self[one] - self[other],
      total: (one, other) => total[one] - total[other],
    }[by];
    const direction = isRising ? 1 : -1;
    return symbols.sort((one, other) => direction * compare(one, other) || ties(one, other));
  }

  show() {
    const symbols = this.chosen();
    for (const heading of this.headings) {
      const isOrder = heading.dataset.by === this.order.by;
      if (isOrder) heading.setAttribute("aria-sort", this.order.isRising ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    }
    this.table.tBodies[0].replaceChildren(...symbols.slice(0, this.limit).map((symbol) => this.row(symbol)));
    const left = symbols.length - this.limit;
    this.more.hidden = left <= 0;
    this.section.querySelector(".listed").textContent =
      `${countText(Math.min(symbols.length, this.limit))} of ${countText(this.viewer.profile.symbols.length)} functions`;
  }

  row(symbol) {
    const { profile, weight } = this.viewer;
    const { self, total, engines } = this.sums;
    const row = document.createElement("tr");
    const name = document.createElement("button");
    name.type = "button";
    name.className = `swatch engine-${profile.engines[dominant(engines, symbol).best].name}`;
    name.textContent = profile.symbols[symbol];
    name.title = "Show its callers and callees";
    name.addEventListener("click", () => {
      this.viewer.sandwichOf(symbol);
      document.getElementById("flame-graph").scrollIntoView();
    });
    const image = document.createElement("span");
    image.className = "image";
    image.textContent = profile.images[profile.imageOf[symbol]];
    const both = document.createElement("div");
    both.className = "function";
    both.append(name, image);
    const first = document.createElement("td");
    first.className = "symbol";
    first.append(both);
    row.append(first);
    for (const sum of [self[symbol], total[symbol]]) {
      row.append(this.number(weightText(sum * profile.scale, profile.unit), sum * profile.scale, true));
      row.append(this.number(shareText(sum / (weight || 1)), sum / (weight || 1), false));
    }
    return row;
  }

  number(text, value, isWide) {
    const cell = document.createElement("td");
    cell.className = isWide ? "number wide" : "number";
    cell.dataset.value = value;
    cell.textContent = text;
    return cell;
  }
}
