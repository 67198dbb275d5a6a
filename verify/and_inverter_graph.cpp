#include "verify/and_inverter_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

using Literal = AndInverterGraph::Literal;

// "c[3]": c and 3; "c": c and 0.
std::pair<std::string, int> split_name(const std::string& bit) {
  const size_t bracket = bit.find('[');
  return {bit.substr(0, bracket), bracket == std::string::npos ? 0 : std::stoi(bit.substr(bracket + 1))};
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    if (end > at) words.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// A signal as a sum of products of others.
struct Cover {
  std::vector<std::string> inputs;
  std::vector<std::string> products;  // a character an input: 0, 1 or -
};

struct Blif {
  std::vector<std::string> inputs, outputs;
  std::unordered_map<std::string, Cover> covers;
};

Blif read_blif(std::string_view text, const std::string& what) {
  Blif blif;
  Cover* cover = nullptr;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::vector<std::string> words = words_of(text.substr(at, end - at));
    at = end + 1;
    if (words.empty() || words[0].starts_with('#') || words[0] == ".model" || words[0] == ".end") continue;
    if (words[0] == ".inputs") {
      blif.inputs.insert(blif.inputs.end(), words.begin() + 1, words.end());
    } else if (words[0] == ".outputs") {
      blif.outputs.insert(blif.outputs.end(), words.begin() + 1, words.end());
    } else if (words[0] == ".names" && words.size() > 1) {
      cover = &blif.covers[words.back()];
      cover->inputs.assign(words.begin() + 1, words.end() - 1);
    } else if (cover != nullptr && words.back() == "1" && words.size() == (cover->inputs.empty() ? 1U : 2U) &&
               (cover->inputs.empty() || words[0].size() == cover->inputs.size())) {
      cover->products.push_back(cover->inputs.empty() ? "" : words[0]);
    } else {
      fail("{}: BLIF that is not understood: {}", what, words[0]);
    }
  }
  return blif;
}

}  // namespace

Literal AndInverterGraph::input(const std::string& name) {
  const auto [at, is_new] = input_literals_.try_emplace(name, static_cast<Literal>(2 * nodes_.size()));
  if (is_new) {
    nodes_.push_back({static_cast<Literal>(2 * input_names_.size()), kFalse, true});
    input_names_.push_back(name);
  }
  return at->second;
}

Literal AndInverterGraph::conjunction(Literal x, Literal y) {
  if (x > y) std::swap(x, y);
  if (x == kFalse || x == (y ^ 1)) return kFalse;
  if (x == kTrue || x == y) return y;
  const auto [at, is_new] =
      hashed_.try_emplace(uint64_t{x} << 32 | y, static_cast<Literal>(2 * nodes_.size()));
  if (is_new) nodes_.push_back({x, y, false});
  return at->second;
}

Literal AndInverterGraph::exclusive_or(Literal x, Literal y) {
  return conjunction(conjunction(x, y) ^ 1, conjunction(x ^ 1, y ^ 1) ^ 1);
}

std::vector<Literal> AndInverterGraph::add(const AndInverterGraph& other,
                                           const std::map<std::string, bool>& constants) {
  std::vector<Literal> here(other.nodes_.size());
  for (size_t i = 1; i < here.size(); ++i) {
    const Node& node = other.nodes_[i];
    if (!node.is_input) {
      here[i] = conjunction(copy_of(here, node.x), copy_of(here, node.y));
      continue;
    }
    const std::string& name = other.input_names_[node.x >> 1];
    const auto at = constants.find(name);
    here[i] = at == constants.end() ? input(name) : at->second ? kTrue : kFalse;
  }
  return here;
}

std::vector<uint32_t> AndInverterGraph::uses() const {
  std::vector<uint32_t> uses(nodes_.size(), 0);
  for (const auto& [name, literal] : outputs_) ++uses[literal >> 1];
  for (size_t i = nodes_.size(); i-- > 1;) {
    if (uses[i] == 0 || nodes_[i].is_input) continue;
    ++uses[nodes_[i].x >> 1];
    ++uses[nodes_[i].y >> 1];
  }
  uses[0] = 0;
  return uses;
}

std::string AndInverterGraph::aiger() const {
  const std::vector<uint32_t> used = uses();
  std::vector<Literal> number(nodes_.size(), 0);
  auto next = static_cast<Literal>(input_names_.size() + 1);
  for (size_t i = 1; i < nodes_.size(); ++i) {
    if (nodes_[i].is_input) {
      number[i] = 2 + nodes_[i].x;
    } else if (used[i] != 0) {
      number[i] = 2 * next++;
    }
  }
  const auto numbered = [&](Literal literal) { return number[literal >> 1] ^ (literal & 1); };
  const size_t inputs = input_names_.size();
  std::string text = fmt::format("aig {} {} 0 {} {}\n", next - 1, inputs, outputs_.size(), next - 1 - inputs);
  for (const auto& [name, literal] : outputs_) text += fmt::format("{}\n", numbered(literal));
  const auto put_number = [&](Literal value) {
    for (; value >= 0x80; value >>= 7) text += static_cast<char>(0x80 | (value & 0x7f));
    text += static_cast<char>(value);
  };
  for (size_t i = 1; i < nodes_.size(); ++i) {
    if (nodes_[i].is_input || used[i] == 0) continue;
    const auto [less, greater] = std::minmax({numbered(nodes_[i].x), numbered(nodes_[i].y)});
    put_number(number[i] - greater);
    put_number(greater - less);
  }
  for (size_t i = 0; i < inputs; ++i) text += fmt::format("i{} {}\n", i, input_names_[i]);
  size_t o = 0;
  for (const auto& [name, literal] : outputs_) text += fmt::format("o{} {}\n", o++, name);
  return text;
}

AndInverterGraph parse_blif(std::string_view text, const std::string& what) {
  const Blif blif = read_blif(text, what);
  AndInverterGraph graph;
  std::unordered_map<std::string, Literal> known;
  for (const std::string& name : blif.inputs) known[name] = graph.input(name);
  const auto value_of = [&](const Cover& cover) {
    Literal sum = AndInverterGraph::kFalse;
    for (const std::string& product : cover.products) {
      Literal term = AndInverterGraph::kTrue;
      for (size_t i = 0; i < product.size(); ++i) {
        if (product[i] != '-')
          term = graph.conjunction(term, known.at(cover.inputs[i]) ^ Literal{product[i] == '0'});
      }
      sum = graph.disjunction(sum, term);
    }
    return sum;
  };
  for (const std::string& output : blif.outputs) {
    // Depth first; a signal stays on the stack until those it needs are known.
    std::vector<std::string> stack = {output};
    std::unordered_set<std::string> waiting;
    while (!stack.empty()) {
      const std::string name = stack.back();
      if (known.contains(name)) {
        stack.pop_back();
        continue;
      }
      const auto at = blif.covers.find(name);
      if (at == blif.covers.end()) fail("{}: nothing drives {}", what, name);
      const size_t before = stack.size();
      for (const std::string& needed : at->second.inputs) {
        if (!known.contains(needed)) stack.push_back(needed);
      }
      if (stack.size() == before) {
        known[name] = value_of(at->second);
      } else if (!waiting.insert(name).second) {
        fail("{}: {} is in a loop", what, name);
      }
    }
    graph.set_output(output, known.at(output));
  }
  return graph;
}

std::map<std::string, bool> port_bits(const AndInverterGraph& graph, const std::string& port,
                                      uint64_t value) {
  std::map<std::string, bool> bits;
  const auto ports = ports_of(graph);
  const auto at = ports.find(port);
  if (at == ports.end()) return bits;
  for (const auto& [place, name] : at->second) bits[name] = (value >> place & 1) != 0;
  return bits;
}

std::map<std::string, uint64_t> port_values(const std::map<std::string, bool>& bits) {
  std::map<std::string, uint64_t> values;
  for (const auto& [name, value] : bits) {
    const auto [port, place] = split_name(name);
    values[port] |= uint64_t{value} << place;
  }
  return values;
}

AndInverterGraph with_constants(const AndInverterGraph& graph, const std::map<std::string, bool>& constants) {
  AndInverterGraph result;
  const std::vector<Literal> here = result.add(graph, constants);
  for (const auto& [name, literal] : graph.outputs()) result.set_output(name, copy_of(here, literal));
  return result;
}

AndInverterGraph miter(const AndInverterGraph& a, const AndInverterGraph& b) {
  AndInverterGraph both;
  const std::vector<Literal> of_a = both.add(a, {}), of_b = both.add(b, {});
  Literal different = AndInverterGraph::kFalse;
  for (const auto& [name, literal] : a.outputs()) {
    const auto at = b.outputs().find(name);
    if (at == b.outputs().end() || a.outputs().size() != b.outputs().size()) {
      fail("only equally named outputs can be compared: {}", name);
    }
    different =
        both.disjunction(different, both.exclusive_or(copy_of(of_a, literal), copy_of(of_b, at->second)));
  }
  both.set_output("different", different);
  return both;
}

std::map<std::string, std::map<int, std::string>> ports_of(const AndInverterGraph& graph) {
  std::map<std::string, std::map<int, std::string>> ports;
  for (const std::string& name : graph.inputs()) {
    const auto [port, place] = split_name(name);
    ports[port][place] = name;
  }
  return ports;
}

}  // namespace assay
