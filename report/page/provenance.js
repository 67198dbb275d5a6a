// Section: where every number comes from, and how to make them again. Comes last: it lists the sources in the
// order in which the sections before it numbered them.

function sources_table() {
  for (const key of Object.keys(results.sources)) source_number(key);
  const rows = [...source_numbers].map(([key, number]) => ({key, number, ...results.sources[key]}));
  return table("Sources of the numbers on this page", [
    {heading: "No.", header: true, of: ({number}) => element("span", {id: `source-${number}`, class: "anchor"}, String(number))},
    {heading: "Kind", of: ({kind}) => element("span", {class: `source_kind ${kind}`}, kind)},
    {heading: "How the number was made", wide: true, of: ({text}) => text},
    {heading: "Key", of: ({key}) => element("code", {}, key)},
  ], rows);
}

function technology_list() {
  const {technology} = results;
  return element("dl", {},
    element("dt", {}, "Technology"), element("dd", {}, technology.name),
    element("dt", {}, "Library"), element("dd", {}, element("code", {}, technology.file)),
    technology.sha256 ? [element("dt", {}, "SHA-256"), element("dd", {}, element("code", {}, technology.sha256))] : null,
    element("dt", {}, "Experiment"), element("dd", {}, element("code", {}, results.experiment.file)),
    element("dt", {}, "Assay"), element("dd", {}, `${results.assay.version}, run ${results.assay.created}`));
}

function provenance_section() {
  const {footnotes, experiment, assay} = results;
  return [
    element("h2", {}, "Where the numbers come from"),
    paragraph("Small raised numbers throughout the page lead here. ", element("strong", {}, "Measured"),
              " is from a run of this experiment, ", element("strong", {}, "published"), " from the publication named, ",
              element("strong", {}, "scaled"), " from one of these by the rule named, ", element("strong", {}, "derived"),
              " computed from other numbers as stated."),
    sources_table(),
    footnotes.length ? [element("h3", {}, "Notes"), element("ol", {}, footnotes.map((note) => element("li", {}, note)))] : null,
    element("h3", {}, "Reproduce"),
    paragraph("This command made the page and results.json beside it:"), element("pre", {}, assay.command),
    technology_list(),
    element("details", {open: true}, element("summary", {}, "The experiment"), element("pre", {}, experiment.text)),
  ];
}
