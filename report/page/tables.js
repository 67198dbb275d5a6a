// Tables: a column has one unit for all its rows, and one source mark if all its numbers share their source.
//
// A column is {heading, of: row -> content}, content being
//   text, whole   a text or a number, as it is (whole: right-aligned)
//   quantity      as read_quantity makes it, or undefined; with `bars`, also drawn as a bar; with `relative`, also as a
//                 multiple of the first row; with `best`, its smallest number is set in bold. Columns with
//                 the same `scale_group` are written in the same unit
//   text may be `wide`: long enough to need room; a `header` column names its row
// by the column's `kind`, "text" unless given.

function quantity_column(column, columns, rows) {
  const quantities = rows.map((row) => column.of(row));
  const there = quantities.filter(Boolean);
  const bases = new Set(there.map((quantity) => quantity.base));
  const numbers = there.map((quantity) => quantity.number);
  const compared = column.scale_group
    ? columns.filter((other) => other.scale_group === column.scale_group)
        .flatMap((other) => rows.map((row) => other.of(row).number)) : numbers;
  const scale = bases.size === 1 ? scale_for(compared, there[0].base) : null;
  const marks = new Set(there.map((quantity) => quantity.sources.join("\n")));
  return {...column, quantities, scale, largest: Math.max(...numbers), smallest: Math.min(...numbers),
          shared_sources: marks.size === 1 && there.length > 1 ? there[0].sources : null};
}

function heading_cell(column) {
  const unit = column.scale && column.scale.unit !== "" ? element("span", {class: "unit"}, column.scale.unit) : null;
  const numeric = column.kind === "quantity" || column.kind === "whole";
  return element("th", {scope: "col", class: numeric ? "number" : undefined}, column.heading,
                 column.shared_sources && source_links(column.shared_sources), unit);
}

function bar(fraction) {
  const filled = element("i");
  filled.style.width = `${Math.max(0.5, Math.min(100, fraction * 100)) || 0}%`;
  return element("span", {class: "bar", "aria-hidden": "true"}, filled);
}

function quantity_cell(column, index) {
  const quantity = column.quantities[index];
  if (!quantity) return element("td", {class: "number"}, "–");
  const text = column.scale ? digits(quantity.number / column.scale.size) : written(quantity);
  const is_best = column.best && column.quantities.length > 1 && quantity.number === column.smallest;
  const relative = column.relative && column.quantities.length > 1 &&
                   multiple(quantity.number, column.quantities[0].number);
  return element("td", {class: "number", title: source_title(quantity.sources) || undefined},
                 element(is_best ? "strong" : "span", {}, text),
                 !column.shared_sources && source_links(quantity.sources),
                 relative && element("span", {class: "relative"}, relative),
                 column.bars && bar(ratio_of(quantity.number, column.largest)));
}

function cell(column, row, index) {
  if (column.kind === "quantity") return quantity_cell(column, index);
  const content = column.of(row);
  if (column.kind === "whole") return element("td", {class: "number"}, content === undefined ? "–" : whole(content));
  return column.header ? element("th", {scope: "row"}, content) : element("td", {class: column.wide ? "wide" : undefined}, content);
}

// Rows with the same `group` (text of a row) as the row before show the first column only once; `dense` is for
// many columns.
function table(caption, columns, rows, {group, dense} = {}) {
  const filled = columns.map((column) =>
    column.kind === "quantity" && rows.length ? quantity_column(column, columns, rows) : column);
  const body = rows.map((row, index) => {
    const starts = !group || index === 0 || group(rows[index - 1]) !== group(row);
    const cells = filled.map((column, i) => {
      if (group && i === 0) {
        if (!starts) return null;
        let span = 1;
        while (index + span < rows.length && group(rows[index + span]) === group(row)) ++span;
        const first = cell(column, row, index);
        first.setAttribute("rowspan", span);
        if (column.header) first.setAttribute("scope", "rowgroup");
        return first;
      }
      return cell(column, row, index);
    });
    return element("tr", {class: starts && group ? "starts" : undefined}, cells);
  });
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
                 element("table", {class: dense ? "dense" : undefined}, element("caption", {}, caption),
                         element("thead", {}, element("tr", {}, filled.map(heading_cell))),
                         element("tbody", {}, body)));
}
