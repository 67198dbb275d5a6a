// assay convert: files of numbers to codes of a format, and back.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "cli/verbs.h"
#include "formats/conversion.h"
#include "formats/inspect.h"
#include "workloads/convert_file.h"

namespace assay {
namespace {

struct Options {
  FileConversion request;
  std::string input, output, rounding = "rne", saturation, conversion, raw;
  uint64_t seed = 1;
  int random_bits = 16;
  int threads = 0;
};

Saturation saturation_of(const Options& options) {
  if (!options.saturation.empty()) return parse_saturation(options.saturation);
  // Blocks are scaled so that only their largest numbers can be beyond the range; all block formats clamp them.
  return is_block_format_name(options.request.to) ? Saturation::sat_finite : Saturation::sat_none;
}

void print_summary(const ConversionSummary& summary, bool json) {
  nlohmann::ordered_json outputs = nlohmann::ordered_json::array();
  for (const auto& path : summary.outputs) outputs.push_back(path.string());
  const nlohmann::ordered_json facts = {{"elements", summary.elements},
                                        {"from", summary.from},
                                        {"to", summary.to},
                                        {"changed", summary.counts.changed},
                                        {"nan_replaced", summary.counts.nan_replaced},
                                        {"element_type", summary.element_type},
                                        {"outputs", outputs}};
  if (json) return print(facts.dump(2) + "\n");
  std::string text = fmt::format("{} elements, {} -> {}: {} changed their value", summary.elements,
                                 summary.from, summary.to, summary.counts.changed);
  if (summary.counts.nan_replaced > 0) {
    text += fmt::format(", {} NaN became a number", summary.counts.nan_replaced);
  }
  print(text + "\n");
}

void convert(Options& options, bool json, bool random_bits_given) {
  FileConversion& request = options.request;
  request.input = options.input;
  request.output = options.output;
  if (!options.raw.empty()) request.raw_type = parse_npy_type(options.raw);
  Conversion conversion{parse_rounding(options.rounding), saturation_of(options)};
  if (!options.conversion.empty()) conversion = parse_conversion(options.conversion);
  if (random_bits_given && !is_stochastic(conversion.rounding)) {
    fail("--random-bits: expected a stochastic rounding (sr_a, sr_b, sr_c), found {}",
         to_string(conversion.rounding));
  }
  request.options = {conversion, options.seed, options.random_bits,
                     options.threads > 0 ? options.threads : hardware_threads()};
  std::optional<Progress> bar;
  const ConversionSummary summary = convert_file(
      request,
      {[&](uint64_t count) { bar.emplace("convert", count); }, [&](uint64_t count) { bar->advance(count); }});
  bar.reset();
  print_summary(summary, json);
}

std::string preset_names() {
  return fmt::format("{}", fmt::join(named_conversions(), " "));
}

}  // namespace

void add_convert(Program& program) {
  CLI::App* verb = add_verb(program, "convert", "Round a file of numbers to a format, element by element",
                            "assay convert --to e4m3 --saturation sat_finite weights.npy codes.npy\n"
                            "  assay convert --from e4m3 --to fp32 codes.npy values.npy\n"
                            "  assay convert --to mxfp4 --axis 0 --packed weights.npy codes.npy");
  auto options = std::make_shared<Options>();
  FileConversion& request = options->request;
  verb->add_option("--to", request.to,
                   "Format of the result, mxfp4 and other block formats too; written as unsigned codes, "
                   "fp16, fp32 and fp64 as numbers")
      ->required();
  verb->add_option("--from", request.from, "Format of the input's codes, if it holds codes");
  CLI::Option* rounding =
      verb->add_option("--rounding", options->rounding,
                       "rne rna rtz rup rdn odd sr_a sr_b sr_c, and others of formats/rounding.h")
          ->capture_default_str();
  CLI::Option* saturation = verb->add_option("--saturation", options->saturation,
                                             "sat_none sat_finite sat_propagate wrap, and others of "
                                             "formats/rounding.h [sat_none; sat_finite for block formats]");
  verb->add_option("--conversion", options->conversion,
                   "Rounding, overflow and NaN as there: " + preset_names() + " (formats/conversion.h)")
      ->excludes(rounding)
      ->excludes(saturation);
  verb->add_option("--seed", options->seed, "Seed of the random bits of stochastic roundings")
      ->capture_default_str();
  CLI::Option* random_bits =
      verb->add_option("--random-bits", options->random_bits, "How many random bits an element gets, 0..32")
          ->check(CLI::Range(0, 32))
          ->capture_default_str();
  verb->add_flag("--dequantize", request.dequantize,
                 "Write the rounded values (float32, or float64 where that is too narrow) instead of codes");
  verb->add_flag("--packed", request.packed, "Write codes of fewer than 8 bits without gaps");
  verb->add_flag("--from-packed", request.from_packed,
                 "The input's codes of fewer than 8 bits lie without gaps");
  verb->add_option("--axis", request.axis,
                   "Axis along which the blocks of a block format lie (default: the last), "
                   "or tile");
  verb->add_option("--raw", options->raw, "The input has no header and elements of this type, little endian")
      ->check(CLI::IsMember({"f2", "f4", "f8", "u1", "u2", "u4"}));
  verb->add_option("--threads", options->threads, "Threads (default: one for each core)")
      ->check(CLI::Range(1, 1024));
  verb->add_option("IN", options->input, "Input: .npy, or raw elements with --raw")->required();
  verb->add_option("OUT", options->output, "Output: .npy, or raw elements under another ending")->required();
  verb->callback(
      [&program, options, random_bits] { convert(*options, program.json, random_bits->count() > 0); });
}

}  // namespace assay
