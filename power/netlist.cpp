#include "power/netlist.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of the ports

// Nodes are the bits of all module instances; joining two of them makes one net.
class NodeSet {
 public:
  uint32_t add(std::string name) {
    parent_.push_back(static_cast<uint32_t>(parent_.size()));
    names_.push_back(std::move(name));
    return parent_.back();
  }

  uint32_t root(uint32_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }

  // The smaller number stays the root: constants win over nets, outer names over inner ones.
  void join(uint32_t a, uint32_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  size_t size() const { return parent_.size(); }
  const std::string& name(uint32_t node) const { return names_[node]; }

 private:
  std::vector<uint32_t> parent_;
  std::vector<std::string> names_;
};

// Reads and flattens one file.
class Reader {
 public:
  Reader(const std::filesystem::path& file, const Liberty& liberty, const NetlistOptions& options)
      : file_(file.string()), liberty_(liberty), options_(options) {
    for (size_t i = 0; i < liberty.cells.size(); ++i) cell_index_.emplace(liberty.cells[i].name, i);
    nodes_.add("0");
    nodes_.add("1");
  }

  Netlist read() {
    try {
      return read_files();
    } catch (const nlohmann::json::exception& error) {
      fail("{}: not a netlist in Yosys JSON: {}", file_, error.what());
    }
  }

 private:
  using BitMap = std::unordered_map<int64_t, uint32_t>;  // Yosys bit number of a module -> node

  Netlist read_files() {
    const Json document = read_modules(file_);
    const Json& top = find_top(document.at("modules"));
    if (!options_.design.empty()) file_ = options_.name;
    const Json design = options_.design.empty() ? Json() : read_modules(options_.design);
    std::unordered_map<int64_t, uint32_t> bits = name_bits(top, "");
    netlist_.groups.emplace_back();
    for (const auto& [name, port] : top.at("ports").items()) {
      NetlistPort result{name, {}};
      for (const Json& bit : port.at("bits")) result.bits.push_back(node_of(bit, bits, "", name));
      const std::string direction = port.at("direction");
      if (direction != "input" && direction != "output") {
        fail("{}: port {} is {}; expected input or output", file_, name, direction);
      }
      (direction == "input" ? netlist_.inputs : netlist_.outputs).push_back(std::move(result));
    }
    flatten(top, "", 0, bits);
    make_nets();
    find_drivers();
    sort_cells();
    return std::move(netlist_);
  }

  // `modules_` refers to the result.
  Json read_modules(const std::filesystem::path& file) {
    Json document = Json::parse(read_file(file));
    for (const auto& [name, module] : document.at("modules").items()) {
      if (!is_blackbox(module)) modules_.emplace(name, &module);
    }
    return document;
  }

  const Json& find_top(const Json& modules) {
    for (const auto& [name, module] : modules.items()) {
      const auto attributes = module.find("attributes");
      if (attributes != module.end() && attributes->contains("top")) {
        netlist_.top = name;
        return module;
      }
    }
    fail("{}: no module has the attribute top", file_);
  }

  static std::string join_path(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  // Nodes for all named bits of a module instance.
  BitMap name_bits(const Json& module, const std::string& path) {
    BitMap bits;
    for (const auto& [name, net] : module.at("netnames").items()) {
      const Json& list = net.at("bits");
      for (size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_number_integer() || bits.contains(list[i].get<int64_t>())) continue;
        const std::string full = join_path(path, name);
        bits.emplace(list[i].get<int64_t>(),
                     nodes_.add(list.size() == 1 ? full : fmt::format("{}[{}]", full, i)));
      }
    }
    return bits;
  }

  uint32_t node_of(const Json& bit, BitMap& bits, const std::string& path, const std::string& user) {
    if (bit.is_number_integer()) {
      const auto number = bit.get<int64_t>();
      const auto found = bits.find(number);
      if (found != bits.end()) return found->second;
      return bits.emplace(number, nodes_.add(join_path(path, fmt::format("bit {}", number)))).first->second;
    }
    const std::string constant = bit;
    if (constant == "0" || constant == "x") return kConstant0;
    if (constant == "1") return kConstant1;
    fail("{}: {} uses the constant {}; expected 0 or 1", file_, join_path(path, user), constant);
  }

  void flatten(const Json& module, const std::string& path, uint32_t group, BitMap& bits) {
    if (!open_.insert(&module).second) fail("{}: {}: the module contains itself", file_, path);
    for (const auto& [name, cell] : module.at("cells").items()) {
      const std::string type = cell.at("type");
      const std::string full = join_path(path, name);
      const auto library_cell = cell_index_.find(type);
      if (library_cell != cell_index_.end()) {
        add_cell(cell, full, static_cast<uint32_t>(library_cell->second), group, bits);
      } else if (const auto inner = modules_.find(type); inner != modules_.end()) {
        add_instance(cell, *inner->second, full, path, bits);
      } else if (type.starts_with("$")) {
        fail("{}: cell {} is Yosys' {}; expected a netlist mapped to {} (dfflibmap, abc -liberty)", file_,
             full, type, liberty_.name);
      } else {
        fail("{}: cell {} has the type {}, which is neither a module nor a cell of {}", file_, full, type,
             liberty_.name);
      }
    }
    open_.erase(&module);
  }

  static bool is_blackbox(const Json& module) {
    const auto attributes = module.find("attributes");
    return attributes != module.end() && attributes->contains("blackbox");
  }

  void add_instance(const Json& cell, const Json& module, const std::string& full, const std::string& path,
                    BitMap& outer) {
    BitMap inner = name_bits(module, full);
    for (const auto& [port_name, port] : module.at("ports").items()) {
      const auto connection = cell.at("connections").find(port_name);
      if (connection == cell.at("connections").end()) continue;
      const Json& inside = port.at("bits");
      if (inside.size() != connection->size())
        fail("{}: {}: port {} has the wrong width", file_, full, port_name);
      for (size_t i = 0; i < inside.size(); ++i) {
        nodes_.join(node_of((*connection)[i], outer, path, full), node_of(inside[i], inner, full, port_name));
      }
    }
    netlist_.groups.push_back(full);
    flatten(module, full, static_cast<uint32_t>(netlist_.groups.size() - 1), inner);
  }

  void add_cell(const Json& cell, const std::string& full, uint32_t index, uint32_t group, BitMap& bits) {
    const LibertyCell& type = liberty_.cells[index];
    // Fillers, taps and antenna diodes have no part in the logic.
    if (!type.sequential && type.has_no_output()) return;
    const bool is_register = options_.registers && type.edge_triggered();
    if (!type.combinational() && !is_register) {
      fail("{}: cell {} ({}) is a {}latch, a tri-state cell or has no function; expected {}", file_, full,
           type.name, options_.registers ? "" : "flip-flop, ",
           options_.registers ? "gates and flip-flops of one bit and one clock" : "combinational logic only");
    }
    NetlistCell result{full, index, group, std::vector<NetId>(type.pins.size(), kUnconnected)};
    for (const auto& [pin_name, connection] : cell.at("connections").items()) {
      const int pin = type.find_pin(pin_name);
      if (pin < 0 || connection.size() > 1) {
        fail("{}: cell {} ({}) has no one-bit pin {}", file_, full, type.name, pin_name);
      }
      if (connection.empty()) continue;
      result.pins[static_cast<size_t>(pin)] = node_of(connection[0], bits, "", full);
    }
    (is_register ? netlist_.registers : netlist_.cells).push_back(std::move(result));
  }

  // Replaces node numbers by net numbers.
  void make_nets() {
    std::vector<NetId> net_of(nodes_.size(), kUnconnected);
    for (uint32_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_.root(node) != node) continue;
      net_of[node] = static_cast<NetId>(netlist_.nets.size());
      netlist_.nets.push_back(nodes_.name(node));
    }
    if (nodes_.root(kConstant1) == kConstant0) fail("{}: the constants 0 and 1 are connected", file_);
    const auto renumber = [&](std::vector<NetId>& ids) {
      for (NetId& id : ids) {
        if (id != kUnconnected) id = net_of[nodes_.root(id)];
      }
    };
    for (NetlistPort& port : netlist_.inputs) renumber(port.bits);
    for (NetlistPort& port : netlist_.outputs) renumber(port.bits);
    for (NetlistCell& cell : netlist_.cells) renumber(cell.pins);
    for (NetlistCell& cell : netlist_.registers) renumber(cell.pins);
  }

  static constexpr uint32_t kNoDriver = std::numeric_limits<uint32_t>::max();
  static constexpr uint32_t kOutside = kNoDriver - 1;  // a constant, an input port or a register

  void set_driver(NetId net, uint32_t driver) {
    if (driver_[net] != kNoDriver) fail("{}: net {} has several drivers", file_, netlist_.nets[net]);
    driver_[net] = driver;
  }

  void require_driver(NetId net, std::string_view user) const {
    if (net == kUnconnected) fail("{}: an input of {} is not connected", file_, user);
    if (driver_[net] == kNoDriver) {
      fail("{}: net {}, used by {}, has no driver", file_, netlist_.nets[net], user);
    }
  }

  PinDirection direction(const NetlistCell& cell, size_t pin) const {
    return liberty_.cells[cell.liberty_cell].pins[pin].direction;
  }

  void set_driver_of_outputs(const NetlistCell& cell, uint32_t driver) {
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      if (direction(cell, pin) == PinDirection::output && cell.pins[pin] != kUnconnected) {
        set_driver(cell.pins[pin], driver);
      }
    }
  }

  void require_drivers(const NetlistCell& cell) const {
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      if (direction(cell, pin) == PinDirection::input) require_driver(cell.pins[pin], cell.name);
    }
  }

  void find_drivers() {
    driver_.assign(netlist_.nets.size(), kNoDriver);
    driver_[kConstant0] = driver_[kConstant1] = kOutside;
    for (const NetlistPort& port : netlist_.inputs) {
      for (const NetId net : port.bits) set_driver(net, kOutside);
    }
    for (const NetlistCell& cell : netlist_.registers) set_driver_of_outputs(cell, kOutside);
    for (uint32_t i = 0; i < netlist_.cells.size(); ++i) set_driver_of_outputs(netlist_.cells[i], i);
    for (const NetlistCell& cell : netlist_.registers) require_drivers(cell);
    for (const NetlistCell& cell : netlist_.cells) require_drivers(cell);
    for (const NetlistPort& port : netlist_.outputs) {
      for (const NetId net : port.bits) require_driver(net, "output " + port.name);
    }
  }

  // Kahn's algorithm over cells.
  void sort_cells() {
    const size_t count = netlist_.cells.size();
    std::vector<std::vector<uint32_t>> users(count);
    std::vector<uint32_t> waiting(count, 0);
    for (uint32_t i = 0; i < count; ++i) {
      const NetlistCell& cell = netlist_.cells[i];
      for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
        if (direction(cell, pin) != PinDirection::input || driver_[cell.pins[pin]] == kOutside) continue;
        users[driver_[cell.pins[pin]]].push_back(i);
        ++waiting[i];
      }
    }
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < count; ++i) {
      if (waiting[i] == 0) order.push_back(i);
    }
    for (size_t next = 0; next < order.size(); ++next) {
      for (const uint32_t user : users[order[next]]) {
        if (--waiting[user] == 0) order.push_back(user);
      }
    }
    if (order.size() != count) fail_on_loop(waiting);
    std::vector<NetlistCell> sorted;
    sorted.reserve(count);
    for (const uint32_t i : order) sorted.push_back(std::move(netlist_.cells[i]));
    netlist_.cells = std::move(sorted);
  }

  // Walks back from a waiting cell through waiting drivers until a cell comes up twice: that is on the loop.
  [[noreturn]] void fail_on_loop(const std::vector<uint32_t>& waiting) const {
    auto cell = static_cast<uint32_t>(
        std::find_if(waiting.begin(), waiting.end(), [](uint32_t n) { return n > 0; }) - waiting.begin());
    std::vector<bool> seen(waiting.size(), false);
    while (!seen[cell]) {
      seen[cell] = true;
      const NetlistCell& current = netlist_.cells[cell];
      for (size_t pin = 0; pin < current.pins.size(); ++pin) {
        if (direction(current, pin) != PinDirection::input) continue;
        const uint32_t driver = driver_[current.pins[pin]];
        if (driver != kOutside && waiting[driver] > 0) cell = driver;
      }
    }
    fail("{}: combinational loop through cell {}", file_, netlist_.cells[cell].name);
  }

  std::string file_;
  const Liberty& liberty_;
  const NetlistOptions& options_;
  std::unordered_map<std::string, size_t> cell_index_;
  std::unordered_map<std::string, const Json*> modules_;
  std::set<const Json*> open_;  // modules whose instances are being flattened
  NodeSet nodes_;
  Netlist netlist_;
  std::vector<uint32_t> driver_;
};

}  // namespace

int Netlist::find_group(std::string_view path) const {
  const auto found = std::find(groups.begin(), groups.end(), path);
  return found == groups.end() ? -1 : static_cast<int>(found - groups.begin());
}

Netlist read_netlist(const std::filesystem::path& json, const Liberty& liberty,
                     const NetlistOptions& options) {
  return Reader(json, liberty, options).read();
}

}  // namespace assay
