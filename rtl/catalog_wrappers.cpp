// catalog_wrappers FOLDER: writes FOLDER/NAME.sv for every unit NAME of the catalog, a module mac_unit without
// parameters that instantiates the unit's module. For tools that read SystemVerilog, as tools/lint does.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "rtl/catalog.h"

namespace {

void write_wrappers(const std::filesystem::path& folder) {
  for (const assay::CatalogEntry& entry : assay::read_catalog()) {
    assay::write_file(folder / (entry.name + ".sv"), assay::wrapper_verilog(entry));
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 2) assay::fail("usage: catalog_wrappers FOLDER");
    write_wrappers(arguments[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "catalog_wrappers: %s\n", error.what());
    return 2;
  }
}
