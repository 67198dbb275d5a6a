// Section: cycles, utilisation and energy of every layer.

function schemes_share_cycles() {
  const cycles = (scheme) => scheme.layers.map((gemm) => `${gemm.layer} ${gemm.phase} ${read_quantity(gemm.cycles).number}`).join("\n");
  return results.schemes.every((scheme) => cycles(scheme) === cycles(results.schemes[0]));
}

function cycles_plot_rows(rows, scale) {
  return rows.map((row) => ({
    label: row.name,
    values: Object.fromEntries(Object.entries(row.cycles).map(([phase, cycles]) => [phase, cycles / scale.size])),
    end: digits(row_cycles(row) / scale.size),
  }));
}

function energy_plot_rows(rows, scale) {
  return rows.map((row) => ({
    label: row.name,
    values: Object.fromEntries(kParts.map(({key}) => [key, row.split[key].number / scale.size])),
    end: digits(split_total(row.split).number / scale.size),
  }));
}

function utilisation_plot_rows(rows) {
  return rows.map((row) => ({label: row.name, values: row.utilisation}));
}

const kLayerRowHeight = 28;

// The least number of rows that together take half of the cycles.
function rows_of_half(rows, total) {
  let taken = 0;
  const descending = rows.map(row_cycles).sort((a, b) => b - a);
  return 1 + descending.findIndex((cycles) => (taken += cycles) >= total / 2);
}

function cycles_message(scheme, rows, grouped) {
  const total = rows.reduce((sum, row) => sum + row_cycles(row), 0);
  const slowest = rows.reduce((a, b) => (row_cycles(b) > row_cycles(a) ? b : a));
  const gemms = scheme.layers.filter((gemm) => read_quantity(gemm.cycles).number > 0);
  const idle = [...gemms].sort((a, b) => a.utilisation.value - b.utilisation.value)[0];
  const phases = phase_shares(rows, total);
  return `Half of the ${written({number: total, base: "cycles"})} go to ${rows_of_half(rows, total)} of ` +
         `${counted(rows.length, grouped ? "row" : "layer")}, ${slowest.name} first with ${percent(row_cycles(slowest) / total)}` +
         (phases ? `; by phase, ${phases}` : "") +
         (idle ? `. The array is ${percent(mean_utilisation(gemms) / 100)} busy on average, least in ${idle.layer} ` +
                 `${idle.phase} (${percent(idle.utilisation.value / 100)}).` : ".");
}

function phase_shares(rows, total) {
  const shares = kPhases.map((phase) => ({phase, cycles: rows.reduce((sum, row) => sum + (row.cycles[phase.key] || 0), 0)}))
    .filter(({cycles}) => cycles > 0);
  if (shares.length < 2) return "";
  return enumeration(shares.map(({phase, cycles}) => `${percent(cycles / total)} ${phase.short}`));
}

function layer_energy_message(scheme, rows, grouped) {
  const energies = rows.map((row) => split_total(row.split).number);
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  const most = energies.indexOf(Math.max(...energies));
  const memory_rows = rows.filter((row) => share(row.split, kMemoryParts) > 0.5);
  const noun = grouped ? "row" : "layer";
  return `With ${scheme.name}, ${rows[most].name} takes most energy, ${percent(energies[most] / total)} of ` +
         `${written({number: total, base: "J"})}. ` +
         (memory_rows.length ? `In ${memory_rows.length} of ${counted(rows.length, noun)} the memories take more than half.`
                             : `In no ${noun} do the memories take more than half.`);
}

function layer_table(scheme) {
  const rows = scheme.layers.map((gemm) => ({gemm, split: split_of(gemm.energy_split)}));
  const whole_column = (heading, key) => ({heading, kind: "whole", of: ({gemm}) => gemm[key]});
  return table(`Every GEMM of one step with ${scheme.name}: C[m, n] = A[m, k] B[k, n], count times`, [
    {heading: "Layer", header: true, of: ({gemm}) => gemm.layer},
    {heading: "Phase", of: ({gemm}) => gemm.phase},
    ...["m", "n", "k", "count"].map((key) => whole_column(key, key)),
    {heading: "Unit", of: ({gemm}) => element("code", {}, gemm.unit)},
    {heading: "MACs", kind: "quantity", of: ({gemm}) => ({number: gemm.macs, base: "MAC", sources: []})},
    {heading: "Cycles", kind: "quantity", of: ({gemm}) => read_quantity(gemm.cycles)},
    {heading: "Utilisation", kind: "quantity", of: ({gemm}) => read_quantity(gemm.utilisation)},
    {heading: "Energy", kind: "quantity", of: ({split}) => split_total(split)},
    {heading: "Largest part", of: ({split}) => {
      const part = largest_part(split);
      return element("span", {class: "one_line"}, `${part.label}, ${percent(share(split, [part]))}`);
    }},
  ], rows, {group: ({gemm}) => gemm.layer, dense: true});
}

function grouping_note(grouped) {
  return grouped ? " A row joins the layers that differ only in the number of their block (*); the table below has each." : "";
}

function layers_section() {
  const heading = element("h2", {}, "Which layers take the time");
  if (!results.schemes.some((scheme) => scheme.layers.length)) return [heading, paragraph("No layers were simulated.")];
  const with_layers = results.schemes.filter((scheme) => scheme.layers.length);
  const shared = schemes_share_cycles();
  let scheme = with_layers[0];
  let shows = "cycles";

  const view = () => {
    const {rows, grouped} = layer_rows(scheme.layers);
    const energy = shows === "energy";
    const scale = energy ? scale_for(rows.map((row) => split_total(row.split).number), "J")
                         : scale_for(rows.map(row_cycles), "cycles");
    return {rows, grouped, parts: energy ? kParts : kPhases.filter(({key}) => rows.some((row) => key in row.cycles)),
            axis: `${energy ? "energy" : "cycles"} (${scale.unit})`,
            bars: energy ? energy_plot_rows(rows, scale) : cycles_plot_rows(rows, scale),
            message: energy ? layer_energy_message(scheme, rows, grouped) : cycles_message(scheme, rows, grouped)};
  };
  const options = {row_height: kLayerRowHeight};
  const busy_options = {...options, largest: 100, stacked: false};
  const start = view();
  const caption = element("span");
  const left = horizontal_bars(start.message, start.parts, start.bars, start.axis, options);
  const busy = "Utilisation of the array in each layer and phase, in percent";
  const right = horizontal_bars(busy, kPhases, utilisation_plot_rows(start.rows), "utilisation (% of PEs busy)", busy_options);
  const details = element("div");
  const describe = (now) => {
    const whose = shows === "energy" ? "" : shared && with_layers.length > 1 ? " All schemes take the same cycles." : ` (${scheme.name})`;
    caption.replaceChildren(element("strong", {}, now.message), whose + grouping_note(now.grouped));
    details.replaceChildren(layer_table(scheme));
  };
  const update = () => {
    const now = view();
    describe(now);
    replace_bars(left, now.message, now.parts, now.bars, now.axis, options);
    replace_bars(right, busy, kPhases, utilisation_plot_rows(now.rows), "utilisation (% of PEs busy)", busy_options);
  };
  describe(start);
  const controls = element("div", {class: "controls"},
    choice("Bars", [["cycles", "Cycles"], ["energy", "Energy"]], (value) => { shows = value; update(); }),
    with_layers.length > 1 && selection("Scheme", with_layers.map(({name}) => [name, name]), (name) => {
      scheme = with_layers.find((one) => one.name === name);
      update();
    }));
  return [heading, figure(caption, controls, element("div", {class: "side_by_side"}, left.frame, right.frame)),
          folded("Every layer and phase, with sources", details)];
}
