// Section: what one MAC costs in gates and energy.

function unit_label(unit) {
  return unit.used_by.length ? [unit.unit, `used by ${unit.used_by.join(", ")}`] : [unit.unit];
}

function area_message(rows) {
  const largest = rows.reduce((a, b) => (b.total.number > a.total.number ? b : a));
  const smallest = rows.reduce((a, b) => (b.total.number < a.total.number ? b : a));
  const product = (row) => percent(ratio_of(row.parts.product.number, row.total.number));
  const accumulate = (row) => percent(ratio_of(row.parts.accumulate.number, row.total.number));
  if (largest === smallest) return `The product takes ${product(largest)} of the area, accumulation ${accumulate(largest)}.`;
  return `${smallest.unit.unit} is ${factor_between(smallest.total.number, largest.total.number)} smaller than ` +
         `${largest.unit.unit}. The product takes ${product(largest)} of the larger and ${product(smallest)} of the smaller; ` +
         `accumulation ${accumulate(largest)} and ${accumulate(smallest)}.`;
}

function area_figure(units) {
  const rows = units.map((unit) => ({
    unit, total: read_quantity(unit.area.total),
    parts: Object.fromEntries(kAreaParts.map(({key}) => [key, read_quantity(unit.area[key])])),
  }));
  const scale = scale_for(rows.map((row) => row.total.number), "µm²");
  const bars = rows.map((row) => ({
    label: unit_label(row.unit),
    values: Object.fromEntries(kAreaParts.map(({key}) => [key, row.parts[key].number / scale.size])),
    end: digits(row.total.number / scale.size),
  }));
  const message = area_message(rows);
  return figure(element("strong", {}, message),
                horizontal_bars(message, kAreaParts, bars, `area of one MAC (${scale.unit})`, {row_height: 46}).frame);
}

function operation_rows(units) {
  return units.flatMap((unit) => unit.energy_per_operation.map((entry) => {
    const parts = Object.fromEntries(kOperationParts.map(({key}) => [key, read_quantity(entry[key])]));
    return {unit, stimulus: entry.stimulus, parts, total: sum_of(Object.values(parts))};
  }));
}

function operation_message(rows) {
  const least = rows.reduce((a, b) => (b.total.number < a.total.number ? b : a));
  const most = rows.reduce((a, b) => (b.total.number > a.total.number ? b : a));
  if (least === most) return `An operation of ${most.unit.unit} takes ${written(most.total)}.`;
  const spreads = [...group_by(rows, (row) => row.unit.unit)].map(([name, some]) => {
    const totals = some.map((row) => row.total.number);
    return {name, spread: Math.max(...totals) / Math.min(...totals), stimuli: some.length};
  }).filter(({stimuli, spread}) => stimuli > 1 && Number.isFinite(spread));
  const widest = spreads.length ? spreads.reduce((a, b) => (b.spread > a.spread ? b : a)) : null;
  return `An operation takes from ${written(least.total)} (${least.unit.unit}) to ${written(most.total)} (${most.unit.unit}).` +
         (widest && widest.spread > 1.02
           ? ` What is computed matters: up to ${digits(widest.spread)}× between the stimuli of ${widest.name}.` : "");
}

function operation_figure(units) {
  const rows = operation_rows(units);
  if (!rows.length) return null;
  const scale = scale_for(rows.map((row) => row.total.number), "J");
  const bars = rows.map((row, i) => ({
    label: i && rows[i - 1].unit === row.unit ? row.stimulus : [row.unit.unit, row.stimulus],
    values: Object.fromEntries(kOperationParts.map(({key}) => [key, row.parts[key].number / scale.size])),
    end: digits(row.total.number / scale.size),
  }));
  const message = operation_message(rows);
  return [figure(element("strong", {}, message),
                 horizontal_bars(message, kOperationParts, bars, `energy of one MAC operation (${scale.unit})`, {row_height: 44}).frame),
          folded("The numbers of this plot, with their sources", table("Energy of one operation, leakage aside", [
            {heading: "Unit", header: true, of: (row) => element("code", {}, row.unit.unit)},
            {heading: "Stimulus", of: (row) => row.stimulus},
            ...kOperationParts.map(({key, label}) => ({heading: label, kind: "quantity", scale_group: "energy", of: (row) => row.parts[key]})),
            {heading: "Sum", kind: "quantity", scale_group: "energy", of: (row) => row.total},
          ], rows, {group: (row) => row.unit.unit}))];
}

function unit_table(units) {
  const quantity = (heading, of, more = {}) => ({heading, kind: "quantity", of: (unit) => read_quantity(of(unit)), ...more});
  return table("The units, each synthesized on its own: who uses it, and the module it is", [
    {heading: "Unit", header: true, of: (unit) => [
      element("code", {}, unit.unit),
      element("span", {class: "description"}, unit.used_by.length ? `${enumeration(unit.used_by)}; ` : null,
              element("code", {}, unit.module))]},
    ...kAreaParts.map(({key, label}) => quantity(`${label} area`, (unit) => unit.area[key], {scale_group: "area"})),
    quantity("Area", (unit) => unit.area.total, {scale_group: "area", bars: true}),
    quantity("Gates", (unit) => unit.gates),
    quantity("Critical path", (unit) => unit.critical_path),
    quantity("Leakage", (unit) => unit.leakage),
  ], units);
}

function units_section() {
  const heading = element("h2", {}, "What one MAC costs");
  const {units} = results;
  if (!units.length) return [heading, paragraph("No unit was characterized.")];
  // The plots show what the schemes are made of; a whole catalog would bury it. The table has all.
  const used = units.filter((unit) => unit.used_by.length);
  const shown = used.length ? used : units;
  return [heading, area_figure(shown), operation_figure(shown), unit_table(units)];
}
