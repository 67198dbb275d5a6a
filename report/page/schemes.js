// Section: the schemes side by side.

function scheme_rows() {
  const macs = total_macs();
  return results.schemes.map((scheme) => {
    const total = (key) => read_quantity(scheme.totals[key]);
    const energy = total("energy");
    return {
      name: scheme.name, description: scheme.description, phases: scheme.phases,
      energy, time: total("time"), area: total("area"), clock: total("clock"), cycles: total("cycles"),
      utilisation: total("utilisation"),
      energy_per_mac: {number: ratio_of(energy.number, macs.number), base: "J/MAC",
                       sources: [...new Set([...energy.sources, ...macs.sources])]},
    };
  });
}

function scheme_table(rows) {
  const compared = {kind: "quantity", bars: true, relative: true, best: true};
  const quantity = (heading, key, more = {}) => ({heading, kind: "quantity", of: (row) => row[key], ...more});
  return table(`Totals of one step. Multiples are of ${rows[0].name}; the smallest of a column is bold.`, [
    {heading: "Scheme", header: true,
     of: (row) => [element("strong", {}, row.name), element("span", {class: "description"}, row.description)]},
    quantity("Energy", "energy", compared), quantity("Time", "time", compared),
    quantity("Array area", "area", compared), quantity("Energy per MAC", "energy_per_mac"),
    quantity("Clock", "clock"), quantity("Cycles", "cycles"), quantity("Utilisation", "utilisation"),
  ], rows);
}

function quantizer_table(rows) {
  const phase_cell = (key) => (row) => {
    const phase = row.phases[key];
    if (!phase) return "–";
    return [element("span", {class: "operands"}, `${phase.a} · ${phase.b}`), element("code", {}, phase.unit)];
  };
  return table("What each scheme multiplies in the three GEMMs of a layer, operand a · operand b, and the unit that does it", [
    {heading: "Scheme", header: true, of: (row) => row.name},
    ...kPhases.filter(({key}) => rows.some((row) => row.phases[key]))
      .map(({key, label}) => ({heading: label, of: phase_cell(key)})),
  ], rows);
}

// No scheme is better than these in both directions.
function undominated(rows, x, y) {
  return rows.filter((row) => !rows.some((other) => other !== row &&
    other[x].number <= row[x].number && other[y].number <= row[y].number &&
    (other[x].number < row[x].number || other[y].number < row[y].number)));
}

// Names beside the bubbles, at the first place that is free.
const bubble_names = {
  id: "bubble_names",
  afterDatasetsDraw(chart, _, options) {
    const context = chart.ctx;
    context.save();
    context.font = `600 13px ${Chart.defaults.font.family}`;
    context.fillStyle = kInk;
    context.textBaseline = "middle";
    const points = chart.getDatasetMeta(0).data;
    const area = chart.chartArea;
    const taken = points.map((point, i) => box(point.x, point.y, options.radii[i], options.radii[i]));
    points.forEach((point, i) => {
      const half = context.measureText(options.names[i]).width / 2;
      const r = options.radii[i] + 5;
      const beside = [[r + half, 0], [-r - half, 0], [0, -r - 8], [r + half, -14], [r + half, 14],
                      [-r - half, -14], [-r - half, 14], [r + half, -28], [r + half, 28]];
      // The dashed line leaves its points sideways, so their names go below.
      const below = [0, r + 8];
      const places = options.on_line[i] ? [below, ...beside] : [...beside, below];
      const boxes = places.map(([dx, dy]) => box(point.x + dx, point.y + dy, half + 2, 8));
      const inside = (one) => one.left >= area.left && one.right <= area.right + 60 && one.top >= area.top && one.bottom <= area.bottom;
      const free = boxes.findIndex((one) => inside(one) && !taken.some((other) => overlap(one, other)));
      const place = boxes[free < 0 ? 0 : free];
      taken.push(place);
      context.fillText(options.names[i], place.left + 2, (place.top + place.bottom) / 2);
    });
    context.restore();
  },
};

function box(x, y, half_width, half_height) {
  return {left: x - half_width, right: x + half_width, top: y - half_height, bottom: y + half_height};
}

function overlap(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// Energy against time, bubbles as large as the array; against area where all schemes take the same time.
function trade_off(rows) {
  const x = nearly_equal(rows.map((row) => row.time.number)) ? "area" : "time";
  const x_scale = scale_for(rows.map((row) => row[x].number), rows[0][x].base);
  const y_scale = scale_for(rows.map((row) => row.energy.number), "J");
  const largest_area = Math.max(...rows.map((row) => row.area.number)) || 1;
  const radii = rows.map((row) => (x === "time" ? 4 + 22 * Math.sqrt(row.area.number / largest_area) : 8));
  const best = undominated(rows, x, "energy");
  const front = [...best].sort((a, b) => a[x].number - b[x].number);
  const at = (row) => ({x: row[x].number / x_scale.size, y: row.energy.number / y_scale.size});
  const names = {time: "Time", area: "Array area"};
  const message = trade_off_message(rows, best, x);
  const energies = rows.map((row) => row.energy.number / y_scale.size);
  const logarithmic = Math.min(...energies) > 0 && Math.max(...energies) > 4 * Math.min(...energies);
  const energy_axis = logarithmic ? logarithmic_axis(Math.min(...energies), Math.max(...energies)) : {grace: "8%"};
  const energy_title = `Energy (${y_scale.unit}${logarithmic ? ", logarithmic" : ""}), less is better`;
  const {frame} = plot(message, 400, {
    type: "bubble",
    data: {datasets: [
      {data: rows.map((row, i) => ({...at(row), r: radii[i]})), clip: false,
       backgroundColor: rows.map((row) => (best.includes(row) ? "#0072b2aa" : "#b4bcc7aa")),
       borderColor: rows.map((row) => (best.includes(row) ? "#0072b2" : "#7d8794")), borderWidth: 1.5},
      {type: "line", data: front.map(at), borderColor: "#0072b2", borderDash: [5, 4], borderWidth: 1.5, pointRadius: 0},
    ]},
    options: {
      layout: {padding: {right: 70, top: 24}},
      scales: {x: value_axis(`${names[x]} (${x_scale.unit}), less is better`, {grace: "8%", beginAtZero: false}),
               y: value_axis(energy_title, energy_axis)},
      plugins: {
        legend: {display: false},
        bubble_names: {names: rows.map((row) => row.name), radii, on_line: rows.map((row) => best.includes(row))},
        tooltip: {callbacks: {label: (item) => {
          const row = rows[item.dataIndex];
          return item.datasetIndex ? "" : `${row.name}: ${written(row.energy)}, ${written(row.time)}, ${written(row.area)}`;
        }}},
      },
    },
    plugins: [bubble_names],
  });
  const bubbles = x === "time" ? " The area of a bubble grows with that of the array." : "";
  const reading = " Nearer to the lower left is better; blue schemes, joined by the dashed line, are beaten by no " +
                  `other in both directions.${bubbles}`;
  return figure([element("strong", {}, message), reading], frame);
}

function trade_off_message(rows, best, x) {
  if (rows.length === 1) return `${rows[0].name} takes ${written(rows[0].energy)} and ${written(rows[0].time)} a step.`;
  const word = x === "time" ? "faster" : "smaller";
  if (best.length === 1) return `${best[0].name} needs the least energy and is also the ${word.replace(/er$/, "est")}.`;
  const rest = rows.length - best.length;
  return `The choice is between ${enumeration(best.map((row) => row.name))}` +
         (rest ? `: each of the other ${counted(rest, "scheme")} loses to one of these on both energy and ${x}.`
               : ": none beats another on both energy and " + `${x}.`);
}

function schemes_section() {
  const rows = scheme_rows();
  return [element("h2", {}, "Which scheme costs what"), scheme_table(rows),
          rows.length > 1 && trade_off(rows), quantizer_table(rows)];
}
