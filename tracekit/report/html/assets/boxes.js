// Draws many boxes with Plotly: one shape for all boxes of a colour. A bar trace makes an element for every bar, and
// takes seven times as long for ten thousand of them.
"use strict";

const HATCH = 5; // pixels between lines

/** Boxes in pixels, gathered by colour. */
class Boxes {
  constructor() {
    this.paths = new Map();
    this.hatches = new Map();
  }

  add(colour, left, top, width, height) {
    const path = this.paths.get(colour);
    const box = `M${round(left)},${round(top)}H${round(left + width)}V${round(top + height)}H${round(left)}Z`;
    if (path) path.push(box);
    else this.paths.set(colour, [box]);
  }

  /** A box of slanting lines, cut at its edges. */
  hatch(colour, left, top, width, height) {
    const lines = this.hatches.get(colour) ?? [];
    this.hatches.set(colour, lines);
    for (let foot = left - height + HATCH; foot < left + width; foot += HATCH) {
      const [from, to] = [Math.max(foot, left), Math.min(foot + height, left + width)];
      lines.push(`M${round(from)},${round(top + height - (from - foot))}L${round(to)},${round(top + height - (to - foot))}`);
    }
    lines.push(`M${round(left)},${round(top + height)}H${round(left + width)}`);
  }

  shapes() {
    const shape = { type: "path", layer: "below" };
    return [
      ...[...this.paths].map(([fillcolor, path]) => ({ ...shape, path: path.join(""), fillcolor, line: { width: 0 } })),
      ...[...this.hatches].map(([color, path]) => ({ ...shape, path: path.join(""), fillcolor: "transparent", line: { color, width: 1 } })),
    ];
  }
}

/** Draws in pixels from the left upper corner of an element. */
function drawPixels(element, { width, height, boxes, texts, outlines = [], ink = "" }) {
  const hidden = { visible: false, fixedrange: true };
  const outlined = outlines.map(([left, top, wide, high]) => ({
    ...{ type: "rect", x0: left, x1: left + wide, y0: top, y1: top + high },
    line: { color: ink, width: 2 },
  }));
  return Plotly.react(
    element,
    [
      {
        type: "scatter",
        mode: "text",
        x: texts.map(({ x }) => x),
        y: texts.map(({ y }) => y),
        text: texts.map(({ text }) => plotlyText(text)),
        textposition: texts.map(({ align = "middle right" }) => align),
        textfont: { family: fontOf(element), size: TEXT_SIZE, color: texts.map(({ colour }) => colour) },
      },
    ],
    {
      width,
      height,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      showlegend: false,
      xaxis: { ...hidden, range: [0, width] },
      yaxis: { ...hidden, range: [height, 0] },
      shapes: [...boxes.shapes(), ...outlined],
    },
    { staticPlot: true },
  );
}

const TEXT_SIZE = 11.5;

function fontOf(element) {
  return getComputedStyle(element).getPropertyValue("--sans").trim();
}

function round(pixels) {
  return Math.round(pixels * 10) / 10;
}

/** Plotly reads a little HTML in every text, and what stands between two dollars, as in Swift's symbols, as TeX. */
function plotlyText(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("$", "&#36;");
}

/** As much of a name as fits, with an ellipsis where it is cut. */
class Pen {
  constructor(element) {
    this.context = document.createElement("canvas").getContext("2d");
    this.context.font = `${TEXT_SIZE}px ${fontOf(element)}`;
  }

  fitted(name, width) {
    const whole = this.context.measureText(name).width;
    if (whole <= width) return name;
    let length = Math.floor((name.length * width) / whole);
    while (length > 2 && this.context.measureText(`${name.slice(0, length)}…`).width > width) length--;
    return length > 2 ? `${name.slice(0, length)}…` : "";
  }
}

/** How bright #rrggbb looks, 0 to 1, as WCAG measures it. */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A colour laid over another, both as #rrggbb. */
function mixed(colour, ground, part) {
  const channel = (at) => {
    const [over, under] = [colour, ground].map((text) => parseInt(text.slice(at, at + 2), 16));
    return Math.round(over * part + under * (1 - part)).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
