#include "rtl/module_ports.h"

#include <charconv>
#include <cstdlib>
#include <map>
#include <pugixml.hpp>

#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

// Verilator's constants look like 32'sh1f.
int64_t constant(const pugi::xml_node& node) {
  const std::string text = node.attribute("name").value();
  const size_t digits = text.find('h');
  if (digits == std::string::npos) fail("Verilator's description: expected a constant, found '{}'", text);
  return std::strtoll(text.c_str() + digits + 1, nullptr, 16);
}

// Widths of the types of a description, in bits.
class Types {
 public:
  explicit Types(const pugi::xml_node& table) {
    for (const pugi::xml_node& type : table.children()) types_[type.attribute("id").value()] = type;
  }

  int width(const std::string& id, const std::string& port) const {
    const auto found = types_.find(id);
    if (found == types_.end()) fail("port {}: its type is not described", port);
    const pugi::xml_node& type = found->second;
    const std::string kind = type.name();
    const auto below = [&](const pugi::xml_node& node) {
      return width(node.attribute("sub_dtype_id").value(), port);
    };
    if (kind == "basicdtype") {
      const pugi::xml_attribute left = type.attribute("left"), right = type.attribute("right");
      return left.empty() ? 1 : std::abs(left.as_int() - right.as_int()) + 1;
    }
    if (kind == "refdtype" || kind == "enumdtype" || kind == "paramtypedtype") return below(type);
    if (kind == "structdtype" || kind == "uniondtype") {
      int sum = 0, most = 0;
      for (const pugi::xml_node& member : type.children("memberdtype")) {
        const int bits = below(member);
        sum += bits;
        most = std::max(most, bits);
      }
      return kind == "structdtype" ? sum : most;
    }
    if (kind == "packarraydtype") {
      const pugi::xml_node range = type.child("range");
      const int64_t left = constant(range.first_child()), right = constant(range.last_child());
      return (static_cast<int>(std::abs(left - right)) + 1) * below(type);
    }
    fail("port {}: expected a packed type, found Verilator's {}", port, kind);
  }

 private:
  std::map<std::string, pugi::xml_node> types_;
};

}  // namespace

std::vector<ModulePort> module_ports(const ModelSources& sources) {
  const TemporaryFolder work;
  const std::filesystem::path description = work.path() / "description.xml";
  run_verilator(sources, {"--xml-only", "--xml-output", description.string()}, work.path());
  pugi::xml_document document;
  if (!document.load_file(description.c_str())) {
    fail("module {}: cannot read Verilator's description", sources.top);
  }
  const pugi::xml_node netlist = document.child("verilator_xml").child("netlist");
  const Types types(netlist.child("typetable"));
  std::vector<ModulePort> ports;
  for (const pugi::xml_node& variable :
       netlist.find_child_by_attribute("module", "topModule", "1").children("var")) {
    const std::string direction = variable.attribute("dir").value(),
                      name = variable.attribute("origName").value();
    if (direction.empty() || variable.attribute("pinIndex").empty()) continue;
    if (direction != "input" && direction != "output") {
      fail("port {} of module {}: expected an input or output, found {}", name, sources.top, direction);
    }
    ports.push_back({name, types.width(variable.attribute("dtype_id").value(), name), direction == "input"});
  }
  return ports;
}

}  // namespace assay
