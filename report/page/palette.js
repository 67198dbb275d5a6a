// What is what in every plot of the page. Colours: Okabe and Ito, "Color Universal Design" (2008), told apart
// with every common colour vision deficiency.

const kParts = [
  ["product", "Product", "#0072b2"],
  ["accumulate", "Accumulate", "#e69f00"],
  ["registers", "Registers", "#009e73"],
  ["clock", "Clock", "#cc79a7"],
  ["leakage", "Leakage", "#8c8c8c"],
  ["sram", "SRAM", "#56b4e9"],
  ["dram", "DRAM", "#d55e00"],
].map(([key, label, colour]) => ({key, label, colour}));

const kAreaParts = kParts.slice(0, 3);
const kOperationParts = kParts.slice(0, 4);
const kMemoryParts = kParts.slice(5);

function part_label(key) {
  return kParts.find((part) => part.key === key).label;
}

// Phases are steps of one dark-to-light scale.
const kPhases = [
  {key: "fwd", label: "Forward", short: "fwd", colour: "#1f2f46"},
  {key: "dgrad", label: "Data gradient", short: "dgrad", colour: "#6d83a3"},
  {key: "wgrad", label: "Weight gradient", short: "wgrad", colour: "#b9c6d8"},
];
