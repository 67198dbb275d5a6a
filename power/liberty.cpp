#include "power/liberty.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "power/liberty_syntax.h"

namespace assay {
namespace {

// What a table's axis stands for.
enum class Axis { slew, load };

struct TableTemplate {
  std::vector<std::optional<Axis>> variables;  // empty optional: an axis of no use here
  std::vector<std::vector<double>> indices;
};

// Where an error is: file, and cell if one is being read.
struct Place {
  std::string file;
  std::string cell;

  std::string at(int line) const {
    return cell.empty() ? fmt::format("{}:{}", file, line) : fmt::format("{}:{}: cell {}", file, line, cell);
  }
};

double parse_number(std::string_view text, const std::string& where) {
  const size_t begin = text.find_first_not_of(" \t+");
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(begin == std::string_view::npos ? end : text.data() + begin, end, value);
  const bool blank_rest = std::all_of(stop, end, [](char c) { return c == ' ' || c == '\t'; });
  if (error != std::errc() || !blank_rest || !std::isfinite(value)) {
    fail("{}: expected a number, found \"{}\"", where, text);
  }
  return value;
}

double number(const LibertyAttribute& attribute, const Place& place) {
  if (attribute.values.empty()) fail("{}: {} has no value", place.at(attribute.line), attribute.name);
  return parse_number(attribute.values.front(), place.at(attribute.line) + ": " + attribute.name);
}

double number_or(const LibertyGroup& group, std::string_view name, double otherwise, const Place& place) {
  const LibertyAttribute* attribute = group.find(name);
  return attribute == nullptr ? otherwise : number(*attribute, place);
}

std::string text_or(const LibertyGroup& group, std::string_view name, std::string_view otherwise = "") {
  const LibertyAttribute* attribute = group.find(name);
  return attribute == nullptr || attribute->values.empty() ? std::string(otherwise)
                                                           : attribute->values.front();
}

bool flag(const LibertyGroup& group, std::string_view name) {
  return text_or(group, name) == "true";
}

std::vector<double> number_list(const LibertyAttribute& attribute, const Place& place) {
  const std::string where = place.at(attribute.line) + ": " + attribute.name;
  std::vector<double> numbers;
  for (const std::string& value : attribute.values) {
    const std::string_view text = value;
    for (size_t begin = text.find_first_not_of(" \t,"); begin != std::string_view::npos;) {
      const size_t end = std::min(text.find_first_of(" \t,", begin), text.size());
      numbers.push_back(parse_number(text.substr(begin, end - begin), where));
      begin = text.find_first_not_of(" \t,", end);
    }
  }
  return numbers;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  for (size_t begin = text.find_first_not_of(" \t"); begin != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    result.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(" \t", end);
  }
  return result;
}

// "1ns", "10 ps", "1V", "1nW" -> the value in the base unit (s, V, W, F).
double unit_value(std::string_view text, const std::string& where) {
  size_t split = 0;
  while (split < text.size() &&
         std::string_view("0123456789.+-").find(text[split]) != std::string_view::npos) {
    ++split;
  }
  const double factor = split == 0 ? 1.0 : parse_number(text.substr(0, split), where);
  while (split < text.size() && text[split] == ' ') ++split;
  if (split == text.size()) fail("{}: \"{}\" has no unit", where, text);
  static const std::map<char, double> prefixes = {{'m', 1e-3},  {'u', 1e-6},  {'n', 1e-9},
                                                  {'p', 1e-12}, {'f', 1e-15}, {'a', 1e-18}};
  if (text.size() - split == 1) return factor;
  const auto prefix = prefixes.find(text[split]);
  if (prefix == prefixes.end()) fail("{}: \"{}\" is not a unit", where, text);
  return factor * prefix->second;
}

double interpolation_weight(const std::vector<double>& axis, double x, size_t& low) {
  low = 0;
  if (axis.size() == 1 || x <= axis.front()) return 0.0;
  if (x >= axis.back()) {
    low = axis.size() - 2;
    return 1.0;
  }
  low = static_cast<size_t>(std::upper_bound(axis.begin(), axis.end(), x) - axis.begin()) - 1;
  return (x - axis[low]) / (axis[low + 1] - axis[low]);
}

// Reads the groups of one library.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : place_{file.string(), ""} { liberty_.file = file; }

  Liberty read(const LibertyGroup& library) {
    liberty_.name = library.arguments.empty() ? "" : library.arguments.front();
    read_units(library);
    read_voltage(library);
    for (const LibertyGroup& group : library.groups) {
      if (group.name == "lu_table_template" || group.name == "power_lut_template") read_template(group);
    }
    default_leakage_ = number_or(library, "default_cell_leakage_power", 0.0, place_);
    default_input_capacitance_ = number_or(library, "default_input_pin_cap", 0.0, place_);
    for (const LibertyGroup& group : library.groups) {
      if (group.name == "cell") read_cell(group);
    }
    return std::move(liberty_);
  }

 private:
  void read_units(const LibertyGroup& library) {
    const auto unit = [&](std::string_view name, double otherwise) {
      const LibertyAttribute* attribute = library.find(name);
      if (attribute == nullptr || attribute->values.empty()) return otherwise;
      return unit_value(attribute->values.front(), place_.at(attribute->line) + ": " + attribute->name);
    };
    liberty_.time_unit = unit("time_unit", 1e-9) * 1e9;
    voltage_unit_ = unit("voltage_unit", 1.0);
    leakage_unit_ = unit("leakage_power_unit", 1e-9);
    const LibertyAttribute* load = library.find("capacitive_load_unit");
    if (load != nullptr) {
      const std::string where = place_.at(load->line) + ": " + load->name;
      if (load->values.size() != 2) fail("{}: expected (NUMBER, UNIT)", where);
      liberty_.capacitance_unit =
          parse_number(load->values[0], where) * unit_value(lower_case(load->values[1]), where) * 1e12;
    }
    // V_unit^2 * capacitance unit; V^2 * pF = pJ.
    energy_unit_ = voltage_unit_ * voltage_unit_ * liberty_.capacitance_unit;
    if (!(liberty_.time_unit > 0.0 && energy_unit_ > 0.0 && leakage_unit_ > 0.0)) {
      fail("{}: the library's units must be positive", place_.at(library.line));
    }
  }

  static std::string lower_case(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }

  // nom_voltage, else the voltage of the (default or only) operating conditions.
  void read_voltage(const LibertyGroup& library) {
    const LibertyAttribute* nominal = library.find("nom_voltage");
    if (nominal != nullptr) liberty_.voltage = number(*nominal, place_);
    const std::string wanted = text_or(library, "default_operating_conditions");
    for (const LibertyGroup& group : library.groups) {
      if (nominal != nullptr || group.name != "operating_conditions") continue;
      const bool is_wanted = !group.arguments.empty() && group.arguments.front() == wanted;
      if (liberty_.voltage == 0.0 || is_wanted) liberty_.voltage = number_or(group, "voltage", 0.0, place_);
    }
    liberty_.voltage *= voltage_unit_;
    if (!(liberty_.voltage > 0.0)) {
      fail("{}: expected a positive nom_voltage or an operating_conditions group with a voltage",
           place_.at(library.line));
    }
  }

  void read_template(const LibertyGroup& group) {
    if (group.arguments.empty()) fail("{}: {} has no name", place_.at(group.line), group.name);
    TableTemplate result;
    for (int i = 1; i <= 3; ++i) {
      const LibertyAttribute* variable = group.find(fmt::format("variable_{}", i));
      if (variable == nullptr) break;
      const std::string meaning = variable->values.empty() ? "" : variable->values.front();
      std::optional<Axis> axis;
      if (meaning == "input_net_transition" || meaning == "input_transition_time") axis = Axis::slew;
      if (meaning == "total_output_net_capacitance") axis = Axis::load;
      result.variables.push_back(axis);
      const LibertyAttribute* index = group.find(fmt::format("index_{}", i));
      result.indices.push_back(index == nullptr ? std::vector<double>{} : number_list(*index, place_));
    }
    templates_[group.arguments.front()] = std::move(result);
  }

  const TableTemplate& find_template(const LibertyGroup& group) const {
    static const TableTemplate scalar;
    const std::string name = group.arguments.empty() ? "scalar" : group.arguments.front();
    const auto found = templates_.find(name);
    if (found != templates_.end()) return found->second;
    if (name != "scalar")
      fail("{}: {} uses the unknown template {}", place_.at(group.line), group.name, name);
    return scalar;
  }

  // `unit` scales the values. Rearranged to [slew][load] whatever the order in the file.
  LookupTable read_table(const LibertyGroup& group, double unit) const {
    const std::string where = place_.at(group.line) + ": " + group.name;
    const TableTemplate& shape = find_template(group);
    if (shape.variables.size() > 2) fail("{}: expected a table of at most two dimensions", where);
    LookupTable table{{0.0}, {0.0}, {}};
    for (size_t i = 0; i < shape.variables.size(); ++i) {
      const LibertyAttribute* index = group.find(fmt::format("index_{}", i + 1));
      std::vector<double> axis = index == nullptr ? shape.indices[i] : number_list(*index, place_);
      if (!shape.variables[i]) {
        fail("{}: variable_{} must be the input transition or the output capacitance", where, i + 1);
      }
      const bool rising = std::adjacent_find(axis.begin(), axis.end(), std::greater_equal<>()) == axis.end();
      if (axis.empty() || !rising) fail("{}: index_{} must be a rising list of numbers", where, i + 1);
      const bool is_slew = *shape.variables[i] == Axis::slew;
      for (double& x : axis) x *= is_slew ? liberty_.time_unit : liberty_.capacitance_unit;
      (is_slew ? table.slew : table.load) = std::move(axis);
    }
    if (shape.variables.size() == 2 && shape.variables[0] == shape.variables[1]) {
      fail("{}: both axes of the table are the same variable", where);
    }
    const LibertyAttribute* values = group.find("values");
    if (values == nullptr) fail("{}: has no values", where);
    table.values = number_list(*values, place_);
    const size_t expected = table.slew.size() * table.load.size();
    if (table.values.size() != expected) {
      fail("{}: expected {} values, found {}", where, expected, table.values.size());
    }
    if (shape.variables.size() == 2 && shape.variables[0] == Axis::load) transpose(table);
    for (double& value : table.values) value *= unit;
    return table;
  }

  static void transpose(LookupTable& table) {
    std::vector<double> turned(table.values.size());
    for (size_t i = 0; i < table.load.size(); ++i) {
      for (size_t j = 0; j < table.slew.size(); ++j) {
        turned[j * table.load.size() + i] = table.values[i * table.slew.size() + j];
      }
    }
    table.values = std::move(turned);
  }

  std::optional<LookupTable> find_table(const LibertyGroup& group, std::string_view name, double unit) const {
    for (const LibertyGroup& table : group.groups) {
      if (table.name == name) return read_table(table, unit);
    }
    return std::nullopt;
  }

  std::optional<BooleanFunction> find_function(const LibertyGroup& group, std::string_view name) const {
    const LibertyAttribute* attribute = group.find(name);
    if (attribute == nullptr || attribute->values.empty()) return std::nullopt;
    return parse_boolean_function(attribute->values.front(),
                                  place_.at(attribute->line) + ": " + attribute->name);
  }

  // `related_pin` may list several pins; each becomes an entry of its own.
  static std::vector<std::string> related_pins(const LibertyGroup& group) {
    std::vector<std::string> pins = words(text_or(group, "related_pin"));
    if (pins.empty()) pins.emplace_back();
    return pins;
  }

  void read_internal_power(const LibertyGroup& group, LibertyPin& pin) const {
    InternalPower power;
    power.related_supply = text_or(group, "related_pg_pin");
    power.when = find_function(group, "when");
    power.rise = find_table(group, "rise_power", energy_unit_);
    power.fall = find_table(group, "fall_power", energy_unit_);
    // `power` stands for both directions.
    if (const auto both = find_table(group, "power", energy_unit_)) power.rise = power.fall = both;
    if (!power.rise && !power.fall) return;
    for (const std::string& related : related_pins(group)) {
      power.related_pin = related;
      pin.internal_power.push_back(power);
    }
  }

  void read_timing(const LibertyGroup& group, LibertyPin& pin) const {
    TimingArc arc;
    arc.type = text_or(group, "timing_type", "combinational");
    arc.cell_rise = find_table(group, "cell_rise", liberty_.time_unit);
    arc.cell_fall = find_table(group, "cell_fall", liberty_.time_unit);
    arc.rise_transition = find_table(group, "rise_transition", liberty_.time_unit);
    arc.fall_transition = find_table(group, "fall_transition", liberty_.time_unit);
    if (!arc.cell_rise && !arc.cell_fall && !arc.rise_transition && !arc.fall_transition) return;
    for (const std::string& related : related_pins(group)) {
      arc.related_pin = related;
      pin.timing.push_back(arc);
    }
  }

  void read_pin(const LibertyGroup& group, LibertyCell& cell) const {
    LibertyPin pin;
    static const std::map<std::string, PinDirection, std::less<>> directions = {
        {"input", PinDirection::input},
        {"output", PinDirection::output},
        {"inout", PinDirection::inout},
        {"internal", PinDirection::internal}};
    const std::string direction = text_or(group, "direction");
    const auto found = directions.find(direction);
    if (found == directions.end()) {
      fail("{}: pin direction must be input, output, inout or internal, found \"{}\"", place_.at(group.line),
           direction);
    }
    pin.direction = found->second;
    const double otherwise = pin.direction == PinDirection::input ? default_input_capacitance_ : 0.0;
    pin.capacitance = number_or(group, "capacitance", otherwise, place_) * liberty_.capacitance_unit;
    pin.clock = flag(group, "clock");
    pin.three_state = group.find("three_state") != nullptr;
    pin.function = find_function(group, "function");
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "internal_power") read_internal_power(child, pin);
      if (child.name == "timing") read_timing(child, pin);
    }
    if (group.arguments.empty()) fail("{}: pin has no name", place_.at(group.line));
    for (const std::string& name : group.arguments) {
      if (cell.find_pin(name) >= 0) fail("{}: pin {} is defined twice", place_.at(group.line), name);
      pin.name = name;
      cell.pins.push_back(pin);
    }
  }

  void read_flip_flop(const LibertyGroup& group, LibertyCell& cell) const {
    auto next_state = find_function(group, "next_state");
    auto clocked_on = find_function(group, "clocked_on");
    if (group.arguments.size() != 2) fail("{}: expected ff (STATE, INVERTED_STATE)", place_.at(group.line));
    if (!next_state || !clocked_on) fail("{}: ff needs next_state and clocked_on", place_.at(group.line));
    if (group.find("clocked_on_also") != nullptr) return;  // two clocks
    FlipFlop flip_flop{group.arguments[0],
                       group.arguments[1],
                       std::move(*next_state),
                       std::move(*clocked_on),
                       find_function(group, "clear"),
                       find_function(group, "preset"),
                       text_or(group, "clear_preset_var1") == "H",
                       {}};
    for (const auto& control : {flip_flop.clear, flip_flop.preset}) {
      if (!control) continue;
      for (const std::string& pin : control->variables) flip_flop.clear_and_preset.push_back(pin);
    }
    cell.flip_flop = std::move(flip_flop);
  }

  // Mean of the leakage_power groups over states, summed over supplies. Groups without a condition already
  // are such a mean and go before the others.
  std::optional<double> leakage_of_states(const LibertyGroup& cell) const {
    std::map<std::string, double> general;                      // supply -> value
    std::map<std::string, std::pair<double, int>> conditional;  // supply -> sum, count
    for (const LibertyGroup& group : cell.groups) {
      if (group.name != "leakage_power") continue;
      const std::string supply = text_or(group, "related_pg_pin");
      const double value = number_or(group, "value", 0.0, place_);
      if (group.find("when") == nullptr) {
        general[supply] = value;
      } else {
        conditional[supply].first += value;
        ++conditional[supply].second;
      }
    }
    double total = 0.0;
    for (const auto& [supply, value] : general) total += value;
    if (!general.empty()) return total;
    for (const auto& [supply, sum] : conditional) total += sum.first / sum.second;
    return conditional.empty() ? std::nullopt : std::optional(total);
  }

  void read_cell(const LibertyGroup& group) {
    if (group.arguments.size() != 1) fail("{}: expected cell (NAME)", place_.at(group.line));
    LibertyCell cell;
    cell.name = place_.cell = group.arguments.front();
    if (!names_.emplace(cell.name, liberty_.cells.size()).second) {
      fail("{}: the cell is defined twice", place_.at(group.line));
    }
    cell.area = number_or(group, "area", 0.0, place_);
    cell.dont_use = flag(group, "dont_use");
    const LibertyAttribute* leakage = group.find("cell_leakage_power");
    const std::optional<double> of_states = leakage == nullptr ? leakage_of_states(group) : std::nullopt;
    cell.leakage = (leakage != nullptr ? number(*leakage, place_) : of_states.value_or(default_leakage_)) *
                   leakage_unit_;
    int states = 0;
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "pin") read_pin(child, cell);
      if (child.name == "ff") read_flip_flop(child, cell);
      states += child.name == "ff" || child.name == "latch" || child.name == "statetable" ||
                child.name == "ff_bank" || child.name == "latch_bank";
    }
    cell.sequential = states > 0;
    if (states > 1) cell.flip_flop.reset();
    liberty_.cells.push_back(std::move(cell));
    place_.cell.clear();
  }

  Place place_;
  Liberty liberty_;
  double voltage_unit_ = 1.0;
  double leakage_unit_ = 1e-9;
  double energy_unit_ = 1.0;
  double default_leakage_ = 0.0;
  double default_input_capacitance_ = 0.0;
  std::map<std::string, TableTemplate> templates_;
  std::map<std::string, size_t> names_;
};

}  // namespace

double LookupTable::at(double slew_ns, double load_pf) const {
  size_t i = 0;
  size_t j = 0;
  const double u = interpolation_weight(slew, slew_ns, i);
  const double v = interpolation_weight(load, load_pf, j);
  const size_t width = load.size();
  const size_t next_i = slew.size() > 1 ? i + 1 : i;
  const size_t next_j = width > 1 ? j + 1 : j;
  const double low = values[i * width + j] * (1.0 - v) + values[i * width + next_j] * v;
  const double high = values[next_i * width + j] * (1.0 - v) + values[next_i * width + next_j] * v;
  return low * (1.0 - u) + high * u;
}

int LibertyCell::find_pin(std::string_view pin) const {
  for (size_t i = 0; i < pins.size(); ++i) {
    if (pins[i].name == pin) return static_cast<int>(i);
  }
  return -1;
}

std::vector<std::string> LibertyCell::input_names() const {
  std::vector<std::string> names;
  for (const LibertyPin& pin : pins) {
    if (pin.direction == PinDirection::input) names.push_back(pin.name);
  }
  return names;
}

bool LibertyCell::combinational() const {
  const auto plain = [](const LibertyPin& pin) {
    if (pin.direction == PinDirection::output) return pin.function.has_value() && !pin.three_state;
    return pin.direction == PinDirection::input;
  };
  return !sequential && !has_no_output() && std::all_of(pins.begin(), pins.end(), plain);
}

bool LibertyCell::has_no_output() const {
  return std::none_of(pins.begin(), pins.end(), [](const LibertyPin& pin) {
    return pin.direction == PinDirection::output || pin.direction == PinDirection::inout;
  });
}

bool LibertyCell::edge_triggered() const {
  return flip_flop && std::all_of(pins.begin(), pins.end(), [&](const LibertyPin& pin) {
           if (pin.direction != PinDirection::output) return pin.direction != PinDirection::inout;
           const auto is_state = [&](const std::string& variable) {
             return variable == flip_flop->state || variable == flip_flop->inverted_state;
           };
           return !pin.three_state && pin.function &&
                  std::all_of(pin.function->variables.begin(), pin.function->variables.end(), is_state);
         });
}

int Liberty::find_cell(std::string_view cell) const {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].name == cell) return static_cast<int>(i);
  }
  return -1;
}

std::string read_liberty_text(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) fail("{}: expected a Liberty file", file.string());
  // gzread passes files that are not packed through unchanged.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) fail("{}: cannot open", file.string());
  gzbuffer(in.get(), 1 << 18);
  std::string text;
  std::vector<char> buffer(1 << 18);
  for (;;) {
    const int count = gzread(in.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
    if (count > 0) continue;
    int status = Z_OK;
    const char* message = gzerror(in.get(), &status);
    if (count < 0 || status != Z_OK) fail("{}: cannot unpack: {}", file.string(), message);
    return text;
  }
}

Liberty parse_liberty(std::string_view text, const std::filesystem::path& file) {
  return Reader(file).read(parse_liberty_syntax(text, file.string()));
}

Liberty read_liberty(const std::filesystem::path& file) {
  return parse_liberty(read_liberty_text(file), file);
}

std::filesystem::path default_liberty() {
  std::filesystem::path file = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  if (!std::filesystem::exists(file)) {
    fail("{}: the default cell library is missing; install the package qflow-tech-osu018", file.string());
  }
  return file;
}

}  // namespace assay
