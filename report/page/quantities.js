// Quantities: conversion to base units, and writing them in engineering units with three to four digits.

// base unit -> [unit, size in base units], ascending. mJ and so on are read, and written, by this table.
const kScales = {
  "J": [["fJ", 1e-15], ["pJ", 1e-12], ["nJ", 1e-9], ["µJ", 1e-6], ["mJ", 1e-3], ["J", 1], ["kJ", 1e3]],
  "s": [["ps", 1e-12], ["ns", 1e-9], ["µs", 1e-6], ["ms", 1e-3], ["s", 1]],
  "W": [["pW", 1e-12], ["nW", 1e-9], ["µW", 1e-6], ["mW", 1e-3], ["W", 1]],
  "µm²": [["µm²", 1], ["mm²", 1e6]],
  "Hz": [["Hz", 1], ["kHz", 1e3], ["MHz", 1e6], ["GHz", 1e9]],
  "V": [["mV", 1e-3], ["V", 1]],
  "MAC": [["MAC", 1], ["kMAC", 1e3], ["MMAC", 1e6], ["GMAC", 1e9], ["TMAC", 1e12], ["PMAC", 1e15]],
  "J/MAC": [["fJ/MAC", 1e-15], ["pJ/MAC", 1e-12], ["nJ/MAC", 1e-9], ["J/MAC", 1]],
  "cycles": [["cycles", 1], ["thousand cycles", 1e3], ["million cycles", 1e6], ["billion cycles", 1e9]],
  "vectors/s": [["vectors/s", 1], ["thousand/s", 1e3], ["million/s", 1e6], ["billion/s", 1e9]],
};

// The spelling of units in results.json -> the one on the page.
function page_unit(unit) {
  return unit.replace(/^u(?=[JsWm])/, "µ").replace(/m2$/, "m²").replace(/^x$/, "×");
}

// {number, base, sources}: a quantity of results.json in base units.
function read_quantity(quantity) {
  const unit = page_unit(quantity.unit);
  for (const [base, scales] of Object.entries(kScales)) {
    const scale = scales.find(([name]) => name === unit);
    if (scale) return {number: quantity.value * scale[1], base, sources: [quantity.source]};
  }
  return {number: quantity.value, base: unit, sources: [quantity.source]};
}

function sum_of(quantities) {
  return {
    number: quantities.reduce((sum, quantity) => sum + quantity.number, 0),
    base: quantities.length ? quantities[0].base : "",
    sources: [...new Set(quantities.flatMap((quantity) => quantity.sources))],
  };
}

function ratio_of(numerator, denominator) {
  return denominator > 0 ? numerator / denominator : NaN;
}

// The scale in which the largest of `numbers` is at least 1: {unit, size}.
function scale_for(numbers, base) {
  const scales = kScales[base];
  if (!scales) return {unit: base, size: 1};
  const largest = Math.max(0, ...numbers.filter(Number.isFinite));
  const fitting = scales.filter(([, size]) => size <= largest * (1 + 1e-9));
  const [unit, size] = fitting.length ? fitting[fitting.length - 1] : largest > 0 ? scales[0] : [base, 1];
  return {unit, size};
}

// Three significant digits, whole numbers from 1000 on in full.
function digits(number) {
  if (!Number.isFinite(number)) return "–";
  if (number === 0) return "0";
  if (Math.abs(number) >= 999.5) return whole(Math.round(number));
  const text = number.toPrecision(3);
  return text.includes("e") ? number.toExponential(2) : text;
}

// A whole number with narrow spaces between groups of three digits.
function whole(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// How many times `reference` a number is: "0.41×".
function multiple(number, reference) {
  const ratio = ratio_of(number, reference);
  return `${ratio >= 0.1 && ratio < 10 ? ratio.toFixed(2) : digits(ratio)}×`;
}

// One quantity with its unit, in the scale that suits it: "4.21 mJ".
function written({number, base}) {
  const {unit, size} = scale_for([number], base);
  return `${digits(number / size)}${unit === "%" ? "\u202f%" : unit ? ` ${unit}` : ""}`;
}

function percent(fraction) {
  return Number.isFinite(fraction) ? `${Math.round(fraction * 100)}\u202f%` : "–";
}

// "4.1×", the factor from the smaller to the larger of two numbers.
function factor_between(a, b) {
  const factor = Math.max(a, b) / Math.min(a, b);
  return `${factor < 10 ? factor.toFixed(1) : digits(factor)}×`;
}

// As scheme totals that differ only by rounding of the printed digits.
function nearly_equal(numbers) {
  return Math.max(...numbers) <= Math.min(...numbers) * 1.005;
}

// "a", "a and b", "a, b and c".
function enumeration(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

function counted(count, singular, plural = `${singular}s`) {
  return `${whole(count)} ${count === 1 ? singular : plural}`;
}
