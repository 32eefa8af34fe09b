// The pane under the flame graph: all that is known of one call, the selected or the zoomed.
"use strict";

const RULES_SHOWN = 4;
const HIDDEN_SHOWN = 8;

function showDetail(viewer) {
  const { profile, tree, chosen } = viewer;
  const symbol = tree.symbol[chosen];
  const pane = viewer.find(".detail");
  pane.hidden = false;
  pane.querySelector(".detail-name").textContent = viewer.nameOf(chosen);
  pane.querySelector(".detail-place").textContent = symbol < 0 ? "" : placeOf(profile, symbol);
  pane.querySelector(".to-sandwich").disabled = symbol < 0 || viewer.state.symbol === symbol;
  pane.querySelector(".to-zoom").disabled = chosen === viewer.zoom;
  pane.querySelector(".detail-facts").replaceChildren(...factsOf(viewer, chosen));
  showStack(viewer, pane.querySelector(".detail-stack"));
}

/** A function's image, and its source where that is known. */
function placeOf(profile, symbol) {
  const file = profile.files[profile.fileOf[symbol]];
  const line = profile.lineOf[symbol];
  return [profile.images[profile.imageOf[symbol]], file && line ? `${file}:${line}` : file].filter(Boolean).join(" · ");
}

function factsOf(viewer, node) {
  const { profile, tree } = viewer;
  const numbers = profile.sides ? callChanges(viewer, node) : [amountsOf(viewer, node), ...timesOf(tree, node)];
  const parts = profile.sides ? [] : [enginesOf(profile, tree, node, (weight) => weightText(weight * profile.scale, profile.unit))];
  return [...numbers, ...parts, decidedBy(viewer, node), ...notDrawn(viewer, node)];
}

/** Total and self as weights, and as shares of the whole and of the zoom. */
function amountsOf(viewer, node) {
  const { profile, tree, zoom, weight, whole } = viewer;
  const { amounts } = tree;
  const isInZoom = zoom > 0 && node >= zoom && node < tree.end[zoom];
  const row = (name, sum, count) => [
    name,
    weightText(sum * profile.scale, profile.unit),
    ...(profile.unit === "samples" ? [] : [count]),
    shareText(sum / (weight || 1)),
    ...(isInZoom ? [shareText(sum / (amounts.weight[zoom] || 1))] : []),
  ];
  const rows = [row("Total", amounts.weight[node], countText(amounts.count[node]))];
  if (node < tree.mainEnd) rows.push(row("Self", tree.self[node], ""));
  const columns = ["", "Weight", ...(profile.unit === "samples" ? [] : ["Samples"]), `Of ${whole}`, ...(isInZoom ? ["Of zoom"] : [])];
  return grid(columns, rows);
}

/** In time order: when it began, and how long it lasted. */
function timesOf(tree, node) {
  if (!tree.isTimed) return [];
  const start = tree.origin + tree.x0[node];
  return [facts([["Begins at", timeText(start, 10)], ["Lasts", timeText(tree.span[node], 10)]])];
}

/** The rules that gave the call's samples their engine and phase. */
function decidedBy({ profile, tree }, node) {
  const rules = rulesOf(profile, tree, node);
  const whole = rules.reduce((sum, [, weight]) => sum + weight, 0);
  const named = rules.slice(0, RULES_SHOWN).map(([rule, weight]) => [profile.rules[rule] || "no rule", shareText(weight / (whole || 1))]);
  const rest = rules.slice(RULES_SHOWN).reduce((sum, [, weight]) => sum + weight, 0);
  const part = document.createElement("div");
  const list = facts(rest ? [...named, [`${rules.length - RULES_SHOWN} more`, shareText(rest / whole)]] : named);
  part.className = "detail-rules";
  part.append(line("tooltip-title", rules.length > 1 ? "Decided by these rules" : "Decided by the rule"), list);
  return part;
}

/** The heaviest of the calls under a node that are not drawn, each a way to it. */
function notDrawn(viewer, node) {
  const { tree, flame, weight } = viewer;
  const blocks = flame.blocks.filter(({ caller }) => caller === node);
  if (!blocks.length) return [];
  const nodes = blocks.flatMap((block) => callsIn(tree, block)).sort((one, other) => tree.amounts.weight[other] - tree.amounts.weight[one]);
  const sum = (name) => blocks.reduce((all, block) => all + block[name], 0);
  const list = document.createElement("ol");
  list.append(...nodes.slice(0, HIDDEN_SHOWN).map((hidden) => {
    const item = document.createElement("li");
    const share = document.createElement("span");
    share.className = "image";
    share.textContent = shareText(tree.amounts.weight[hidden] / (weight || 1));
    item.append(callButton(viewer, hidden), share);
    return item;
  }));
  const part = document.createElement("div");
  part.className = "detail-hidden";
  part.append(line("tooltip-title", `Not drawn: ${countText(sum("calls"))} calls, ${shareText(sum("weight") / (weight || 1))}. The heaviest:`), list);
  return [part];
}

/** A call by its name, as a way to it. */
function callButton(viewer, node) {
  const call = document.createElement("button");
  call.type = "button";
  call.textContent = viewer.nameOf(node);
  call.addEventListener("click", () => viewer.zoomTo(node));
  return call;
}

/** The stack, each call a way to it; a sandwich's callers lead to its function. */
function showStack(viewer, list) {
  const nodes = stackOf(viewer.tree, viewer.chosen, viewer.state.view);
  const items = nodes.map((node) => {
    const call = callButton(viewer, node);
    if (node === viewer.chosen) call.setAttribute("aria-current", "true");
    const item = document.createElement("li");
    item.append(call);
    return item;
  });
  list.replaceChildren(...items);
  list.hidden = !items.length;
  keepInView(list);
}

/** Scroll a list, not the page, to what is current in it. */
function keepInView(list) {
  const current = list.querySelector("[aria-current]");
  if (current) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight + current.offsetHeight + 8;
}
