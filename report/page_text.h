// The parts of the page, embedded into the program when it is built (embed.cmake), so that it needs no file
// at run time.
#pragma once

#include <string_view>

namespace assay {

extern const std::string_view kPageHtml;     // page/page.html, with places marked {{name}}
extern const std::string_view kPageStyle;    // page/page.css
extern const std::string_view kPageScript;   // page/*.js, one after the other
extern const std::string_view kChartScript;  // Chart.js

}  // namespace assay
