// Where numbers come from: sources are numbered in the order the page first refers to them.

const source_numbers = new Map();

function source_number(key) {
  if (!source_numbers.has(key)) source_numbers.set(key, source_numbers.size + 1);
  return source_numbers.get(key);
}

function source_text(key) {
  const source = results.sources[key];
  return `Source ${source_number(key)}, ${source.kind}: ${source.text}`;
}

function source_title(keys) {
  return keys.map(source_text).join("\n");
}

// A superscript link to each source in the table at the end of the page.
function source_links(keys) {
  if (!keys.length) return null;
  return element("sup", {class: "sources"}, keys.map((key, i) => [
    i ? "," : null,
    element("a", {href: `#source-${source_number(key)}`, title: source_text(key),
                  "aria-label": `source ${source_number(key)}`}, String(source_number(key))),
  ]));
}
