#include "formats/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <string_view>
#include <vector>

#include "formats/inspect.h"

namespace assay {
namespace {

constexpr int kMargin = 2;  // blanks to the left of every picture
constexpr int kMostTickBits = 6;

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

std::string blanks(int count) {
  return std::string(static_cast<size_t>(std::max(count, 0)), ' ');
}

// A row of ASCII characters into which labels are put where there is room.
class LabelRow {
 public:
  explicit LabelRow(int width) : text_(blanks(width)) {}

  // Puts `label` with its middle at `column`, or as near to it as the row allows; false if that would touch
  // another.
  bool put(const std::string& label, int column) {
    const int length = static_cast<int>(label.size()), width = static_cast<int>(text_.size());
    if (length > width) return false;
    const int begin = std::clamp(column - length / 2, 0, width - length);
    const int from = std::max(begin - 1, 0), to = std::min(begin + length + 1, width);
    for (int i = from; i < to; ++i) {
      if (text_[static_cast<size_t>(i)] != ' ') return false;
    }
    text_.replace(static_cast<size_t>(begin), label.size(), label);
    return true;
  }

  std::string line() const {
    return blanks(kMargin) + text_.substr(0, text_.find_last_not_of(' ') + 1) + "\n";
  }

 private:
  std::string text_;
};

std::string short_number(double value) {
  return fmt::format("{:.4g}", value);
}

// A line with ticks, numbers per column.
std::string tick_line(const std::vector<int>& counts, Glyphs glyphs) {
  const bool unicode = glyphs == Glyphs::unicode;
  std::string text = blanks(kMargin);
  for (size_t i = 0; i < counts.size(); ++i) {
    const bool first = i == 0, last = i + 1 == counts.size();
    if (counts[i] == 0) {
      text += unicode ? "─" : "-";
    } else if (counts[i] > 1) {
      text += unicode ? "╫" : "#";
    } else {
      text += !unicode ? "+" : first ? "├" : last ? "┤" : "┼";
    }
  }
  return text + "\n";
}

// Eighths of a full block; in ASCII what half and more of it looks like.
std::string_view block_glyph(int eighths, Glyphs glyphs) {
  static constexpr std::array<std::string_view, 9> kUnicode = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::array<std::string_view, 9> kAscii = {" ", ".", ".", ":", ":", "+", "+", "#", "#"};
  return (glyphs == Glyphs::unicode ? kUnicode : kAscii)[static_cast<size_t>(std::clamp(eighths, 0, 8))];
}

// One line of blocks: each halving of the density takes an eighth away, down to one.
std::string density_line(const std::vector<double>& logarithms, Glyphs glyphs) {
  const double highest = *std::ranges::max_element(logarithms);
  std::string text = blanks(kMargin);
  for (const double logarithm : logarithms) {
    text += block_glyph(static_cast<int>(std::max(8 - std::lround(highest - logarithm), 1L)), glyphs);
  }
  return text + "\n";
}

// All finite numbers in order, 0 once.
std::vector<double> all_values(const Format& format) {
  std::vector<double> values;
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const Real value = decode(format, code);
    if (value.kind == RealClass::zero) values.push_back(0);
    if (value.kind == RealClass::finite) values.push_back(to_double(value));
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

bool is_mirrored(const std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != -values[values.size() - 1 - i]) return false;
  }
  return true;
}

// Labels are tried in this order: the ends and zero, powers of two from the largest on, the others.
int label_rank(const std::vector<double>& values, double value) {
  if (value == values.front() || value == values.back() || value == 0) return 0;
  int exponent = 0;
  return std::frexp(std::abs(value), &exponent) == 0.5 ? 1 : 2;
}

bool fits_double(const Format& format) {
  const BitRange range = bit_range(format);
  return range.least >= -1074 && range.greatest <= 1023;
}

std::string exponent_name(int exponent) {
  return fmt::format("2^{}", exponent);
}

// Binades [begin, end) that are alike: as many numbers in each, or from one to the next `ratio` times as many.
struct Run {
  size_t begin = 0;
  size_t end = 0;
  double ratio = 1;
};

double growth(const std::vector<Binade>& list, size_t index) {
  if (list[index].values == 0) return list[index + 1].values == 0 ? 1 : 0;
  return static_cast<double>(list[index + 1].values) / static_cast<double>(list[index].values);
}

// Whether the step from `index` to the next may be inside of a run of that ratio.
bool continues(const std::vector<Binade>& list, size_t index, double ratio) {
  const Binade &a = list[index], &b = list[index + 1];
  if (growth(list, index) != ratio || a.subnormal != b.subnormal) return false;
  return ratio != 1 || std::abs(a.relative_step - b.relative_step) <= 1e-3 * a.relative_step;
}

std::vector<Run> runs_of(const std::vector<Binade>& list) {
  std::vector<Run> runs;
  for (size_t begin = 0; begin < list.size();) {
    Run run{begin, begin + 1, 1};
    const double ratio = begin + 1 < list.size() ? growth(list, begin) : 0;
    if (ratio == 1 || ratio == 2 || ratio == 0.5) {
      while (run.end < list.size() && continues(list, run.end - 1, ratio)) ++run.end;
      // Two binades that merely double are no run.
      if (ratio != 1 && run.end - begin < 3) run.end = begin + 1;
      if (run.end - begin > 1) run.ratio = ratio;
    }
    runs.push_back(run);
    begin = run.end;
  }
  return runs;
}

std::string percent(double fraction) {
  return fmt::format("{:.3g} %", 100 * fraction);
}

// Large powers of two as such.
std::string count_text(uint64_t count) {
  constexpr uint64_t kLarge = 1 << 16;
  if (count > kLarge && std::has_single_bit(count)) return exponent_name(std::countr_zero(count));
  return std::to_string(count);
}

std::string run_line(const std::vector<Binade>& list, const Run& run) {
  const Binade &low = list[run.begin], &high = list[run.end - 1];
  std::string values = count_text(low.values);
  std::string step = low.relative_step > 0 ? percent(low.relative_step) : "";
  if (run.end - run.begin > 1 && run.ratio != 1) {
    values += fmt::format(", {} to {}", run.ratio > 1 ? "doubling" : "halving", count_text(high.values));
    if (high.relative_step > 0) step += " .. " + percent(high.relative_step);
  } else if (run.end - run.begin > 1) {
    values += " each";
  }
  std::string exponents = exponent_name(low.exponent);
  if (run.end - run.begin > 1) exponents += " .. " + exponent_name(high.exponent);
  std::string line =
      fmt::format("  {:<20}{:<26}{:<22}{}", exponents, values, step, low.subnormal ? "subnormal" : "");
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// The height of a binade's column: significant bits.
double significant_bits(const Binade& binade) {
  return binade.values == 0 ? 0 : 1 + std::log2(static_cast<double>(binade.values));
}

// log2 of the numbers per unit of length in the middles of `columns` equal pieces of [0, end): one by the distance of
// the two neighbours of the middle.
std::vector<double> density_logarithms(const Format& format, double end, int columns) {
  const PositiveValues positive(format);
  std::vector<double> result;
  for (int i = 0; i < columns; ++i) {
    const uint64_t above = positive.below(real_from_double(end / columns * (i + 0.5)));
    if (above == positive.count()) break;
    const double low = above == 0 ? 0 : to_double(positive[above - 1]);
    result.push_back(-std::log2(to_double(positive[above]) - low));
  }
  return result;
}

}  // namespace

std::string draw_ticks(const Format& format, const Canvas& canvas) {
  std::vector<double> values = all_values(format);
  const bool mirrored = format.is_signed && is_mirrored(values);
  if (mirrored) std::erase_if(values, [](double value) { return value < 0; });
  const int columns = canvas.width - 2 * kMargin;
  const double low = values.front(), span = values.back() - low;
  const auto column_of = [&](double value) {
    return span > 0 ? static_cast<int>(std::lround((value - low) / span * (columns - 1))) : 0;
  };
  std::vector<int> counts(static_cast<size_t>(columns));
  for (const double value : values) ++counts[static_cast<size_t>(column_of(value))];
  LabelRow labels(columns);
  for (int rank = 0; rank <= 2; ++rank) {
    for (size_t i = values.size(); i-- > 0;) {
      if (label_rank(values, values[i]) == rank) labels.put(short_number(values[i]), column_of(values[i]));
    }
  }
  return fmt::format("the {} numbers{}\n", values.size(),
                     mirrored ? " that are not negative; the negative ones mirror them" : "") +
         tick_line(counts, canvas.glyphs) + labels.line();
}

std::string list_binades(const Format& format, const Canvas& canvas) {
  const PositiveValues positive(format);
  std::string text = "positive numbers by binade\n";
  uint64_t end = positive.count();
  const std::vector<Binade> list = binades(format);
  for (size_t i = list.size(); i-- > 0;) {
    const Binade& binade = list[i];
    std::string line = fmt::format("  {:<7}", exponent_name(binade.exponent));
    const size_t room = static_cast<size_t>(canvas.width) - 16;
    for (uint64_t index = end - binade.values; index < end; ++index) {
      std::string word = fmt::format(" {}", to_double(positive[index]));
      const bool last = index + 1 == end;
      if (line.size() + word.size() > room - (last ? 0 : 4)) {
        line += " ...";
        break;
      }
      line += word;
    }
    end -= binade.values;
    if (binade.subnormal) line += blanks(static_cast<int>(30 - line.size())) + "  subnormal";
    text += line + "\n";
  }
  return text;
}

std::string tabulate_binades(const Format& format) {
  constexpr size_t kMostLines = 16;
  const std::vector<Binade> list = binades(format);
  std::vector<Run> runs = runs_of(list);
  std::erase_if(runs, [&](const Run& run) { return list[run.begin].values == 0; });
  std::string text =
      fmt::format("  {:<20}{:<26}{}\n", "binades", "positive numbers", "largest relative step");
  for (size_t i = 0; i < runs.size(); ++i) {
    const size_t hidden = runs.size() > kMostLines ? runs.size() - kMostLines : 0;
    if (hidden > 0 && i == kMostLines / 2) text += fmt::format("  ... {} more lines\n", hidden);
    if (hidden > 0 && i >= kMostLines / 2 && i < kMostLines / 2 + hidden) continue;
    text += run_line(list, runs[runs.size() - 1 - i]);
  }
  return text;
}

std::string draw_precision(const Format& format, const Canvas& canvas) {
  constexpr int kMostRows = 8, kLabelWidth = 5;
  const std::vector<Binade> list = binades(format);
  const int room = canvas.width - 2 * kMargin - kLabelWidth;
  const int per_column = (static_cast<int>(list.size()) + room - 1) / room;
  const int wide = std::clamp(room / static_cast<int>(list.size()), 1, 4);
  std::vector<double> heights;
  for (size_t i = 0; i < list.size(); ++i) {
    if (i % static_cast<size_t>(per_column) == 0) heights.push_back(0);
    heights.back() = std::max(heights.back(), significant_bits(list[i]));
  }
  const double highest = *std::ranges::max_element(heights);
  const int rows = std::clamp(static_cast<int>(std::ceil(highest)), 1, kMostRows);
  const double eighths_per_bit = 8 * rows / std::max(std::ceil(highest), 1.0);

  std::string text = "significant bits of the numbers of a binade, over the binade\n";
  for (int row = rows; row-- > 0;) {
    const double top = (row + 1) * 8 / eighths_per_bit;
    const bool labelled = top == std::floor(top) && (row + 1 == rows || row == 0);
    std::string line = blanks(kMargin) + (labelled ? fmt::format("{:>4} ", top) : blanks(kLabelWidth));
    for (const double height : heights) {
      // A column of any height shows at least a trace.
      const int eighths =
          std::max(static_cast<int>(std::lround(height * eighths_per_bit)), height > 0 ? 1 : 0);
      line += repeated(block_glyph(eighths - 8 * row, canvas.glyphs), wide);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  const int columns = static_cast<int>(heights.size()) * wide;
  LabelRow labels(std::max(columns, 12));
  const auto column_of = [&](int exponent) {
    return (exponent - list.front().exponent) / per_column * wide + wide / 2;
  };
  const int first = list.front().exponent, last = list.back().exponent;
  labels.put(exponent_name(first), 0);
  if (last != first) labels.put(exponent_name(last), column_of(last) + 1);
  if (first < 0 && last > 0) labels.put("2^0", column_of(0));
  return text + blanks(kLabelWidth) + labels.line();
}

std::string draw_density(const Format& format, const Canvas& canvas) {
  const PositiveValues positive(format);
  const double largest = to_double(positive[positive.count() - 1]);
  const int columns = canvas.width - 2 * kMargin;
  LabelRow labels(columns);
  labels.put("0", 0);
  labels.put(short_number(largest), columns);
  labels.put(short_number(largest / 2), columns / 2);
  return "density of the positive numbers; a step down is half as many\n" +
         density_line(density_logarithms(format, largest, columns), canvas.glyphs) + labels.line();
}

std::string draw_near_zero(const Format& format, const Canvas& canvas) {
  constexpr int kMostTickFractionBits = 4, kQuarters = 4;
  const int exponent = 1 - format.exponent_bias;
  const double end = std::ldexp(4.0, exponent);
  // Ticks if there is a column for each subnormal step, the density otherwise.
  const int room = canvas.width - 2 * kMargin - 1;
  const int steps = kQuarters << std::min(format.fraction_width, kMostTickFractionBits);
  const bool ticks = format.fraction_width <= kMostTickFractionBits && steps <= room;
  const int columns = ticks ? room / steps * steps : room / kQuarters * kQuarters;
  std::string line;
  if (ticks) {
    const PositiveValues positive(format);
    std::vector<int> counts(static_cast<size_t>(columns) + 1);
    counts.front() = 1;  // zero
    for (uint64_t i = 0; i < positive.count() && to_double(positive[i]) <= end; ++i) {
      ++counts[static_cast<size_t>(std::lround(to_double(positive[i]) / end * columns))];
    }
    line = tick_line(counts, canvas.glyphs);
  } else {
    line = density_line(density_logarithms(format, end, columns), canvas.glyphs);
  }
  LabelRow labels(columns + 1);
  labels.put("0", 0);
  labels.put(exponent_name(exponent), columns / 4);
  labels.put("subnormal", columns / 8);
  labels.put(exponent_name(exponent + 1), columns / 2);
  labels.put(exponent_name(exponent + 2), columns);
  return fmt::format("near zero: the least normal number is 2^{}, below it the steps stay the same\n",
                     exponent) +
         line + labels.line();
}

std::string draw_format(const Format& format, const Canvas& canvas) {
  const PositiveValues positive(format);
  if (positive.count() == 0) return "";
  const bool drawable = fits_double(format);
  if (format.width <= kMostTickBits && drawable) {
    return draw_ticks(format, canvas) + "\n" + list_binades(format, canvas);
  }
  std::string text = tabulate_binades(format) + "\n" + draw_precision(format, canvas);
  if (!drawable) return text;
  if (is_integer(format)) {
    const Real step = positive[0];
    return text + fmt::format("\nthe step is {} everywhere\n", to_double(step));
  }
  text += "\n" + draw_density(format, canvas);
  const bool has_subnormals =
      format.kind == FormatKind::floating && format.has_subnormals && format.fraction_width > 0;
  if (has_subnormals && compare(positive[positive.count() - 1],
                                real_from_double(std::ldexp(4.0, 1 - format.exponent_bias))) >= 0) {
    text += "\n" + draw_near_zero(format, canvas);
  }
  return text;
}

}  // namespace assay
