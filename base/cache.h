// Where results of slow tools are kept between runs.
#pragma once

#include <filesystem>

namespace assay {

// $ASSAY_CACHE if it is set, else $XDG_CACHE_HOME/assay, else $HOME/.cache/assay, else a folder below the
// system's folder for temporary files.
std::filesystem::path cache_folder();

}  // namespace assay
