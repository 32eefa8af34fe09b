// Starts what moves. Each part stands for itself: what is missing from the page is left out.
"use strict";

/** What scrolls sideways can be reached by the keyboard: looked at whenever a table or its place changes size. */
function makeScrollable() {
  const places = [...document.querySelectorAll(".scroll")];
  const observer = new ResizeObserver(() => {
    for (const place of places) {
      if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
      else place.removeAttribute("tabindex");
    }
  });
  for (const place of places) for (const each of [place, ...place.children]) observer.observe(each);
}

/** The table of operations needs no flame graph, and is tied to it where there is one. */
function startOperations(viewer) {
  const heading = document.getElementById("operations");
  if (heading) new Operations(heading.closest("section"), viewer);
}

async function start() {
  connectPalette();
  makeScrollable();
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copyText(document.getElementById(button.dataset.copy).textContent, button));
  }
  if (typeof Plotly === "undefined") {
    for (const element of document.querySelectorAll(".needs-plotly")) element.hidden = false;
    startOperations(null);
    return;
  }
  await startHistory();
  const [profile, timeline] = await Promise.all(["profile", "timeline-data"].map(unpackElement));
  const ranges = timeline ? [...timeline.columns.prediction_start].map((from, at) => [from, timeline.columns.prediction_end[at]]) : [];
  const viewer = profile ? await startFlame(readProfile(profile), ranges) : null;
  startOperations(viewer);
  await startLatencies(ranges, viewer);
  if (timeline) await new Timeline(document.getElementById("timeline-chart"), timeline, viewer).draw();
  viewer?.reveal(); // now that everything has its height
  window.tracekit = { viewer }; // for the console
  document.documentElement.classList.add("is-ready");
}

/** Let the browser paint what is there, before more is done. A tab that is not shown paints nothing. */
function painted() {
  const frame = new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return Promise.race([frame, new Promise((done) => setTimeout(done, 200))]);
}

/** The charts of predictions: on one scale where there are several. */
async function startLatencies(ranges, viewer) {
  const places = [...document.querySelectorAll("[data-predictions]")];
  const packed = await Promise.all(places.map((place) => unpackElement(place.dataset.predictions)));
  const scale = latencyScale(packed);
  for (const [at, place] of places.entries()) await new Latency(place, packed[at], scale, ranges, viewer).draw();
}

async function startFlame(profile, ranges) {
  const place = document.getElementById("flame");
  const viewer = new Viewer(place, profile, ranges);
  connect(viewer);
  await viewer.start();
  place.classList.add("is-drawn");
  await painted();
  const isWhole = !profile.sides && viewer.treeKey === JSON.stringify(OF_TREE.map((name) => PLAIN[name]));
  const whole = isWhole ? viewer.tree : growTree(weighted(counted(profile, PLAIN.waits), "both"), PLAIN);
  const columns = (profile.sides ? symbolChanges : symbolColumns)(viewer, bySymbol(profile, whole));
  new SymbolTable(document.getElementById("symbols").closest("section"), viewer, columns);
  new FunctionTable(viewer.find(".functions"), viewer, columns);
  return viewer;
}

start();
