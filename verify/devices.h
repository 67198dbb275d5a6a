// The two devices made from a catalog entry: its RTL under Verilator, and its gates after synthesis.
#pragma once

#include <filesystem>
#include <memory>

#include "power/liberty.h"
#include "power/netlist.h"
#include "power/synthesis.h"
#include "rtl/catalog.h"
#include "verify/check.h"

namespace assay {

// The entry's RTL, built by Verilator. Builds are kept in `cache`. Throws Error with the tool's message if
// the RTL does not compile.
Device rtl_device(const CatalogEntry& entry, const std::filesystem::path& rtl,
                  const std::filesystem::path& cache);

// The entry mapped to the library; instances are below "u_unit". With `flatten_all`, product and accumulation
// are optimised together and lose their names. Results are kept in `cache`.
MappedDesign map_entry(const CatalogEntry& entry, const std::filesystem::path& rtl,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache,
                       bool flatten_all = false);

// The mapped netlist under the bit-sliced simulator. Throws Error if its input ports are not the unit's
// operands.
Device netlist_device(const Unit& unit, const Netlist& netlist, const Liberty& liberty);

}  // namespace assay
