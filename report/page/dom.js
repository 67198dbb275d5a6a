// Building the document. Text from the results only ever becomes text nodes and attribute values, never HTML.

// element("td", {class: "number"}, "text", otherElement, ...); nothing and lists are allowed as children.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) made.append(child);
  }
  return made;
}

function paragraph(...children) {
  return element("p", {}, ...children);
}

function folded(summary, ...children) {
  return element("details", {}, element("summary", {}, summary), ...children);
}

// A row of mutually exclusive choices [[value, label], ...]; `chosen` is called with the value.
function choice(legend, options, chosen) {
  const name = `choice-${document.querySelectorAll("fieldset").length}-${legend.replace(/\W+/g, "-")}`;
  return element("fieldset", {class: "choice"}, element("legend", {}, legend), options.map(([value, label], i) => {
    const input = element("input", {type: "radio", name, value, checked: i === 0});
    input.addEventListener("change", () => chosen(value));
    return element("label", {}, input, element("span", {}, label));
  }));
}

// A drop-down list of [[value, label], ...].
function selection(label, options, chosen) {
  const select = element("select", {}, options.map(([value, text]) => element("option", {value}, text)));
  select.addEventListener("change", () => chosen(select.value));
  return element("label", {class: "selection"}, `${label} `, select);
}
