// The trends of many recordings, in the colours that the page has now.
"use strict";

function startHistory() {
  const place = document.getElementById("history");
  if (!place) return;
  const { data, layout } = JSON.parse(document.getElementById("history-figure").textContent);
  const draw = () => {
    const style = getComputedStyle(place);
    const read = (name) => style.getPropertyValue(name).trim();
    const axis = { gridcolor: read("--line"), linecolor: read("--line-strong"), zerolinecolor: read("--line"), automargin: true };
    const coloured = {
      ...layout,
      ...{ paper_bgcolor: "transparent", plot_bgcolor: "transparent", autosize: true },
      margin: { l: 60, r: 10, t: 10, b: 40 },
      font: { family: read("--sans"), size: 12.5, color: read("--ink") },
      legend: { orientation: "h", x: 0, y: -0.08, yanchor: "top" },
    };
    for (const name of ["xaxis", "xaxis2", "yaxis", "yaxis2"]) coloured[name] = { ...layout[name], ...axis };
    return Plotly.react(place, data, coloured, { responsive: true, displayModeBar: false });
  };
  whenRecoloured(draw);
  return draw();
}
