// Pictures of a format for a terminal: where its numbers lie and how dense they are. Every line ends in a newline
// and is at most `width` (>= 60) columns wide. The numbers are rounded for drawing; those of formats/inspect.h are
// exact.
#pragma once

#include <string>

#include "formats/format.h"

namespace assay {

enum class Glyphs { ascii, unicode };

struct Canvas {
  Glyphs glyphs = Glyphs::unicode;
  int width = 80;
};

// All pictures below that show something of the format, with captions.
std::string draw_format(const Format& format, const Canvas& canvas);

// The numbers as ticks of a line, as many as possible with their value. Without the negative ones if they mirror
// the positive. For formats of up to 6 bits.
std::string draw_ticks(const Format& format, const Canvas& canvas);

// The positive numbers, a line for each binade; for formats of up to 6 bits.
std::string list_binades(const Format& format, const Canvas& canvas);

// How many numbers the binades have, a line for each run of binades that are alike; none for those without.
std::string tabulate_binades(const Format& format);

// Columns as high as the numbers of a binade have significant bits (1 + log2 of their count), over the exponent.
std::string draw_precision(const Format& format, const Canvas& canvas);

// How dense the positive numbers are on the linear number line.
std::string draw_density(const Format& format, const Canvas& canvas);

// The numbers from 0 to four times the least normal one; for floating-point formats with subnormals.
std::string draw_near_zero(const Format& format, const Canvas& canvas);

}  // namespace assay
