// What the plots of the page have in common. Chart.js draws them.

const kInk = "#1c2430";
const kFaintInk = "#5a6472";
const kGrid = "#e3e7ec";

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.devicePixelRatio = Math.max(2, window.devicePixelRatio || 1);
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.font.size = 12.5;
Chart.defaults.color = kInk;

const all_plots = [];

// A plot with its text alternative; `height` in CSS pixels. `configuration` is Chart.js's. Its chart is made by
// draw_plots, as Chart.js needs canvases that are on the page.
function plot(description, height, configuration) {
  const canvas = element("canvas", {role: "img", "aria-label": description}, description);
  const frame = element("div", {class: "plot"}, canvas);
  frame.style.height = `${height}px`;
  const made = {frame, canvas, configuration, chart: null};
  all_plots.push(made);
  return made;
}

function draw_plots() {
  for (const one of all_plots) one.chart = new Chart(one.canvas, one.configuration);
}

function redraw({chart, canvas, frame}, description, height) {
  canvas.setAttribute("aria-label", description);
  canvas.textContent = description;
  frame.style.height = `${height}px`;
  chart.resize();
  chart.update();
}

// A figure: what the plot says, in words, above it.
function figure(message, ...content) {
  return element("figure", {}, element("figcaption", {}, message), ...content);
}

// Height of a plot of horizontal bars.
function bars_height(rows, row_height = 30) {
  return rows * row_height + 92;
}

function value_axis(title, more = {}) {
  return {
    beginAtZero: true,
    title: {display: true, text: title, color: kFaintInk},
    grid: {color: kGrid, borderColor: kGrid},
    ticks: {color: kFaintInk, callback: tick_text, maxTicksLimit: 8, maxRotation: 0},
    ...more,
  };
}

function tick_text(value) {
  return Math.abs(value) >= 1000 ? whole(Math.round(value)) : String(Number(value.toPrecision(4)));
}

// An axis for positive numbers from `smallest` to `largest`, marked at 1, 2, 3, 5 and 7 of every decade.
function logarithmic_axis(smallest, largest) {
  const marked = (value) =>
    value > 0 && [1, 2, 3, 5, 7].includes(Number((value / 10 ** Math.floor(Math.log10(value))).toPrecision(4)));
  return {
    type: "logarithmic",
    min: smallest / 1.5,
    max: largest * 1.5,
    ticks: {color: kFaintInk, callback: (value) => (marked(value) ? tick_text(value) : "")},
    grid: {color: (context) => (context.tick && marked(context.tick.value) ? kGrid : "transparent"), borderColor: kGrid},
  };
}

function name_axis(more = {}) {
  const ticks = {color: kInk, autoSkip: false, crossAlign: "far", callback: name_text};
  return {grid: {display: false, borderColor: kGrid}, ticks, ...more};
}

// The lines of a row's name, broken after hyphens, dots and blanks where the plot is narrow. `this` is the axis.
function name_text(index) {
  const lines = [this.getLabelForValue(index)].flat();
  if (this.chart.width > 600) return lines;
  return lines.flatMap((line) => line.split(/(?<=[-. ])/).reduce((broken, word) => {
    const last = broken[broken.length - 1];
    return last && (last + word).length <= 18 ? [...broken.slice(0, -1), last + word] : [...broken, word];
  }, []));
}

function legend() {
  return {position: "top", align: "start", labels: {boxWidth: 14, boxHeight: 14, padding: 14, usePointStyle: false}};
}

// Writes the texts of `labels`, one a row, to the right of stacked horizontal bars.
const bar_end_labels = {
  id: "bar_end_labels",
  afterDatasetsDraw(chart, _, options) {
    if (!options.labels) return;
    const metas = chart.getSortedVisibleDatasetMetas().filter((meta) => meta.type === "bar");
    const context = chart.ctx;
    context.save();
    context.font = `12px ${Chart.defaults.font.family}`;
    context.fillStyle = kInk;
    context.textBaseline = "middle";
    options.labels.forEach((label, row) => {
      const bars = metas.map((meta) => meta.data[row]).filter(Boolean);
      if (!bars.length) return;
      context.fillText(label, Math.max(...bars.map((one) => one.x)) + 6, bars[0].y);
    });
    context.restore();
  },
};

// Horizontal bars of `parts`, stacked or (stacked: false) beside each other. 
// rows: [{label, values: {part: number}, end}], numbers in the plot's unit.
function horizontal_bars(description, parts, rows, axis_title, {row_height, largest, stacked = true} = {}) {
  const configuration = {
    type: "bar",
    data: {labels: rows.map((row) => row.label), datasets: bar_datasets(parts, rows)},
    options: {
      indexAxis: "y",
      layout: {padding: {right: stacked ? 64 : 12}},
      scales: {x: value_axis(axis_title, {stacked, max: largest}), y: name_axis({stacked})},
      plugins: {
        legend: legend(),
        bar_end_labels: {labels: stacked && rows.map((row) => row.end)},
        tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${digits(item.raw)} ${axis_title}`}},
      },
    },
    plugins: [bar_end_labels],
  };
  return plot(description, bars_height(rows.length, row_height), configuration);
}

function bar_datasets(parts, rows) {
  return parts.map((part) => ({
    label: part.label,
    data: rows.map((row) => row.values[part.key] || 0),
    backgroundColor: part.colour,
    borderColor: "#ffffff",
    borderWidth: {right: 1},
    barPercentage: 0.78,
    categoryPercentage: 0.92,
  }));
}

// Gives a plot of horizontal_bars other content.
function replace_bars(drawn, description, parts, rows, axis_title, {row_height, largest} = {}) {
  const {chart} = drawn;
  chart.data = {labels: rows.map((row) => row.label), datasets: bar_datasets(parts, rows)};
  chart.options.scales.x.title.text = axis_title;
  chart.options.scales.x.max = largest;
  if (chart.options.scales.x.stacked) chart.options.plugins.bar_end_labels.labels = rows.map((row) => row.end);
  chart.options.plugins.tooltip.callbacks.label = (item) =>
    `${item.dataset.label}: ${digits(item.raw)} ${axis_title}`;
  redraw(drawn, description, bars_height(rows.length, row_height));
}

// Canvases keep the width they were drawn with unless told that the paper has another.
function follow_paper() {
  const resize = () => all_plots.forEach(({chart}) => chart.resize());
  window.addEventListener("beforeprint", resize);
  window.addEventListener("afterprint", resize);
}
