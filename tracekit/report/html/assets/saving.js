// Taking something along: the clipboard, and files made of what is shown. Nothing is sent anywhere.
"use strict";

/** Put text on the clipboard, and say so on the button that asked. */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // browsers that keep the clipboard from a file's page
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = (button.dataset.label ??= button.textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1200);
}

/** The view as a file: ``svg``, ``png`` or ``folded``. */
async function saveView(viewer, kind) {
  if (kind === "folded") return saveFile("flame.folded", new Blob([foldedText(viewer)], { type: "text/plain" }));
  const { chart, width } = viewer.flame;
  const scale = kind === "png" ? 2 : 1;
  const paper_bgcolor = viewer.paint.ground;
  const { data, layout } = chart;
  const picture = { data, layout: { ...layout, paper_bgcolor }, config: { staticPlot: true } };
  const url = await Plotly.toImage(picture, { format: kind, width, height: layout.height, scale });
  const content = url.slice(url.indexOf(",") + 1);
  if (kind === "svg") return saveFile("flame.svg", new Blob([decodeURIComponent(content)], { type: "image/svg+xml" }));
  return saveFile("flame.png", new Blob([bytesOf(content)], { type: "image/png" }));
}

/**
 * The zoomed part of the tree, a line a call with weight of its own, for other flame graph programs. Of two recordings
 * a line has both weights, as difffolded.pl writes them, each in the unit of its recording.
 */
function foldedText({ tree, zoom, profile }) {
  const own = profile.sides ? tree.selfOfSides : [tree.self];
  const written = (symbol) => {
    const image = profile.images[profile.imageOf[symbol]];
    const name = profile.symbols[symbol].replaceAll(";", ":");
    return image ? `${image.replaceAll(";", ":").replaceAll("`", "'")}\`${name}` : name;
  };
  const end = zoom < tree.mainEnd ? Math.min(tree.end[zoom], tree.mainEnd) : tree.end[zoom];
  const weights = new Map();
  for (let node = Math.max(zoom, tree.symbol[0] < 0 ? 1 : 0); node < end; node++) {
    if (!own.some((sums) => sums[node])) continue;
    const symbols = pathTo(tree, node).map((at) => tree.symbol[at]);
    const path = (tree.symbol[0] < 0 ? symbols : [tree.symbol[0], ...symbols]).map(written).join(";");
    const before = weights.get(path) ?? own.map(() => 0);
    weights.set(path, own.map((sums, side) => before[side] + sums[node] * profile.scale));
  }
  return [...weights].sort(([one], [other]) => (one < other ? -1 : 1)).map(([path, sums]) => `${path} ${sums.join(" ")}\n`).join("");
}

function saveFile(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
