// What is known of the call under the pointer. All names go in as text, never as HTML.
"use strict";

class Tooltip {
  constructor(element) {
    this.element = element;
    addEventListener("scroll", () => this.hide(), { capture: true, passive: true }); // what it points at moves away
  }

  /** Show some elements beside a place in the window. */
  show(content, { clientX, clientY }) {
    this.element.replaceChildren(...content);
    this.element.hidden = false;
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

/** What is told of a call. */
function callFacts(viewer, node) {
  const { profile, tree, zoom, weight } = viewer;
  const { amounts } = tree;
  const amount = (weight) => weightText(weight * profile.scale, profile.unit);
  const image = tree.symbol[node] < 0 ? "" : profile.images[profile.imageOf[tree.symbol[node]]];
  const title = [line("tooltip-symbol", viewer.nameOf(node)), ...(image ? [line("tooltip-image", image)] : [])];
  if (profile.sides) return [...title, ...callChanges(viewer, node)];
  const isInZoom = node >= zoom && node < tree.end[zoom];
  const shareOfZoom = zoom && isInZoom ? [["Share of zoom", shareText(amounts.weight[node] / (amounts.weight[zoom] || 1))]] : [];
  return [
    ...title,
    facts([
      ["Total", amount(amounts.weight[node])],
      ...(node >= tree.mainEnd ? [] : [["Self", amount(tree.self[node])]]),
      ...(profile.unit === "samples" ? [] : [["Samples", countText(amounts.count[node])]]),
      [`Share of ${viewer.whole}`, shareText(amounts.weight[node] / (weight || 1))],
      ...shareOfZoom,
    ]),
    enginesOf(profile, tree, node, amount),
  ];
}

/** What is told of calls that are not drawn. */
function blockFacts(viewer, { calls, weight }) {
  return [
    line("tooltip-title", `${countText(calls)} ${calls === 1 ? "call is" : "calls are"} not drawn`),
    line("tooltip-image", viewer.state.share ? `too narrow, or under ${shareText(viewer.state.share)}` : "too narrow"),
    facts([["Together", shareText(weight / (viewer.weight || 1))]]),
    line("tooltip-note", "Click to list the heaviest."),
  ];
}

/** What is told of a box of time order that stands for several calls. */
function cellFacts(viewer, box) {
  const { profile } = viewer;
  const amount = (weight) => weightText(weight * profile.scale, profile.unit);
  return [
    line("tooltip-symbol", viewer.nameOf(box.node)),
    line("tooltip-image", `most of ${countText(box.calls)} ${box.calls === 1 ? "call" : "calls"} too short to draw`),
    facts([["Total", amount(box.amounts.weight[box.at])]]),
    enginesOf(profile, box, box.at, amount),
    line("tooltip-note", "Click to see this time alone."),
  ];
}

/** The engines of a call's total, largest first. */
function enginesOf(profile, { amounts }, node, amount) {
  const parts = profile.engines
    .map(({ name, label }, engine) => ({ name, label, weight: amounts.engines[engine][node] }))
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  const list = facts(parts.map(({ label, weight }) => [label, amount(weight)]));
  list.classList.add("tooltip-engines");
  list.querySelectorAll("dt").forEach((term, index) => term.classList.add("swatch", `engine-${parts[index].name}`));
  return list;
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

/** A table: what the columns are, and rows that begin with what they are. */
function grid(columns, rows) {
  const table = document.createElement("table");
  const add = (part, values, name) => {
    const row = part.insertRow();
    values.forEach((value, at) => {
      const cell = document.createElement(at && part !== table.tHead ? "td" : name);
      cell.textContent = value;
      row.append(cell);
    });
  };
  add(table.createTHead(), columns, "th");
  const body = table.createTBody();
  for (const values of rows) add(body, values, "th");
  return table;
}
