"use strict";
// Draws the charts of the page with the plotly.js that stands before this script.
(() => {
  const root = document.documentElement;
  const drawn = new Map();

  // A colour named by a CSS variable, as it is now: light, dark or on paper.
  function coloured(node, styles) {
    if (typeof node === "string") {
      const name = /^var\((--[a-z]+)\)$/.exec(node);
      return name ? styles.getPropertyValue(name[1]).trim() : node;
    }
    if (Array.isArray(node)) return node.map((each) => coloured(each, styles));
    if (node === null || typeof node !== "object") return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, coloured(value, styles)]));
  }

  // A heat map in bytes from 0 to 255 becomes numbers from meta.low to meta.high.
  function unpacked(trace) {
    if (trace.type !== "heatmap" || !trace.meta || !trace.z.bdata) return trace;
    const [rows, columns] = trace.z.shape.split(",").map(Number);
    const bytes = Uint8Array.from(atob(trace.z.bdata), (character) => character.charCodeAt(0));
    const { low, high } = trace.meta;
    const row = (at) => Array.from(bytes.subarray(at * columns, (at + 1) * columns), (byte) => low + (byte / 255) * (high - low));
    return { ...trace, z: Array.from({ length: rows }, (_, at) => row(at)) };
  }

  function ready(place) {
    const chart = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    chart.data = chart.data.map(unpacked);
    return chart;
  }

  // The names of tokens, as many as have room.
  function spaced(layout, place) {
    if (!layout.meta || layout.meta.ticks !== "tokens") return layout;
    return { ...layout, xaxis: { ...layout.xaxis, nticks: Math.max(8, Math.floor(place.clientWidth / 15)) } };
  }

  function draw(place) {
    if (!drawn.has(place)) drawn.set(place, ready(place));
    const chart = drawn.get(place);
    const styles = getComputedStyle(root);
    const layout = coloured(spaced(chart.layout, place), styles);
    const zooms = layout.dragmode === "zoom";
    // A finger that drags scrolls the page; it zooms by the buttons.
    if (zooms && matchMedia("(pointer: coarse)").matches) layout.dragmode = false;
    Plotly.react(place, coloured(chart.data, styles), { ...layout, autosize: true }, {
      responsive: true,
      displaylogo: false,
      displayModeBar: zooms ? "hover" : false,
      modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
      doubleClick: "reset",
      showTips: false,
    });
    if (place.getAttribute("role") === "application" && !place.dataset.roams) roam(place, chart);
  }

  // --- a cursor over the heat maps of one text, for mouse and keyboard ---

  function roam(place, chart) {
    place.dataset.roams = "yes";
    const readout = document.getElementById(place.id.replace("plot-", "read-"));
    const first = chart.data[0];
    const last = { step: first.x.length - 1, unit: first.y.length - 1 };
    let at = { step: 0, unit: 0 };
    let pointed = false; // a redrawn chart fires a hover event for what lies under a resting pointer

    function tell() {
      const values = chart.data.map((panel) => `${panel.name} ${panel.z[at.unit][at.step].toFixed(2)}`);
      readout.textContent = `Token ${first.x[at.step]}, ${first.y[at.unit]}: ${values.join(", ")}`.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    }

    function move(step, unit) {
      const within = (value, end) => Math.min(Math.max(value, 0), end);
      at = { step: within(at.step + step, last.step), unit: within(at.unit + unit, last.unit) };
      Plotly.relayout(place, { shapes: [cross("x", at.step, "paper", 0, 1)] });
      tell();
    }

    function cross(axis, middle, other, start, end) {
      const line = { color: coloured("var(--ink)", getComputedStyle(root)), width: 1 };
      return { type: "rect", xref: axis, x0: middle - 0.5, x1: middle + 0.5, yref: other, y0: start, y1: end, line };
    }

    function zoom(factor) {
      const [from, to] = place.layout.xaxis.range;
      const half = Math.max(((to - from) * factor) / 2, 3);
      const start = Math.max(-0.5, Math.min(at.step - half, last.step + 0.5 - 2 * half));
      Plotly.relayout(place, { "xaxis.range": [start, Math.min(start + 2 * half, last.step + 0.5)] });
    }

    const keys = {
      ArrowLeft: () => move(-1, 0),
      ArrowRight: () => move(1, 0),
      ArrowUp: () => move(0, -1),
      ArrowDown: () => move(0, 1),
      Home: () => move(-last.step, 0),
      End: () => move(last.step, 0),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      0: () => Plotly.relayout(place, { "xaxis.autorange": true }),
    };
    place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      pointed = false;
      keys[event.key]();
    });
    place.addEventListener("focus", tell);
    place.addEventListener("mousemove", () => { pointed = true; }, true);
    place.on("plotly_hover", (event) => {
      if (!pointed) return;
      const [unit, step] = event.points[0].pointIndex;
      at = { step, unit };
      tell();
    });
  }

  // --- when to draw ---

  const places = document.querySelectorAll(".plot");
  root.classList.add("js");
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "600px" });
  places.forEach((place) => watcher.observe(place));

  // Those further down while nothing else is to do; what is folded away has no width, and waits for the watcher.
  const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 50));
  const waiting = [...places];
  const drawNext = () => {
    const place = waiting.shift();
    if (!place) return;
    if (place.clientWidth && !drawn.has(place)) draw(place);
    whenIdle(drawNext);
  };
  addEventListener("load", () => whenIdle(drawNext));

  const redraw = () => drawn.forEach((_, place) => draw(place));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    places.forEach((place) => { if (place.clientWidth) draw(place); });
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    redraw();
  });
})();
