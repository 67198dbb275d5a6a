// Section: where the energy of a step goes.

function split_of(energy_split) {
  return Object.fromEntries(kParts.map(({key}) => [key, read_quantity(energy_split[key])]));
}

function split_total(split) {
  return sum_of(kParts.map(({key}) => split[key]));
}

function largest_part(split, parts = kParts) {
  return parts.reduce((a, b) => (split[b.key].number > split[a.key].number ? b : a));
}

// The share of some parts in a split.
function share(split, parts) {
  return ratio_of(sum_of(parts.map(({key}) => split[key])).number, split_total(split).number);
}

function energy_message(rows) {
  const first = rows[0];
  const least = rows.reduce((a, b) => (b.total.number < a.total.number ? b : a));
  const [of_first, of_least] = [first, least].map((row) => {
    const part = largest_part(row.split);
    return {noun: energy_noun(part), percent: percent(share(row.split, [part]))};
  });
  const start = `In ${first.name} most energy goes to ${of_first.noun} (${of_first.percent})`;
  if (least === first) return `${start}.`;
  const memory = [first, least].map((row) => share(row.split, kMemoryParts));
  return `${start}; in ${least.name}, which takes least, ${of_first.noun === of_least.noun ? "still " : ""}to ` +
         `${of_least.noun} (${of_least.percent}). The memories' share goes from ${percent(memory[0])} to ${percent(memory[1])}` +
         (memory[1] > 0.5 ? ": a still cheaper MAC would save little." : ".");
}

function energy_noun(part) {
  return {product: "products", accumulate: "accumulation", registers: "registers", clock: "the clock",
          leakage: "leakage", sram: "SRAM", dram: "DRAM"}[part.key];
}

function energy_table(rows) {
  return table("Energy of one step by what spends it", [
    {heading: "Scheme", header: true, of: (row) => row.name},
    ...kParts.map(({key, label}) => ({heading: label, kind: "quantity", scale_group: "energy", of: (row) => row.split[key]})),
    {heading: "Sum", kind: "quantity", scale_group: "energy", of: (row) => row.total},
  ], rows);
}

function energy_section() {
  const rows = results.schemes.map((scheme) => {
    const split = split_of(scheme.energy_split);
    return {name: scheme.name, split, total: split_total(split)};
  });
  const scale = scale_for(rows.map((row) => row.total.number), "J");
  const bars = (shares) => rows.map((row) => ({
    label: row.name,
    values: Object.fromEntries(kParts.map(({key}) =>
      [key, shares ? 100 * ratio_of(row.split[key].number, row.total.number) : row.split[key].number / scale.size])),
    end: written(row.total),
  }));
  const message = energy_message(rows);
  const axis = `energy (${scale.unit})`;
  const drawn = horizontal_bars(message, kParts, bars(false), axis, {row_height: 38});
  const toggle = choice("Show", [["absolute", `Energy in ${scale.unit}`], ["share", "Share in %"]], (value) => {
    const shares = value === "share";
    replace_bars(drawn, message, kParts, bars(shares), shares ? "share of the scheme's energy (%)" : axis,
                 {row_height: 38, largest: shares ? 100 : undefined});
  });
  return [element("h2", {}, "Where the energy goes"), figure(element("strong", {}, message), toggle, drawn.frame),
          folded("The numbers of this plot, with their sources", energy_table(rows))];
}
