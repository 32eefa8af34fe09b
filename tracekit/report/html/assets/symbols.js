// The table of functions: all of them, sorted and filtered, a screenful at a time.
"use strict";

const ROWS_AT_ONCE = 50;

class SymbolTable {
  /**
   * `columns` are what the headings sort by, as `{ by, size, cells }`: for a function, the number that orders it, and the
   * cells that tell it as `{ text, value, isWide, name }`. `ties` are the columns that decide between equals; the first
   * of them orders the table at first. `engines` are the sums that colour the names.
   */
  constructor(section, viewer, { columns, ties, engines }) {
    Object.assign(this, { section, viewer, columns, engines });
    this.table = section.querySelector("table");
    this.isBeside = section.classList.contains("functions");
    this.ties = ties.map((by) => this.column(by));
    this.order = { by: ties[0], isRising: false };
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

  column(by) {
    return this.columns.find((column) => column.by === by);
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
    const names = new Intl.Collator("en");
    const byName = (one, other) => names.compare(profile.symbols[one], profile.symbols[other]);
    const bySize = ({ size }) => (one, other) => size(one) - size(other);
    const compare = by === "name" ? byName : bySize(this.column(by));
    const ties = this.ties.map(bySize);
    const direction = isRising ? 1 : -1;
    return symbols.sort((one, other) => {
      return direction * compare(one, other) || ties.reduce((found, tie) => found || tie(other, one), 0) || one - other;
    });
  }

  /** As it is; where the function of a sandwich is not among the first, it stands above them. */
  show() {
    const found = this.chosen();
    const { symbol: marked } = this.viewer.state;
    const isBelow = found.indexOf(marked) >= this.limit;
    const symbols = isBelow ? [marked, ...found.filter((symbol) => symbol !== marked)] : found;
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
    const { profile } = this.viewer;
    const row = document.createElement("tr");
    if (symbol === this.viewer.state.symbol) row.setAttribute("aria-current", "true");
    const name = document.createElement("button");
    name.type = "button";
    name.className = `swatch engine-${profile.engines[dominant(this.engines, symbol).best].name}`;
    name.textContent = profile.symbols[symbol];
    name.title = "Show its callers and callees";
    name.addEventListener("click", () => {
      this.viewer.sandwichOf(symbol);
      if (!this.isBeside) document.getElementById("flame-graph").scrollIntoView();
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
    const headed = this.headings.map(({ dataset }) => dataset.by);
    for (const { by, cells } of this.columns) if (headed.includes(by)) row.append(...cells(symbol).map(numberCell));
    return row;
  }
}

/** The table beside a sandwich: of every column one cell, a share or a change. */
class FunctionTable extends SymbolTable {
  constructor(place, viewer, { columns, ...others }) {
    super(place, viewer, { columns: columns.map((column) => ({ ...column, cells: (symbol) => column.cells(symbol).slice(-1) })), ...others });
    viewer.listeners.push(() => this.follow());
    this.follow();
  }

  follow() {
    const isShown = this.viewer.state.view === "sandwich";
    const isOther = this.marked !== this.viewer.state.symbol;
    this.marked = this.viewer.state.symbol;
    this.viewer.place.classList.toggle("is-sandwich", isShown);
    this.section.hidden = !isShown;
    if (!isShown || !isOther) return;
    this.show();
    const list = this.section.querySelector(".function-list");
    const row = list.querySelector("[aria-current]");
    if (row) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
  }
}

function numberCell({ text, value, isWide = false, name = "" }) {
  const cell = document.createElement("td");
  cell.className = ["number", isWide ? "wide" : "", name].filter(Boolean).join(" ");
  cell.dataset.value = value;
  cell.textContent = text;
  return cell;
}

/** Self and total of the functions of a recording, each as a weight and as a share. */
function symbolColumns({ profile, weight }, { self, total, engines }) {
  const column = (by, sums) => ({
    by,
    size: (symbol) => sums[symbol],
    cells: (symbol) => [
      { text: weightText(sums[symbol] * profile.scale, profile.unit), value: sums[symbol] * profile.scale, isWide: true },
      { text: shareText(sums[symbol] / (weight || 1)), value: sums[symbol] / (weight || 1) },
    ],
  });
  return { columns: [column("self", self), column("total", total)], ties: ["self", "total"], engines };
}

/** Self and total of the functions of two recordings: the shares of A and B, and the change. */
function symbolChanges({ profile }, { selfOfSides, totalOfSides, engines }) {
  const columns = [["self", selfOfSides, 0], ["total", totalOfSides, 1]].flatMap(([by, sums, told]) => {
    const shares = (symbol) => sharesOf(profile, sums, symbol);
    const change = (symbol) => changeOf(profile, sums, symbol);
    const isShown = (symbol) => TOLD[profile.told[told][symbol]] === "difference shown";
    return [
      ...SIDES.map((name, side) => ({
        by: `${by}-${name}`,
        size: (symbol) => shares(symbol)[side],
        cells: (symbol) => [{ text: shareText(shares(symbol)[side]), value: shares(symbol)[side], isWide: true }],
      })),
      {
        by: `${by}-change`,
        size: (symbol) => Math.abs(change(symbol)),
        cells: (symbol) => [{ text: pointsText(change(symbol)), value: change(symbol), name: isShown(symbol) ? "is-shown" : "" }],
      },
    ];
  });
  return { columns, ties: ["self-change", "total-change"], engines };
}
