#include "report/results_shape.h"

#include <utility>

namespace assay {
namespace {

constexpr bool kOptional = false;

Shape simple(ShapeKind kind) {
  return {kind, {}, {}, {}};
}
Shape text() {
  return simple(ShapeKind::text);
}
Shape whole_number() {
  return simple(ShapeKind::whole_number);
}
Shape choice(std::string_view words) {
  return {ShapeKind::choice, words, {}, {}};
}
Shape quantity(std::string_view base) {
  return {ShapeKind::quantity, base, {}, {}};
}
Shape object(std::vector<Key> keys) {
  return {ShapeKind::object, {}, std::move(keys), {}};
}
Shape map_of(Shape element) {
  return {ShapeKind::map, {}, {}, {std::move(element)}};
}
Shape list_of(Shape element) {
  return {ShapeKind::list, {}, {}, {std::move(element)}};
}

Shape energy_split() {
  return object({{"product", quantity("J")},
                 {"accumulate", quantity("J")},
                 {"registers", quantity("J")},
                 {"clock", quantity("J")},
                 {"leakage", quantity("J")},
                 {"sram", quantity("J")},
                 {"dram", quantity("J")}});
}

Shape layer() {
  return object({{"layer", text()},
                 {"phase", choice("fwd dgrad wgrad")},
                 {"m", whole_number()},
                 {"n", whole_number()},
                 {"k", whole_number()},
                 {"count", whole_number()},
                 {"unit", text()},
                 {"macs", whole_number()},
                 {"cycles", quantity("cycles")},
                 {"utilisation", quantity("%")},
                 {"energy_split", energy_split()}});
}

Shape scheme() {
  const Shape phase = object({{"unit", text()}, {"a", text()}, {"b", text()}});
  return object(
      {{"name", text()},
       {"description", text()},
       {"phases", object({{"fwd", phase}, {"dgrad", phase, kOptional}, {"wgrad", phase, kOptional}})},
       {"totals", object({{"cycles", quantity("cycles")},
                          {"time", quantity("s")},
                          {"energy", quantity("J")},
                          {"area", quantity("um2")},
                          {"clock", quantity("Hz")},
                          {"utilisation", quantity("%")}})},
       {"energy_split", energy_split()},
       {"layers", list_of(layer())}});
}

Shape unit() {
  return object({{"unit", text()},
                 {"module", text()},
                 {"used_by", list_of(text())},
                 {"area", object({{"product", quantity("um2")},
                                  {"accumulate", quantity("um2")},
                                  {"registers", quantity("um2")},
                                  {"total", quantity("um2")}})},
                 {"gates", quantity("NAND2")},
                 {"critical_path", quantity("s")},
                 {"leakage", quantity("W")},
                 {"energy_per_operation", list_of(object({{"stimulus", text()},
                                                          {"product", quantity("J")},
                                                          {"accumulate", quantity("J")},
                                                          {"registers", quantity("J")},
                                                          {"clock", quantity("J")}}))},
                 {"checks", list_of(object({{"what", text()},
                                            {"vectors", whole_number()},
                                            {"exhaustive", simple(ShapeKind::truth_or_text)},
                                            {"vectors_per_second", quantity("vectors/s"), kOptional},
                                            {"mismatches", whole_number()},
                                            {"seed", whole_number(), kOptional}}))}});
}

Shape results() {
  return object(
      {{"assay", object({{"version", text()}, {"created", text()}, {"command", text()}})},
       {"experiment", object({{"name", text()}, {"file", text()}, {"text", text()}})},
       {"workload",
        object({{"name", text()},
                {"batch", whole_number()},
                {"macs",
                 object({{"fwd", quantity("MAC")}, {"dgrad", quantity("MAC")}, {"wgrad", quantity("MAC")}})},
                {"forward_macs_per_image", quantity("MAC"), kOptional}})},
       {"array", object({{"rows", whole_number()},
                         {"columns", whole_number()},
                         {"dataflow", text()},
                         {"double_buffered", simple(ShapeKind::truth), kOptional}})},
       {"technology", object({{"name", text()},
                              {"file", text()},
                              {"sha256", text(), kOptional},
                              {"voltage", quantity("V")},
                              {"note", text(), kOptional}})},
       {"sources", map_of(object({{"kind", choice("measured published scaled derived")}, {"text", text()}}))},
       {"schemes", list_of(scheme())},
       {"units", list_of(unit())},
       {"array_checks", list_of(object({{"what", text()},
                                        {"cases", whole_number()},
                                        {"cycles_equal", simple(ShapeKind::truth)},
                                        {"bits_equal", simple(ShapeKind::truth)},
                                        {"detail", text(), kOptional}}))},
       {"claims", list_of(object({{"title", text()},
                                  {"published", quantity("")},
                                  {"measured", quantity("")},
                                  {"explanation", text()}}))},
       {"footnotes", list_of(text())}});
}

}  // namespace

const Shape& results_shape() {
  static const Shape shape = results();
  return shape;
}

}  // namespace assay
