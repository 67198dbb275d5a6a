// One library out of several files: some vendors split their cells by kind, but ABC takes a
// single one.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace assay {

// The text of the first library with the cells of the others added to it, and those of their templates and
// other groups that it lacks. Throws Error if the files differ in a unit or in the nominal voltage or if two
// of them define the same cell, or if `files` is empty.
std::string merge_liberties(std::span<const std::filesystem::path> files);

}  // namespace assay
