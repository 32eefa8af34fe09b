// Starts what moves. Each part stands for itself: what is missing from the page is left out.
"use strict";

/** What scrolls sideways can be reached by the keyboard. */
function makeScrollable() {
  for (const element of document.querySelectorAll(".scroll")) {
    const scrolls = element.scrollWidth > element.clientWidth;
    if (!scrolls) element.removeAttribute("tabindex");
    else element.tabIndex = 0;
  }
}

async function start() {
  makeScrollable();
  addEventListener("resize", makeScrollable);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copyText(document.getElementById(button.dataset.copy).textContent, button));
  }
  if (typeof Plotly === "undefined") {
    for (const element of document.querySelectorAll(".needs-plotly")) element.hidden = false;
    return;
  }
  const [profile, timeline, predictions] = await Promise.all(["profile", "timeline-data", "prediction-data"].map(unpackElement));
  const ranges = timeline ? [...timeline.columns.prediction_start].map((from, at) => [from, timeline.columns.prediction_end[at]]) : [];
  const viewer = profile ? await startFlame(readProfile(profile), ranges) : null;
  if (predictions) await new Latency(document.getElementById("latency-chart"), predictions, ranges, viewer).draw();
  if (timeline) await new Timeline(document.getElementById("timeline-chart"), timeline, viewer).draw();
  window.tracekit = { viewer }; // for the console
  document.documentElement.classList.add("is-ready");
}

/** Let the browser paint what is there, before more is done. A tab that is not shown paints nothing. */
function painted() {
  const frame = new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return Promise.race([frame, new Promise((done) => setTimeout(done, 200))]);
}

async function startFlame(profile, ranges) {
  const place = document.getElementById("flame");
  const viewer = new Viewer(place, profile, ranges);
  connect(viewer);
  await viewer.start();
  place.classList.add("is-drawn");
  await painted();
  const whole = viewer.treeKey === JSON.stringify(OF_TREE.map((name) => PLAIN[name])) ? viewer.tree : growTree(profile, PLAIN);
  new SymbolTable(document.getElementById("symbols").closest("section"), viewer, bySymbol(profile, whole));
  return viewer;
}

start();
