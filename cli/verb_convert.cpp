// assay convert: arrays of numbers to codes of a format, and back.
#include <fmt/format.h>

#include <bit>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "base/random.h"
#include "cli/verbs.h"
#include "formats/round.h"
#include "workloads/npy.h"

namespace assay {
namespace {

struct Options {
  std::string to, from, rounding = "rne", saturation = "sat_none", input, output;
  uint64_t seed = 1;
};

constexpr int kRandomBits = 32;

NpyType code_type(const Format& format) {
  return format.width <= 8    ? NpyType::u1
         : format.width <= 16 ? NpyType::u2
         : format.width <= 32 ? NpyType::u4
                              : NpyType::u8;
}

// The array's elements as codes: the bits of floating-point numbers, or unsigned integers as they are.
std::vector<uint64_t> element_bits(const NpyArray& array) {
  const size_t size = npy_type_size(array.type);
  std::vector<uint64_t> bits(array.data.size() / size);
  for (size_t i = 0; i < bits.size(); ++i) std::memcpy(&bits[i], array.data.data() + i * size, size);
  return bits;
}

Format source_format(const Options& options, const NpyArray& array) {
  const bool floating = array.type == NpyType::f2 || array.type == NpyType::f4 || array.type == NpyType::f8;
  if (options.from.empty()) {
    if (!floating)
      fail("{}: elements of type {}: give the format of the codes with --from", options.input,
           npy_type_name(array.type));
    return parse_format(array.type == NpyType::f2 ? "fp16" : array.type == NpyType::f4 ? "fp32" : "fp64");
  }
  Format format = load_format(options.from);
  const bool codes = !floating && npy_type_name(array.type)[0] != 'i';
  if (!codes || static_cast<int>(8 * npy_type_size(array.type)) < format.width) {
    fail("{}: --from {}: expected unsigned integers of at least {} bits, found {}", options.input,
         format.name, format.width, npy_type_name(array.type));
  }
  return format;
}

void append(std::string& bytes, uint64_t value, size_t size) {
  bytes.append(reinterpret_cast<const char*>(&value), size);
}

void convert(const Options& options, bool json) {
  const Format to = load_format(options.to);
  const Rounding rounding = parse_rounding(options.rounding);
  const Saturation saturation = parse_saturation(options.saturation);
  if (saturation == Saturation::wrap && to.kind == FormatKind::floating)
    fail("convert: wrap expects an integer format, found {}", to.name);
  const NpyArray input = read_npy(options.input);
  const Format from = source_format(options, input);
  // fp32 and fp64 are written as NumPy's own types, everything else as codes.
  const bool to_numbers = to.name == "fp32" || to.name == "fp64" || to.name == "fp16";
  NpyArray output{to.name == "fp32"   ? NpyType::f4
                  : to.name == "fp64" ? NpyType::f8
                  : to.name == "fp16" ? NpyType::f2
                                      : code_type(to),
                  input.shape,
                  {}};
  const size_t size = npy_type_size(output.type);
  const std::vector<uint64_t> bits = element_bits(input);
  output.data.reserve(bits.size() * size);
  uint64_t inexact = 0;
  Progress progress("convert", bits.size());
  for (size_t i = 0; i < bits.size(); ++i) {
    RandomBits random;
    if (is_stochastic(rounding)) random = {kRandomBits, philox(options.seed, 0, i / 4)[i % 4]};
    const Real value = decode(from, bits[i]);
    const uint64_t code = round_to_code(to, value, rounding, saturation, random);
    if (value.kind != RealClass::nan && to_double(decode(to, code)) != to_double(value)) ++inexact;
    append(output.data, code, size);
    if (i % 65536 == 65535) progress.advance(65536);
  }
  write_npy(options.output, output);
  const nlohmann::ordered_json summary = {{"elements", bits.size()}, {"from", from.name},
                                          {"to", to.name},           {"changed", inexact},
                                          {"codes", !to_numbers},    {"output", options.output}};
  print(json ? summary.dump(2) + "\n"
             : fmt::format("{} elements, {} -> {}: {} changed their value\n", bits.size(), from.name, to.name,
                           inexact));
}

}  // namespace

void add_convert(Program& program) {
  CLI::App* verb =
      add_verb(program, "convert", "Round an array of numbers (.npy) to a format, element by element",
               "assay convert --to e4m3 --saturation sat_finite weights.npy codes.npy");
  auto options = std::make_shared<Options>();
  verb->add_option("--to", options->to,
                   "Format of the result; written as unsigned codes, fp16/fp32/fp64 as numbers")
      ->required();
  verb->add_option("--from", options->from, "Format of the input's codes, if it holds unsigned codes");
  verb->add_option("--rounding", options->rounding,
                   "rne rna rtz rup rdn odd sr_a sr_b sr_c, and others of formats/rounding.h")
      ->capture_default_str();
  verb->add_option("--saturation", options->saturation, "sat_none sat_finite sat_propagate wrap")
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Seed of the random bits of sr_a, sr_b and sr_c")
      ->capture_default_str();
  verb->add_option("IN", options->input, "Input .npy")->required();
  verb->add_option("OUT", options->output, "Output .npy")->required();
  verb->callback([&program, options] { convert(*options, program.json); });
}

}  // namespace assay
