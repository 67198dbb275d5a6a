// Rows of the plots of layers: a layer with its three phases, or all layers that differ only in the number of
// their block.

const kMostLayerRows = 32;

// block3.mlp.up -> block*.mlp.up, layer1.0.conv2 -> layer1.*.conv2: the last number before the last part.
function layer_kind(layer) {
  const parts = layer.split(".");
  for (let i = parts.length - 2; i >= 0; --i) {
    if (/\d+$/.test(parts[i])) {
      parts[i] = parts[i].replace(/\d+$/, "*");
      break;
    }
  }
  return parts.join(".");
}

function group_by(items, key) {
  const groups = new Map();
  for (const item of items) {
    if (!groups.has(key(item))) groups.set(key(item), []);
    groups.get(key(item)).push(item);
  }
  return groups;
}

// Utilisation of several GEMMs together: weighted by their cycles.
function mean_utilisation(gemms) {
  const cycles = gemms.reduce((sum, gemm) => sum + read_quantity(gemm.cycles).number, 0);
  const used = gemms.reduce((sum, gemm) => sum + read_quantity(gemm.cycles).number * gemm.utilisation.value, 0);
  return ratio_of(used, cycles);
}

function layer_row(name, gemms) {
  const by_phase = group_by(gemms, (gemm) => gemm.phase);
  const of_phase = (value) => Object.fromEntries(
    kPhases.filter(({key}) => by_phase.has(key)).map(({key}) => [key, value(by_phase.get(key))]));
  const splits = gemms.map((gemm) => split_of(gemm.energy_split));
  return {
    name,
    cycles: of_phase((some) => sum_of(some.map((gemm) => read_quantity(gemm.cycles))).number),
    utilisation: of_phase(mean_utilisation),
    split: Object.fromEntries(kParts.map(({key}) => [key, sum_of(splits.map((split) => split[key]))])),
    layers: new Set(gemms.map((gemm) => gemm.layer)).size,
  };
}

function row_cycles(row) {
  return Object.values(row.cycles).reduce((sum, cycles) => sum + cycles, 0);
}

// {rows, grouped}: a row a layer if there are few, a row a kind of layer else; the smallest rows beyond
// kMostLayerRows are joined into one.
function layer_rows(gemms) {
  const layers = group_by(gemms, (gemm) => gemm.layer);
  const grouped = layers.size > kMostLayerRows;
  const groups = grouped ? group_by(gemms, (gemm) => layer_kind(gemm.layer)) : layers;
  const named = [...groups].map(([name, some]) => ({name, some, row: layer_row(name, some)}));
  for (const one of named) {
    if (one.row.layers > 1) one.row.name = `${one.name} (${one.row.layers}×)`;
  }
  if (named.length <= kMostLayerRows) return {rows: named.map(({row}) => row), grouped};
  const large = new Set([...named].sort((a, b) => row_cycles(b.row) - row_cycles(a.row)).slice(0, kMostLayerRows - 1));
  const rest = named.filter((one) => !large.has(one));
  return {rows: [...named.filter((one) => large.has(one)).map(({row}) => row),
                 layer_row(`${counted(rest.length, "smaller row")}`, rest.flatMap(({some}) => some))], grouped};
}
