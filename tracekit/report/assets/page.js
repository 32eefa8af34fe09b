// Starts what moves: the flame graph, and tables that sort by the column whose heading is pressed.
"use strict";

function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = heading.querySelector("button");
    if (button) button.addEventListener("click", () => sortBy(table, headings, column));
  });
}

/** Numbers largest first, names from A; the other way round when pressed again. */
function sortBy(table, headings, column) {
  const isNumber = headings[column].classList.contains("number");
  const now = headings[column].getAttribute("aria-sort");
  const first = isNumber ? "descending" : "ascending";
  const order = now === first ? (isNumber ? "ascending" : "descending") : first;
  headings.forEach((heading) => heading.removeAttribute("aria-sort"));
  headings[column].setAttribute("aria-sort", order);
  const direction = order === "ascending" ? 1 : -1;
  const compare = isNumber
    ? (one, other) => Number(one.dataset.value) - Number(other.dataset.value)
    : (one, other) => one.textContent.localeCompare(other.textContent, "en");
  const rows = [...table.tBodies[0].rows];
  rows.sort((one, other) => direction * compare(one.cells[column], other.cells[column]));
  table.tBodies[0].append(...rows);
}

async function start() {
  document.querySelectorAll("table.sortable").forEach(makeSortable);
  const place = document.getElementById("flame");
  if (place) {
    const tree = layOut(await unpack(document.getElementById("profile").textContent));
    const flame = new Flame(place, tree, place.dataset.whole);
    await flame.start();
    place.classList.add("is-drawn");
  }
}

start();
