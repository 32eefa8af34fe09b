// What the flame graph shows, as text in the URL's fragment: a link restores the view, and back and forward work.
"use strict";

const VIEWS = ["callers", "time", "inverted", "sandwich"];

const PLAIN = {
  view: "callers",
  isFlame: false, // the first functions at the bottom
  colour: "engine",
  charged: false, // runtime libraries charged to their callers
  thread: -1,
  range: null, // [from, to) in microseconds
  waits: false, // blocked threads count, too
  symbol: -1, // of the sandwich
  widths: "both", // of two recordings: whose shares widths are; in their mean nothing is missing
  zoom: 0, // a node of the tree
  share: 0, // of the whole: lighter calls are not drawn
  search: "",
  isRegex: false,
};

const SHARES = [0, 0.001, 0.005, 0.01, 0.05];

const WORKING = ["ANE", "GPU", "CPU"];

/** The state that a profile is first shown in. */
function plainState(profile) {
  return { ...PLAIN, colour: firstColour(profile) };
}

/** Engines; where none is seen, images, which tell more than one colour would. */
function firstColour(profile) {
  const isSeen = profile.tags.some(([engine]) => WORKING.includes(profile.engines[engine].name));
  return profile.sides || isSeen ? coloursBy(profile)[0] : "image";
}

function coloursBy(profile) {
  return [...(profile.sides ? ["difference"] : []), "engine", "phase", "image"];
}

/**
 * The fragment of what a viewer shows, or would with changes. Functions, calls and threads are named, so that a link
 * finds them in another recording too; a call in time order is the one of its path at that time.
 */
function fragmentOf({ profile, tree }, state) {
  const parts = new URLSearchParams();
  if (state.view !== PLAIN.view) parts.set("view", state.view);
  if (state.isFlame) parts.set("flame", "1");
  if (state.colour !== firstColour(profile)) parts.set("colour", state.colour);
  if (state.charged) parts.set("charged", "1");
  if (state.thread >= 0) parts.set("thread", profile.threads[state.thread]);
  if (state.range) parts.set("time", state.range.join("-"));
  if (state.waits) parts.set("waiting", "1");
  if (state.widths !== PLAIN.widths) parts.set("widths", state.widths);
  if (state.share) parts.set("share", state.share);
  if (state.symbol >= 0) parts.set("function", profile.labels[state.symbol]);
  for (const node of pathTo(tree, state.zoom)) parts.append("call", profile.labels[tree.symbol[node]]);
  if (tree.isTimed && state.zoom > 0) parts.set("at", tree.origin + tree.x0[state.zoom]);
  if (state.search) parts.set(state.isRegex ? "regex" : "search", state.search);
  return `#${parts.toString() || "flame-graph"}`;
}

/**
 * The state in a fragment; null where the fragment is of something else. What makes no sense is left out. Which node
 * `path` and `at` are of, the tree has to tell.
 */
function readState(fragment, profile) {
  const text = fragment.replace(/^#/, "");
  if (text === "flame-graph") return plainState(profile);
  if (!text.includes("=")) return null;
  const parts = new URLSearchParams(text);
  const time = /^(\d+)-(\d+)$/.exec(parts.get("time") ?? "");
  const isTimed = profile.cells.time !== null;
  const view = parts.get("view");
  return {
    view: VIEWS.includes(view) && (view !== "time" || isTimed) ? view : PLAIN.view,
    isFlame: parts.get("flame") === "1",
    colour: coloursBy(profile).includes(parts.get("colour")) ? parts.get("colour") : firstColour(profile),
    charged: parts.get("charged") === "1",
    thread: threadNamed(profile, parts.get("thread")),
    range: time && isTimed ? [Number(time[1]), Number(time[2])] : null,
    waits: profile.cells.waits !== null && parts.get("waiting") === "1",
    symbol: profile.labels.indexOf(parts.get("function")),
    widths: profile.sides && WIDTHS.includes(parts.get("widths")) ? parts.get("widths") : PLAIN.widths,
    share: SHARES.find((share) => String(share) === parts.get("share")) ?? 0,
    zoom: null,
    path: parts.getAll("call").map((label) => profile.labels.indexOf(label)),
    at: /^\d+$/.test(parts.get("at") ?? "") ? Number(parts.get("at")) : null,
    search: parts.get("regex") ?? parts.get("search") ?? "",
    isRegex: parts.has("regex"),
  };
}

/** The thread that a label is of, "Main Thread · 4711": its number is of one recording, its name of all. */
function threadNamed({ threads }, label) {
  const nameOf = (text) => text.replace(/ · \d+$/, "");
  const same = threads.indexOf(label);
  return same >= 0 || !label ? same : threads.findIndex((name) => nameOf(name) === nameOf(label));
}
