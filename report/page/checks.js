// Section: hardware held against the golden model.

function array_check_failed(check) {
  return !check.cycles_equal || !check.bits_equal;
}

function verdict(passed) {
  return element("span", {class: passed ? "verdict pass" : "verdict fail"}, passed ? "pass" : "FAIL");
}

function coverage(exhaustive) {
  return exhaustive === true ? "every input" : exhaustive === false ? "sampled" : exhaustive;
}

function checks_message(checks) {
  const count = checks.length + results.array_checks.length;
  const failed = checks.filter(({check}) => check.mismatches > 0).length + results.array_checks.filter(array_check_failed).length;
  if (!count) return paragraph("Nothing was checked.");
  const exhaustive = checks.filter(({check}) => check.exhaustive === true).length;
  const text = failed ? `${failed} of ${counted(count, "check")} failed: the numbers above are not to be trusted before this is understood.`
                      : `All ${counted(count, "check")} pass: hardware and golden model agree in every bit compared.`;
  return element("p", {class: failed ? "callout fail" : "callout pass"}, verdict(!failed), element("strong", {}, text),
                 exhaustive ? ` ${counted(exhaustive, "check")} ${exhaustive === 1 ? "goes" : "go"} through every possible input.` : null);
}

function unit_checks_table(checks) {
  return table("Units against the golden model, bit by bit", [
    {heading: "Unit", header: true, of: ({unit}) => element("code", {}, unit.unit)},
    {heading: "What was checked", of: ({check}) => check.what},
    {heading: "Vectors", kind: "whole", of: ({check}) => check.vectors},
    {heading: "Inputs", of: ({check}) => coverage(check.exhaustive)},
    {heading: "Rate", kind: "quantity", of: ({check}) => check.vectors_per_second && read_quantity(check.vectors_per_second)},
    {heading: "Seed", of: ({check}) => (check.seed === undefined ? "–" : String(check.seed))},
    {heading: "Mismatches", kind: "whole", of: ({check}) => check.mismatches},
    {heading: "Verdict", of: ({check}) => verdict(check.mismatches === 0)},
  ], checks, {group: ({unit}) => unit.unit});
}

function array_checks_table() {
  const equal = (yes) => (yes ? "equal" : element("strong", {class: "bad"}, "differ"));
  return table("Whole arrays", [
    {heading: "What was checked", header: true, of: (check) => check.what},
    {heading: "Cases", kind: "whole", of: (check) => check.cases},
    {heading: "Cycles", of: (check) => equal(check.cycles_equal)},
    {heading: "Bits", of: (check) => equal(check.bits_equal)},
    {heading: "Verdict", of: (check) => verdict(!array_check_failed(check))},
    {heading: "Detail", of: (check) => check.detail || "–"},
  ], results.array_checks);
}

function checks_section() {
  const checks = results.units.flatMap((unit) => unit.checks.map((check) => ({unit, check})));
  const unchecked = results.units.filter((unit) => !unit.checks.length).map((unit) => unit.unit);
  return [element("h2", {}, "Is it the right hardware?"), checks_message(checks),
          unchecked.length ? paragraph(`Not checked: ${enumeration(unchecked)}.`) : null,
          checks.length ? unit_checks_table(checks) : null,
          results.array_checks.length ? array_checks_table() : null];
}
