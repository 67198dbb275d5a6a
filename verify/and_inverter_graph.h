// And-inverter graphs: combinational logic as two-input ANDs and inverters, in which equal structure is one node.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace assay {

class AndInverterGraph {
 public:
  using Literal = uint32_t;  // twice a node, plus one if inverted; node 0 is the constant 0
  static constexpr Literal kFalse = 0, kTrue = 1;

  Literal input(const std::string& name);  // a new one, or that of this name
  Literal conjunction(Literal x, Literal y);
  Literal disjunction(Literal x, Literal y) { return conjunction(x ^ 1, y ^ 1) ^ 1; }
  Literal exclusive_or(Literal x, Literal y);
  void set_output(const std::string& name, Literal value) { outputs_[name] = value; }
  void remove_output(const std::string& name) { outputs_.erase(name); }

  // Adds the logic of another graph, in which some inputs are constants: what each of its nodes is in this one.
  std::vector<Literal> add(const AndInverterGraph& other, const std::map<std::string, bool>& constants);

  const std::vector<std::string>& inputs() const { return input_names_; }
  const std::map<std::string, Literal>& outputs() const { return outputs_; }
  size_t size() const { return nodes_.size(); }

  struct Node {
    Literal x = kFalse, y = kFalse;  // of an input: its index, twice
    bool is_input = false;
  };
  const std::vector<Node>& nodes() const { return nodes_; }  // each after those it uses

  // How many nodes use each node, of those that the outputs depend on; of others 0.
  std::vector<uint32_t> uses() const;

  // What the outputs depend on, in the binary format AIGER 1.9 with the inputs' names; all inputs stay.
  std::string aiger() const;

 private:
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::unordered_map<uint64_t, Literal> hashed_;
  std::vector<std::string> input_names_;
  std::map<std::string, Literal> input_literals_, outputs_;
};

// One model of BLIF with covers of ones (`write_blif` of Yosys). Throws Error "what: ..." if it is anything else.
AndInverterGraph parse_blif(std::string_view text, const std::string& what);

// The literal of another graph, given what each of its nodes is here.
inline AndInverterGraph::Literal copy_of(const std::vector<AndInverterGraph::Literal>& nodes,
                                         AndInverterGraph::Literal literal) {
  return nodes[literal >> 1] ^ (literal & 1);
}

// The bits of an input port, as those of `value`.
std::map<std::string, bool> port_bits(const AndInverterGraph& graph, const std::string& port, uint64_t value);

// The other way round: the values of ports that have these bits, with 0 for what is not among them.
std::map<std::string, uint64_t> port_values(const std::map<std::string, bool>& bits);

// The graph with some inputs constants.
AndInverterGraph with_constants(const AndInverterGraph& graph, const std::map<std::string, bool>& constants);

// One output, `different`: whether any of the equally named outputs of two graphs differ.
AndInverterGraph miter(const AndInverterGraph& a, const AndInverterGraph& b);

// The input ports, each with its bits from the least: x of x[0], x[1], ...; y of y.
std::map<std::string, std::map<int, std::string>> ports_of(const AndInverterGraph& graph);

}  // namespace assay
