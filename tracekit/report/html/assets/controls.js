// The controls around the flame graph: what they do to its state, and what they say of it.
"use strict";

const BREADCRUMBS = 4;

/** Connect the toolbar, the breadcrumb, the pointer and the keyboard with a viewer. */
function connect(viewer) {
  connectToolbar(viewer);
  connectPointer(viewer);
  connectKeys(viewer);
  viewer.listeners.push(showToolbar, showBreadcrumb, showFound, showLegend, showDetail);
}

function connectToolbar(viewer) {
  const on = (selector, type, act) => viewer.find(selector).addEventListener(type, act);
  for (const button of viewer.place.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => viewer.set({ view: button.dataset.view }));
  }
  for (const button of viewer.place.querySelectorAll("[data-flame]")) {
    button.addEventListener("click", () => viewer.set({ isFlame: button.dataset.flame !== "" }));
  }
  for (const button of viewer.place.querySelectorAll("[data-widths]")) {
    button.addEventListener("click", () => viewer.set({ widths: button.dataset.widths }));
  }
  on(".colour", "change", (event) => viewer.set({ colour: event.target.value }));
  on(".frames", "change", (event) => viewer.set({ charged: event.target.value === "charged" }));
  on(".thread", "change", (event) => viewer.set({ thread: Number(event.target.value) }));
  on(".prediction", "change", (event) => viewer.set({ range: viewer.predictions[event.target.value] ?? null }));
  on(".waits", "change", (event) => viewer.set({ waits: event.target.value === "blocked" }));
  on(".share", "change", (event) => viewer.set({ share: Number(event.target.value) }));
  on(".search", "input", (event) => viewer.set({ search: event.target.value }, { isStep: false }));
  on(".search", "keydown", (event) => {
    if (event.key === "Enter") viewer.selectFound(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    viewer.set({ search: "" }, { isStep: false });
    viewer.flame.chart.focus();
  });
  on(".regex", "click", () => viewer.set({ isRegex: !viewer.state.isRegex }, { isStep: false }));
  on(".back", "click", () => history.back());
  on(".forward", "click", () => history.forward());
  on(".reset", "click", () => viewer.zoomTo(0));
  on(".all-time", "click", () => viewer.set({ range: null }));
  on(".copy-stack", "click", (event) => copyText(viewer.stackText(), event.currentTarget));
  on(".copy-link", "click", (event) => copyText(viewer.linkTo(viewer.chosen), event.currentTarget));
  on(".to-sandwich", "click", () => viewer.sandwichOf(viewer.tree.symbol[viewer.chosen]));
  on(".to-zoom", "click", () => viewer.zoomTo(viewer.chosen));
  on(".save", "change", (event) => {
    saveView(viewer, event.target.value);
    event.target.value = "";
  });
  on(".help", "click", () => viewer.find("dialog").showModal());
  on("dialog button", "click", () => viewer.find("dialog").close());
  fillSelect(viewer.find(".colour"), coloursBy(viewer.profile).map((name) => [name, name]));
  fillSelect(viewer.find(".thread"), [["-1", "all threads"], ...viewer.profile.threads.map((name, at) => [at, name])]);
  viewer.find(".waits").closest("label").hidden = !viewer.recorded.cells.waits;
  fillPredictions(viewer);
  fillSelect(viewer.find(".share"), SHARES.map((share) => [share, share ? shareText(share) : "a pixel"]));
  viewer.find("[data-view=time]").disabled = viewer.profile.cells.time === null;
  viewer.find("[data-view=time]").hidden = viewer.profile.sides !== null; // two recordings have two clocks
}

function fillPredictions(viewer) {
  const select = viewer.find(".prediction");
  const isOf = viewer.profile.cells.time !== null && viewer.predictions.length > 0;
  select.closest("label").hidden = !isOf;
  if (!isOf) return;
  fillSelect(select, [["-1", "all time"], ...viewer.predictions.map((_, at) => [at, `prediction ${at + 1}`])]);
}

/** The prediction that the range of time is of; -1: none. */
function predictionShown({ predictions, state }) {
  return predictions.findIndex((range) => String(range) === String(state.range));
}

function fillSelect(select, options) {
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
}

function showToolbar(viewer) {
  const { state } = viewer;
  for (const button of viewer.place.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
  }
  for (const button of viewer.place.querySelectorAll("[data-flame]")) {
    button.setAttribute("aria-pressed", String((button.dataset.flame !== "") === state.isFlame));
  }
  for (const button of viewer.place.querySelectorAll("[data-widths]")) {
    button.setAttribute("aria-pressed", String(button.dataset.widths === state.widths));
  }
  viewer.find(".colour").value = state.colour;
  viewer.find(".frames").value = state.charged ? "charged" : "all";
  viewer.find(".thread").value = String(threadShown(viewer.profile, state));
  viewer.find(".thread").options[0].disabled = state.view === "time"; // which draws one
  viewer.find(".prediction").value = String(predictionShown(viewer));
  viewer.find(".waits").value = state.waits ? "blocked" : "running";
  viewer.find(".share").value = String(state.share);
  viewer.find(".share").disabled = state.view === "time"; // which merges what is narrow
  viewer.find(".regex").setAttribute("aria-pressed", String(state.isRegex));
  if (document.activeElement !== viewer.find(".search")) viewer.find(".search").value = state.search;
  viewer.find(".back").disabled = viewer.steps.at === 0;
  viewer.find(".forward").disabled = viewer.steps.at >= viewer.steps.last;
  viewer.find(".reset").disabled = state.zoom === 0;
  const span = state.range ? `${timeText(state.range[0], 100)} – ${timeText(state.range[1], 100)}` : "";
  viewer.find(".all-time").hidden = !state.range;
  viewer.find(".all-time").textContent = `${span} ✕`;
  viewer.find(".all-time").setAttribute("aria-label", `Only ${span}: show all time`);
}

/** The whole, then the nearest callers of the zoomed call, each a way back to it. */
function showBreadcrumb(viewer) {
  const { tree, zoom, profile } = viewer;
  const path = pathTo(tree, zoom);
  const shown = path.slice(-BREADCRUMBS);
  const crumbs = [0, ...shown].map((node) => {
    const crumb = document.createElement("button");
    crumb.type = "button";
    crumb.textContent = viewer.nameOf(node);
    crumb.title = crumb.textContent;
    crumb.addEventListener("click", () => viewer.zoomTo(node));
    if (node === zoom) crumb.setAttribute("aria-current", "true");
    const item = document.createElement("li");
    item.append(crumb);
    return item;
  });
  if (path.length > shown.length) crumbs[1].classList.add("after-more");
  viewer.find(".breadcrumb").replaceChildren(...crumbs);
  viewer.find(".zoom-amount").textContent = profile.sides ? changeText(profile, tree.amounts.sides, zoom) : zoomAmount(viewer);
}

function zoomAmount({ tree, zoom, profile, weight, whole }) {
  const zoomed = tree.amounts.weight[zoom];
  const amount = weightText(zoomed * profile.scale, profile.unit);
  return zoomed === weight ? amount : `${amount} · ${shareText(zoomed / (weight || 1))} of ${whole}`;
}

function showFound(viewer) {
  const { found, zoom } = viewer;
  const said = viewer.find(".found");
  viewer.find(".search").setAttribute("aria-invalid", String(found.problem !== ""));
  if (!found.isFound) said.textContent = "";
  else if (found.problem) said.textContent = found.problem;
  else {
    const functions = `${countText(found.functions)} function${found.functions === 1 ? "" : "s"}`;
    const ofZoom = zoom ? ` · ${matchedShare(viewer, zoom)} of zoom` : "";
    said.textContent = `${functions} · ${matchedShare(viewer, 0)} of ${viewer.whole}${ofZoom}`;
  }
}

/** What the search finds as a share of a node, 0 being the whole; of two recordings each one's own. */
function matchedShare({ found, tree, profile, weight }, node) {
  const share = (sums, whole) => shareText(matchedSum(tree, found.isFound, node, sums) / ((node ? sums[node] : whole) || 1));
  if (!profile.sides) return share(tree.amounts.weight, weight);
  return profile.sides.map((whole, side) => `${SIDES[side]} ${share(tree.amounts.sides[side], whole)}`).join(", ");
}

function showLegend(viewer) {
  const items = viewer.paint.legend().map(([colour, label]) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "swatch";
    name.style.setProperty("--colour", colour);
    name.textContent = label;
    item.append(name);
    return item;
  });
  viewer.find(".legend").replaceChildren(...items);
}

function connectPointer(viewer) {
  const { chart } = viewer.flame;
  let isFinger = false; // the first tap tells of a call, the second zooms to it
  chart.addEventListener("pointerdown", ({ pointerType }) => (isFinger = pointerType === "touch"));
  chart.addEventListener("click", (event) => {
    const block = viewer.flame.blockAt(event);
    if (block) return viewer.select(block.caller, { hasTooltip: false }); // the pane lists what it hides
    const box = viewer.flame.boxAt(event);
    if (!box) return;
    if (box.calls) return viewer.set({ range: timeOf(viewer, box) });
    if (isFinger && box.node !== viewer.chosen) viewer.select(box.node, { hasTooltip: false });
    else viewer.zoomTo(box.node);
  });
  chart.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const { flame, tooltip } = viewer;
    const box = flame.boxAt(event), block = flame.blockAt(event);
    chart.classList.toggle("is-on-call", box !== undefined || block !== undefined);
    if (block) tooltip.show(blockFacts(viewer, block), event);
    else if (box?.calls) tooltip.show(cellFacts(viewer, box), event);
    else if (box) tooltip.show(callFacts(viewer, box.node), event);
    else tooltip.hide();
  });
  chart.addEventListener("pointerleave", () => viewer.tooltip.hide());
  chart.addEventListener("blur", () => viewer.tooltip.hide());
}

/** The time that a box of time order stands for, in microseconds since the recording began. */
function timeOf({ tree, flame, zoom }, { left, width }) {
  const timeAt = (x) => tree.origin + tree.x0[zoom] + (x / flame.width) * tree.span[zoom];
  return [Math.floor(timeAt(left)), Math.ceil(timeAt(left + width))];
}

/** Letters work anywhere on the page but in a field, the others in the flame graph. */
function connectKeys(viewer) {
  const cycle = (values, now) => values[(values.indexOf(now) + 1) % values.length];
  const { profile, predictions } = viewer;
  const anywhere = {
    "/": () => viewer.find(".search").focus(),
    "?": () => viewer.find("dialog").showModal(),
    n: () => viewer.selectFound(1),
    N: () => viewer.selectFound(-1),
    1: () => viewer.set({ view: "callers" }),
    2: () => profile.cells.time && viewer.set({ view: "time" }),
    3: () => viewer.set({ view: "inverted" }),
    4: () => viewer.set({ view: "sandwich" }),
    f: () => viewer.set({ isFlame: !viewer.state.isFlame }),
    c: () => viewer.set({ colour: cycle(coloursBy(profile), viewer.state.colour) }),
    w: () => profile.sides && viewer.set({ widths: cycle(WIDTHS, viewer.state.widths) }),
    r: () => viewer.set({ charged: !viewer.state.charged }),
    t: () => viewer.set({ thread: cycle([-1, ...profile.threads.keys()], viewer.state.thread) }),
    p: () => viewer.set({ range: cycle([null, ...predictions], predictions[predictionShown(viewer)] ?? null) }),
    y: () => copyText(viewer.stackText(), viewer.find(".copy-stack")),
    l: () => copyText(viewer.linkTo(viewer.chosen), viewer.find(".copy-link")),
    e: () => viewer.find(".save").focus(),
    0: () => viewer.zoomTo(0),
    "[": () => history.back(),
    "]": () => history.forward(),
  };
  document.addEventListener("keydown", (event) => {
    const isField = event.target.closest("input, select, textarea, dialog");
    if (isField || event.ctrlKey || event.metaKey || event.altKey || !anywhere[event.key]) return;
    event.preventDefault();
    anywhere[event.key]();
  });
  viewer.flame.chart.addEventListener("keydown", (event) => onChartKey(viewer, event));
}

function onChartKey(viewer, event) {
  const { tree, zoom, selected, flame } = viewer;
  if (event.key.startsWith("Arrow")) {
    const box = flame.neighbour(event.key);
    if (box) viewer.select(box.node);
  } else if (event.key === "Enter" && selected >= 0) viewer.zoomTo(selected);
  else if (event.key === "Backspace" && zoom > 0) viewer.zoomTo(tree.parent[zoom]);
  else if (event.key === "Escape" && selected >= 0) {
    viewer.selected = -1;
    viewer.show();
  } else if (event.key === "Escape" && zoom > 0) viewer.zoomTo(0);
  else return;
  event.preventDefault();
}
