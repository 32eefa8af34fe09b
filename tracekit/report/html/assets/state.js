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
  symbol: -1, // of the sandwich
  widths: "both", // of two recordings: whose shares widths are; in their mean nothing is missing
  zoom: 0, // a node of the tree
  search: "",
  isRegex: false,
};

/** The state that a profile is first shown in. */
function plainState(profile) {
  return { ...PLAIN, colour: coloursBy(profile)[0] };
}

function coloursBy(profile) {
  return [...(profile.sides ? ["difference"] : []), "engine", "phase", "image"];
}

function writeState(state, profile) {
  const parts = new URLSearchParams();
  if (state.view !== PLAIN.view) parts.set("view", state.view);
  if (state.isFlame) parts.set("flame", "1");
  if (state.colour !== coloursBy(profile)[0]) parts.set("colour", state.colour);
  if (state.charged) parts.set("charged", "1");
  if (state.thread >= 0) parts.set("thread", state.thread);
  if (state.range) parts.set("time", state.range.join("-"));
  if (state.widths !== PLAIN.widths) parts.set("widths", state.widths);
  if (state.symbol >= 0) parts.set("symbol", state.symbol);
  if (state.zoom > 0) parts.set("zoom", state.zoom);
  if (state.search) parts.set(state.isRegex ? "regex" : "search", state.search);
  return `#${parts.toString() || "flame-graph"}`;
}

/** The state in a fragment; null where the fragment is of something else. What makes no sense is left out. */
function readState(fragment, profile) {
  const text = fragment.replace(/^#/, "");
  if (text === "flame-graph") return plainState(profile);
  if (!text.includes("=")) return null;
  const parts = new URLSearchParams(text);
  const below = (name, limit) => {
    const value = /^\d+$/.test(parts.get(name) ?? "") ? Number(parts.get(name)) : -1;
    return value < limit ? value : -1;
  };
  const time = /^(\d+)-(\d+)$/.exec(parts.get("time") ?? "");
  const isTimed = profile.cells.time !== null;
  const view = parts.get("view");
  return {
    view: VIEWS.includes(view) && (view !== "time" || isTimed) ? view : PLAIN.view,
    isFlame: parts.get("flame") === "1",
    colour: coloursBy(profile).includes(parts.get("colour")) ? parts.get("colour") : coloursBy(profile)[0],
    charged: parts.get("charged") === "1",
    thread: below("thread", profile.threads.length),
    range: time && isTimed ? [Number(time[1]), Number(time[2])] : null,
    symbol: below("symbol", profile.symbols.length),
    widths: profile.sides && WIDTHS.includes(parts.get("widths")) ? parts.get("widths") : PLAIN.widths,
    zoom: Math.max(below("zoom", Infinity), 0),
    search: parts.get("regex") ?? parts.get("search") ?? "",
    isRegex: parts.has("regex"),
  };
}
