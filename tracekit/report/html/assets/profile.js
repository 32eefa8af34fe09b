// The profile of the page: its calls, and what was sampled of each on which thread when.
"use strict";

/**
 * What payload.py packed. Call 0 is the whole, which the first functions of all stacks stand under; calls are in
 * drawing order, every caller before its callees. Weights are in `scale` of the unit, times in microseconds.
 */
function readProfile({ header, columns }) {
  const calls = columns.depth.length + 1;
  const parent = new Int32Array(calls).fill(-1);
  const symbol = new Int32Array(calls).fill(-1);
  const open = [0]; // the calls above the current one, by depth
  for (let call = 1; call < calls; call++) {
    const depth = columns.depth[call - 1] + 1;
    open.length = depth;
    parent[call] = open[depth - 1];
    symbol[call] = columns.frame[call - 1];
    open.push(call);
  }
  const { unit, scale, interval, engines, phases, rules, tags, symbols, images, files, runtime, threads } = header;
  return {
    ...{ unit, scale, interval, engines, phases, rules, tags, symbols, images, files, threads },
    ...{ sides: null, told: null },
    imageOf: columns.image,
    fileOf: columns.file,
    lineOf: columns.line,
    labels: labelsOf(symbols, images, columns.image),
    isRuntime: Uint8Array.from(columns.image, (image) => runtime[image]),
    shape: { size: calls, parent, symbol },
    cells: {
      call: columns.cell_call,
      tag: columns.cell_tag,
      thread: columns.cell_thread,
      weight: columns.cell_weight,
      count: columns.cell_count,
      waits: columns.cell_waits ?? null,
      time: columns.cell_step ? added(columns.cell_step) : null,
    },
    ...(columns.cell_side ? twoSides(header, columns) : {}),
  };
}

/** What tells every function apart from the others: its name, with its image where another has the same name. */
function labelsOf(symbols, images, imageOf) {
  const count = new Map();
  for (const name of symbols) count.set(name, (count.get(name) ?? 0) + 1);
  return symbols.map((name, symbol) => (count.get(name) > 1 ? `${images[imageOf[symbol]]}\`${name}` : name));
}

/** What differs in a profile of two recordings: `sides` are their wholes, `own` their weights, each in its own unit. */
function twoSides({ scale }, columns) {
  const { cell_call: call, cell_tag: tag, cell_thread: thread, cell_count: count, cell_side: side } = columns;
  const own = Float64Array.from(columns.cell_weight, (weight) => weight * scale);
  const sides = [0, 0];
  own.forEach((weight, cell) => (sides[side[cell]] += weight));
  const cells = { call, tag, thread, count, side, own, weight: own, time: null };
  return { sides, cells, unit: "share", scale: 1, told: [columns.told_self, columns.told_total] };
}

/** The profile with what counts: threads that ran, and only where it `waits` blocked ones, too. */
function counted(profile, waits) {
  const { waits: isBlocked } = profile.cells;
  if (waits || !isBlocked) return profile;
  const kept = [...isBlocked.keys()].filter((cell) => !isBlocked[cell]);
  const ofKept = ([name, values]) => [name, values && values.constructor.from(kept, (cell) => values[cell])];
  return { ...profile, cells: Object.fromEntries(Object.entries(profile.cells).map(ofKept)) };
}

/** Which cells take part: those of a thread (-1: all), in a range of time (null: any). */
function chosenCells(profile, { thread = -1, range = null }) {
  const { cells } = profile;
  const chosen = [];
  for (let cell = 0; cell < cells.call.length; cell++) {
    if (thread >= 0 && cells.thread[cell] !== thread) continue;
    if (range && cells.time && (cells.time[cell] < range[0] || cells.time[cell] >= range[1])) continue;
    chosen.push(cell);
  }
  return chosen;
}

/** The thread that is drawn; -1: all. Time order draws one: the chosen, else the one with most weight. */
function threadShown(profile, { view, thread }) {
  return view === "time" && thread < 0 ? busiestThread(profile) : thread;
}

/** The thread with most weight. */
function busiestThread(profile) {
  const weights = new Float64Array(profile.threads.length);
  profile.cells.thread.forEach((thread, cell) => (weights[thread] += profile.cells.weight[cell]));
  return weights.reduce((most, weight, thread) => (weight > weights[most] ? thread : most), 0);
}
