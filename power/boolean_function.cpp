#include "power/boolean_function.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace assay {
namespace {

using Operator = BooleanFunction::Operator;

// Recursive descent; the depth is limited so that hostile text cannot exhaust the stack.
class Parser {
 public:
  Parser(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  BooleanFunction parse() {
    parse_or();
    if (position_ != text_.size()) fail_here("an operator");
    return std::move(function_);
  }

 private:
  static constexpr int kMaxDepth = 200;

  [[noreturn]] void fail_here(std::string_view expected) const {
    fail("{}: \"{}\" is not a Boolean function: expected {} at character {}", where_, text_, expected,
         position_ + 1);
  }

  char peek() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])))
      ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  static bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '[' || c == ']' || c == '.';
  }

  uint32_t add(Operator op, uint32_t left = 0, uint32_t right = 0) {
    function_.nodes.push_back({op, left, right});
    return static_cast<uint32_t>(function_.nodes.size() - 1);
  }

  uint32_t parse_or() {
    if (++depth_ > kMaxDepth) fail_here("fewer nested parentheses");
    uint32_t left = parse_and();
    while (peek() == '+' || peek() == '|') {
      ++position_;
      const uint32_t right = parse_and();
      left = add(Operator::op_or, left, right);
    }
    --depth_;
    return left;
  }

  uint32_t parse_and() {
    uint32_t left = parse_xor();
    for (char c = peek(); c == '&' || c == '*' || c == '(' || c == '!' || is_name_character(c); c = peek()) {
      if (c == '&' || c == '*') ++position_;
      const uint32_t right = parse_xor();
      left = add(Operator::op_and, left, right);
    }
    return left;
  }

  uint32_t parse_xor() {
    uint32_t left = parse_not();
    while (peek() == '^') {
      ++position_;
      const uint32_t right = parse_not();
      left = add(Operator::op_xor, left, right);
    }
    return left;
  }

  uint32_t parse_not() {
    bool complemented = false;
    for (; peek() == '!'; ++position_) complemented = !complemented;
    uint32_t node = parse_primary();
    for (; peek() == '\''; ++position_) complemented = !complemented;
    return complemented ? add(Operator::op_not, node) : node;
  }

  uint32_t parse_primary() {
    const char c = peek();
    if (c == '(') {
      ++position_;
      const uint32_t node = parse_or();
      if (peek() != ')') fail_here("')'");
      ++position_;
      return node;
    }
    if (!is_name_character(c)) fail_here("a pin name, a constant or '('");
    const size_t begin = position_;
    while (position_ < text_.size() && is_name_character(text_[position_])) ++position_;
    const std::string name(text_.substr(begin, position_ - begin));
    if (name == "0") return add(Operator::constant_0);
    if (name == "1") return add(Operator::constant_1);
    return add(Operator::variable, variable(name));
  }

  uint32_t variable(const std::string& name) {
    auto& names = function_.variables;
    const auto found = std::find(names.begin(), names.end(), name);
    const auto index = static_cast<uint32_t>(found - names.begin());
    if (found == names.end()) names.push_back(name);
    return index;
  }

  std::string_view text_;
  std::string_view where_;
  size_t position_ = 0;
  int depth_ = 0;
  BooleanFunction function_;
};

}  // namespace

uint64_t BooleanFunction::evaluate(std::span<const uint64_t> values) const {
  std::vector<uint64_t> result(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    switch (node.op) {
      case Operator::constant_0:
        result[i] = 0;
        break;
      case Operator::constant_1:
        result[i] = ~uint64_t{0};
        break;
      case Operator::variable:
        result[i] = values[node.left];
        break;
      case Operator::op_not:
        result[i] = ~result[node.left];
        break;
      case Operator::op_and:
        result[i] = result[node.left] & result[node.right];
        break;
      case Operator::op_or:
        result[i] = result[node.left] | result[node.right];
        break;
      case Operator::op_xor:
        result[i] = result[node.left] ^ result[node.right];
        break;
    }
  }
  return result.back();
}

BooleanFunction parse_boolean_function(std::string_view text, std::string_view where) {
  return Parser(text, where).parse();
}

uint64_t truth_table(const BooleanFunction& function, std::span<const std::string> inputs,
                     std::string_view where) {
  if (inputs.size() > kMaxTruthTableInputs) {
    fail("{}: expected at most {} inputs, found {}", where, kMaxTruthTableInputs, inputs.size());
  }
  std::vector<uint64_t> values;
  for (const std::string& variable : function.variables) {
    const auto found = std::find(inputs.begin(), inputs.end(), variable);
    if (found == inputs.end()) fail("{}: \"{}\" is not an input pin", where, variable);
    values.push_back(kTruthTableOfInput[found - inputs.begin()]);
  }
  return function.evaluate(values);
}

}  // namespace assay
