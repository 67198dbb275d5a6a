#include "base/cache.h"

#include <cstdlib>

namespace assay {

std::filesystem::path cache_folder() {
  if (const char* folder = std::getenv("ASSAY_CACHE")) return folder;
  if (const char* folder = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(folder) / "assay";
  if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / ".cache" / "assay";
  return std::filesystem::temp_directory_path() / "assay-cache";
}

}  // namespace assay
