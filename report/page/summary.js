// The head of the page: what was compared, and the four numbers to remember.

function total_macs() {
  return sum_of(Object.values(results.workload.macs).filter((macs) => macs && macs.unit).map(read_quantity));
}

function phase_macs() {
  const macs = results.workload.macs;
  return kPhases.map((phase) => ({...phase, macs: read_quantity(macs[phase.key])})).filter(({macs}) => macs.number > 0);
}

function statement() {
  const {workload, array, technology, schemes} = results;
  const phases = phase_macs();
  const parts = phases.length > 1
    ? `: ${enumeration(phases.map((phase) => `${written(phase.macs)} ${phase.label.toLowerCase()}`))}` : "";
  const what = phases.length > 1 ? "training step" : "pass";
  const image = workload.forward_macs_per_image;
  return paragraph(
    `One ${what} of `, element("strong", {}, workload.name), `, batch ${whole(workload.batch)} (`,
    written(total_macs()), source_links(total_macs().sources), parts, ")",
    image ? [`, ${written(read_quantity(image))} an image forward`, source_links([image.source])] : null,
    ", on a ", element("strong", {}, `${whole(array.rows)} × ${whole(array.columns)}`),
    ` ${array.dataflow.replace(/_/g, "-")} array${array.double_buffered ? ", double-buffered" : ""}, in `,
    element("strong", {}, counted(schemes.length, "quantization scheme")), ". Gates: ",
    element("strong", {}, technology.name), ` at ${written(read_quantity(technology.voltage))}`,
    source_links([technology.voltage.source]), technology.note ? ` (${technology.note})` : null, ".");
}

// The card of one total, comparing its smallest with the first scheme.
function best_card(key, better, noun) {
  const entries = results.schemes.map((scheme) => ({name: scheme.name, total: read_quantity(scheme.totals[key])}));
  const first = entries[0];
  const best = entries.reduce((a, b) => (b.total.number < a.total.number ? b : a));
  const sources = source_links([...new Set([...best.total.sources, ...first.total.sources])]);
  if (entries.length === 1) return card(written(first.total), `${noun}, ${first.name}`, sources);
  if (nearly_equal(entries.map((entry) => entry.total.number))) {
    return card(`Equal ${noun}`, `${written(first.total)} in every scheme`, sources);
  }
  if (best === first || best.total.number <= 0) {
    return card(first.name, `has the least ${noun}, ${written(best.total)}`, sources);
  }
  return card(`${factor_between(best.total.number, first.total.number)} ${better}`,
              `${best.name}: ${written(best.total)}, against ${written(first.total)} of ${first.name}`, sources);
}

function checks_card() {
  const checks = results.units.flatMap((unit) => unit.checks);
  const failed = [...checks.filter((check) => check.mismatches > 0), ...results.array_checks.filter(array_check_failed)];
  const vectors = checks.reduce((sum, check) => sum + check.vectors, 0);
  const where = results.array_checks.length ? " and on whole arrays" : "";
  if (!checks.length && !results.array_checks.length) return card("Not checked", "no hardware was held against the golden model");
  if (failed.length) return card(`${counted(failed.length, "failed check")}`, "bits or cycles differ from the golden model", null, true);
  return card("0 mismatches", `in ${large_count(vectors)} vectors through ${counted(results.units.length, "unit")}${where}`);
}

function large_count(count) {
  for (const [size, word] of [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]]) {
    if (count >= size) return `${digits(count / size)} ${word}`;
  }
  return whole(count);
}

function card(number, text, sources, alarming) {
  return element("div", {class: alarming ? "card alarming" : "card"},
                 element("p", {class: "headline"}, number), element("p", {}, text, sources));
}

function header() {
  const {assay, experiment} = results;
  const contents = [["schemes", "Schemes"], ["energy", "Energy"], ["layers", "Layers"], ["units", "MAC units"],
                    ["claims", "Published claims"], ["checks", "Checks"], ["provenance", "Provenance"]]
    .filter(([id]) => id !== "claims" || results.claims.length);
  return element("header", {},
    element("p", {class: "kind"}, `Assay ${assay.version}, ${assay.created}`),
    element("h1", {}, experiment.name),
    statement(),
    element("div", {class: "cards"}, best_card("energy", "less energy", "energy"), best_card("time", "faster", "time"),
            best_card("area", "smaller array", "area"), checks_card()),
    element("nav", {"aria-label": "Contents"}, contents.map(([id, text]) => element("a", {href: `#${id}`}, text))));
}
