// Mutation testing itself: what simulation and proof say of a mutant agrees, faults are killed, gaps are found.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "rtl/catalog.h"
#include "verify/equivalence.h"
#include "verify/exhaustion.h"
#include "verify/fault_miter.h"
#include "verify/fault_region.h"
#include "verify/minimum_cut.h"
#include "verify/mutation.h"

using namespace assay;

namespace {

const std::filesystem::path kRtl = std::filesystem::path(ASSAY_SOURCE_DIR) / "rtl";

TestBench bench_of(const std::string& unit) {
  return catalog_test_bench(find_in_catalog(parse_unit(unit), kRtl).value(), kRtl);
}

MutationOptions options_of(int mutants, int threads) {
  MutationOptions options;
  options.mutants = mutants;
  options.threads = threads;
  return options;
}

bool is_equivalent(const Mutant& mutant) {
  return mutant.fate == MutantFate::equivalent || mutant.fate == MutantFate::exhausted;
}

}  // namespace

// The solver and the exhaustive simulation share nothing but the mutated design.
TEST_CASE("proofs and exhaustive simulation find the same mutants equivalent, for any number of threads") {
  for (const char* unit : {"mul-int4-int4-int8", "mul-e5m2-e4m3-e5m2-rup", "mac-e2m1-e2m1-e2m3-odd"}) {
    CAPTURE(unit);
    TestBench bench = bench_of(unit);
    const MutationReport exhaustive = test_by_mutation(bench, options_of(150, 2));
    bench.stimulus.exhaustive_bits = 0;
    bench.stimulus.random_vectors = 10'000;
    const MutationReport proved = test_by_mutation(bench, options_of(150, 1));
    REQUIRE(exhaustive.mutants.size() == 150);
    REQUIRE(proved.mutants.size() == 150);
    for (size_t i = 0; i < 150; ++i) {
      CAPTURE(exhaustive.mutants[i].change);
      CHECK(exhaustive.mutants[i].command == proved.mutants[i].command);
      CHECK(is_equivalent(exhaustive.mutants[i]) == is_equivalent(proved.mutants[i]));
      CHECK(proved.mutants[i].fate != MutantFate::open);
    }
    CHECK(exhaustive.count(MutantFate::killed) + exhaustive.count(MutantFate::exhausted) == 150);
    CHECK(exhaustive.count(MutantFate::exhausted) > 0);
    CHECK(exhaustive.share_killed() == 1);
  }
}

// A fault that shows only where two of its consequences meet, and one that never does.
TEST_CASE("the miter of a fault is what its outputs say") {
  // y = a & b | ~a & c, with the wire a & b stuck at 0 by s[0], or ~a & c taken for c & ~b by s[1].
  const std::string text =
      ".model m\n.inputs s[0] s[1] a b c\n.outputs y\n.names a b s[0] p\n110 1\n.names a b c s[1] q\n"
      "0-10 1\n-011 1\n.names p q y\n1- 1\n-1 1\n.end\n";
  const AndInverterGraph graph = parse_blif(text, "graph");
  for (const uint64_t fault : {1, 2, 3}) {
    const AndInverterGraph shown = fault_miter(graph, faulty_copies(graph, "s", fault));
    for (uint64_t x = 0; x < 8; ++x) {
      const bool a = (x & 1) != 0, b = (x & 2) != 0, c = (x & 4) != 0;
      const bool good = a ? b : c;
      const bool p = (fault & 1) == 0 && a && b, q = (fault & 2) == 0 ? !a && c : !b && c;
      CAPTURE(fault);
      CAPTURE(x);
      const auto at = with_constants(shown, {{"a", a}, {"b", b}, {"c", c}}).outputs().at("different");
      CHECK(at == ((p || q) != good ? AndInverterGraph::kTrue : AndInverterGraph::kFalse));
    }
  }
  // A fault of what is masked: z = a & ~a & b.
  const AndInverterGraph masked = parse_blif(
      ".model m\n.inputs s a b\n.outputs z\n.names a b s t\n110 1\n111 1\n101 1\n.names a t z\n01 1\n.end\n",
      "z");
  CHECK(fault_miter(masked, faulty_copies(masked, "s", 1)).outputs().at("different") ==
        AndInverterGraph::kFalse);
}

// Inputs x[0], x[1], ... and a select s, by which one of two nodes is taken in two places; two outputs.
AndInverterGraph random_graph(uint64_t seed, int inputs = 8) {
  AndInverterGraph graph;
  std::vector<AndInverterGraph::Literal> literals;
  literals.reserve(128);
  for (int i = 0; i < inputs; ++i) literals.push_back(graph.input("x[" + std::to_string(i) + "]"));
  const AndInverterGraph::Literal select = graph.input("s");
  for (uint64_t i = 0; i < 60; ++i) {
    const uint64_t random = philox64(seed, 0, i);
    const auto any = [&](uint64_t bits) {
      const size_t recent = std::min<size_t>(literals.size(), 12);  // so that most nodes count
      return literals[literals.size() - 1 - bits % recent] ^ static_cast<uint32_t>(bits >> 20 & 1);
    };
    const auto x = any(random), y = any(random >> 24);
    literals.push_back(i % 3 == 0 ? graph.exclusive_or(x, y) : graph.conjunction(x, y));
    if (i == 10 || i == 25) {
      literals.push_back(
          graph.disjunction(graph.conjunction(select, x), graph.conjunction(select ^ 1, literals.back())));
    }
  }
  graph.set_output("p", literals.back());
  graph.set_output("q", literals[literals.size() - 2]);
  return graph;
}

TEST_CASE("a fault that shows at the outputs shows near itself") {
  size_t shown = 0, near_only = 0, none = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const AndInverterGraph graph = random_graph(seed);
    const FaultyCopies copies = faulty_copies(graph, "s", 1);
    const AndInverterGraph whole = fault_miter(graph, copies);
    for (const size_t inputs : {2, 4, 6, 7}) {
      const std::optional<AndInverterGraph> near = outputs_near_fault(graph, copies, inputs);
      none += near ? 0 : 1;
      if (!near) continue;
      const AndInverterGraph there = fault_miter(*near, copies);
      for (uint64_t x = 0; x < 256; ++x) {
        const auto at = [&](const AndInverterGraph& miter) {
          return with_constants(miter, port_bits(miter, "x", x)).outputs().at("different");
        };
        const bool shows = at(whole) == AndInverterGraph::kTrue,
                   shows_near = at(there) == AndInverterGraph::kTrue;
        if (shows && !shows_near) FAIL("seed ", seed, " inputs ", inputs, " x ", x);
        shown += shows ? 1 : 0;
        near_only += shows_near && !shows ? 1 : 0;
      }
    }
  }
  CHECK(shown > 1000);
  CHECK(near_only > 1000);
  CHECK(none > 10);
}

// The first output with bit i of x as input i.
bool output_at(const AndInverterGraph& graph, uint64_t x) {
  std::vector<bool> values(graph.size(), false);
  const auto value = [&](AndInverterGraph::Literal literal) { return values[literal >> 1] != (literal & 1); };
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    values[i] = node.is_input ? (x >> (node.x >> 1) & 1) != 0 : value(node.x) && value(node.y);
  }
  return value(graph.outputs().begin()->second);
}

struct NeededCounts {
  size_t shown = 0, literals = 0, never = 0, none = 0;
};

// Fails unless all that is needed holds, for each value of the inputs with which the fault shows.
void check_needed(uint64_t seed, int width, size_t inputs, NeededCounts& counts) {
  const AndInverterGraph graph = random_graph(seed, width);
  FaultyCopies copies = faulty_copies(graph, "s", 1);
  const AndInverterGraph whole = fault_miter(graph, copies);
  const auto needed = needed_around_fault(graph, copies, inputs);
  counts.none += needed ? 0 : 1;
  if (!needed) return;
  counts.never += *needed == std::vector{AndInverterGraph::kFalse} ? 1 : 0;
  counts.literals += needed->size();
  AndInverterGraph all = copies.both;
  auto hold = AndInverterGraph::kTrue;
  for (const auto literal : *needed) hold = all.conjunction(hold, literal);
  all.set_output("hold", hold);
  const AndInverterGraph with_needed = fault_miter(graph, copies, *needed);
  for (uint64_t x = 0; x >> width == 0; ++x) {
    const bool shows = output_at(whole, x);
    if ((shows && !output_at(all, x)) || shows != output_at(with_needed, x))
      FAIL("seed ", seed, " inputs ", inputs, " x ", x);
    counts.shown += shows ? 1 : 0;
  }
}

TEST_CASE("what is needed around a fault holds where it shows") {
  NeededCounts counts;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    for (const size_t inputs : {2, 4, 6}) check_needed(seed, 8, inputs, counts);
  }
  for (uint64_t seed = 0; seed < 30; ++seed) check_needed(seed, 12, 11, counts);
  CHECK(counts.shown > 1000);
  CHECK(counts.literals > 1000);
  CHECK(counts.never > 10);
  CHECK(counts.none > 10);
}

// Whether targets follow from the nodes with bits in `chosen`.
bool follows_from(const AndInverterGraph& graph, uint64_t chosen, const std::vector<size_t>& targets) {
  std::vector<bool> follows(graph.size(), false);
  for (size_t i = 0; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    follows[i] =
        i == 0 || (chosen >> i & 1) != 0 || (!node.is_input && follows[node.x >> 1] && follows[node.y >> 1]);
  }
  return std::all_of(targets.begin(), targets.end(), [&](size_t target) { return follows[target]; });
}

TEST_CASE("a minimum cut separates, and no smaller one does") {
  std::map<size_t, int> sizes;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    AndInverterGraph graph;
    std::vector<AndInverterGraph::Literal> literals;
    literals.reserve(20);
    for (int i = 0; i < 6; ++i) literals.push_back(graph.input("x[" + std::to_string(i) + "]"));
    for (uint64_t i = 0; i < 14; ++i) {
      const uint64_t random = philox64(seed, 1, i);
      const auto x = literals[random % literals.size()], y = literals[(random >> 20) % literals.size()];
      literals.push_back(graph.conjunction(x ^ (random >> 40 & 1), y ^ (random >> 41 & 1)));
    }
    std::vector<size_t> targets;
    for (size_t i = 0; i < 1 + seed % 4; ++i) targets.push_back(literals[literals.size() - 1 - i] >> 1);
    const auto cut = minimum_cut(graph, users_of(graph), targets, 6);
    REQUIRE(cut);
    uint64_t chosen = 0;
    for (const size_t node : *cut) chosen |= uint64_t{1} << node;
    CHECK(follows_from(graph, chosen, targets));
    int smallest = static_cast<int>(cut->size());
    for (uint64_t other = 0; other >> graph.size() == 0; other += 2) {
      if (std::popcount(other) < smallest && follows_from(graph, other, targets))
        smallest = std::popcount(other);
    }
    CAPTURE(seed);
    CHECK(static_cast<int>(cut->size()) == smallest);
    if (!cut->empty()) CHECK(!minimum_cut(graph, users_of(graph), targets, cut->size() - 1));
    ++sizes[cut->size()];
  }
  CHECK(sizes.size() >= 5);
}

TEST_CASE("a stimulus with gaps misses mutants, and the solver shows where") {
  TestBench bench = bench_of("convert-fp32-bf16");
  bench.stimulus.random_vectors = 0;
  const MutationReport report = test_by_mutation(bench, options_of(200, 2));
  CHECK(report.share_killed() < 0.995);
  REQUIRE(report.count(MutantFate::missed) > 0);
  for (const Mutant& mutant : report.mutants) {
    if (mutant.fate == MutantFate::missed) CHECK(mutant.witness.starts_with("a=0x"));
  }
  bench.stimulus.random_vectors = 100'000;
  CHECK(test_by_mutation(bench, options_of(200, 2)).share_killed() > report.share_killed());
}

TEST_CASE("a design that is itself wrong is not mutated") {
  TestBench bench = bench_of("convert-e4m3-e2m1-odd");
  bench.specification = specification_of(parse_unit("convert-e4m3-e2m1"));
  CHECK_THROWS_WITH_AS(test_by_mutation(bench, options_of(10, 1)),
                       doctest::Contains("the design itself is wrong"), Error);
}

TEST_CASE("clocked designs and gates are refused") {
  TestBench bench = bench_of("mul-int4-int4-int8");
  bench.timing.clock = "clk_i";
  CHECK_THROWS_WITH_AS(test_by_mutation(bench, options_of(10, 1)),
                       doctest::Contains("mutation needs a combinational design's RTL"), Error);
}

TEST_CASE("equivalence of graphs: both verdicts, the counterexample, and inputs made constant") {
  // y = a[0] & a[1] & b, and the same with an OR.
  const std::string head = ".model m\n.inputs a[0] a[1] b\n.outputs y\n.names a[0] a[1] t\n11 1\n";
  const AndInverterGraph both = parse_blif(head + ".names t b y\n11 1\n.end\n", "both"),
                         either = parse_blif(head + ".names t b y\n1- 1\n-1 1\n.end\n", "either");
  CHECK(prove_equal(miter(both, both), 10).verdict == Verdict::equal);
  const Equivalence found = prove_equal(miter(both, either), 10);
  REQUIRE(found.verdict == Verdict::different);
  const bool t = found.counterexample.at("a") == 3, b = found.counterexample.at("b") == 1;
  CHECK((t && b) != (t || b));
  // With b = 1 the first is t, the second 1; with a = 3 the first is b.
  const AndInverterGraph t_only =
      parse_blif(".model m\n.inputs a[0] a[1]\n.outputs y\n.names a[0] a[1] y\n11 1\n.end\n", "t");
  CHECK(prove_equal(miter(with_constants(both, port_bits(both, "b", 1)), t_only), 10).verdict ==
        Verdict::equal);
  CHECK(prove_equal(miter(with_constants(both, port_bits(both, "b", 0)), t_only), 10).verdict ==
        Verdict::different);
  const AndInverterGraph b_only = parse_blif(".model m\n.inputs b\n.outputs y\n.names b y\n1 1\n.end\n", "b");
  CHECK(prove_equal(miter(with_constants(both, port_bits(both, "a", 3)), b_only), 10).verdict ==
        Verdict::equal);
}

TEST_CASE("graphs are what BLIF says, and all else is refused") {
  // A multiplexer written as sums of products, its parts in no order, against one of another structure.
  const std::string ports = ".model m\n.inputs s x y\n.outputs z\n";
  const AndInverterGraph one =
      parse_blif(ports + ".names p q z\n1- 1\n-1 1\n.names s x q\n11 1\n.names s y p\n01 1\n.end\n", "one");
  const AndInverterGraph other = parse_blif(
      ports + ".names x y d\n10 1\n01 1\n.names s d e\n11 1\n.names y e z\n10 1\n01 1\n.end\n", "other");
  CHECK(prove_equal(miter(one, other), 10).verdict == Verdict::equal);
  CHECK(prove_equal(miter(one, parse_blif(ports + ".names x z\n1 1\n.end\n", "x")), 10).verdict ==
        Verdict::different);
  CHECK(one.size() <= 7);  // the constant, three inputs, three ANDs
  CHECK_THROWS_WITH_AS(parse_blif(ports + ".end\n", "it"), doctest::Contains("it: nothing drives z"), Error);
  CHECK_THROWS_WITH_AS(parse_blif(ports + ".names z w\n1 1\n.names w z\n1 1\n.end\n", "it"),
                       doctest::Contains("in a loop"), Error);
  CHECK_THROWS_AS(parse_blif(ports + ".latch x z\n.end\n", "it"), Error);
  CHECK_THROWS_AS(
      prove_equal(miter(one, parse_blif(".model m\n.inputs x\n.outputs w\n.names x w\n1 1\n", "w")), 10),
      Error);
}

TEST_CASE("equivalence case by case finds a difference in any one case") {
  const auto graph_with = [&](const std::string& minterm) {
    std::string text =
        ".model m\n.inputs x[0] x[1] x[2] x[3] y\n.outputs z\n.names x[0] x[1] x[2] x[3] y z\n1-0-1 1\n";
    if (!minterm.empty()) text += minterm + " 1\n";
    return parse_blif(text + ".end\n", "graph");
  };
  const AndInverterGraph plain = graph_with("");
  CHECK(prove_by_cases(miter(plain, graph_with("11011")), 10).verdict == Verdict::equal);
  for (int x = 0; x < 16; ++x) {
    std::string minterm;
    for (int i = 0; i < 4; ++i) minterm += (x >> i & 1) != 0 ? '1' : '0';
    CAPTURE(minterm);
    const Equivalence found = prove_by_cases(miter(plain, graph_with(minterm + "0")), 10);
    REQUIRE(found.verdict == Verdict::different);
    CHECK(found.counterexample == std::map<std::string, uint64_t>{{"x", x}, {"y", 0}});
  }
}

// Whether the bits of x, rotated by `shift`, are those of `value`, by exclusive ors with their neighbours so that two such
// graphs share nothing.
AndInverterGraph::Literal rotated_is(AndInverterGraph& graph, int bits, int shift, unsigned value) {
  AndInverterGraph::Literal all = AndInverterGraph::kTrue;
  for (int i = 0; i < bits; ++i) {
    const auto bit = [&](int j) { return graph.input("x[" + std::to_string((j + shift) % bits) + "]"); };
    const bool is_last = i + 1 == bits;
    const auto there = is_last ? bit(i) : graph.exclusive_or(bit(i), bit(i + 1));
    const bool wanted = ((is_last ? value : value ^ value >> 1) >> i & 1) != 0;
    all = graph.conjunction(all, there ^ (wanted ? 0 : 1));
  }
  return all;
}

// A fault that inverts some bits on their way to a comparison shows for two values.
TEST_CASE("what the values with a difference have in common is needed") {
  constexpr int kBits = 13;
  constexpr unsigned kValue = 0x155f;
  for (const unsigned inverted : {0x1U, 0x1000U, 0x1001U, 0x1e00U, 0x1fffU}) {
    AndInverterGraph graph;
    const auto fault = graph.input("s");
    auto is_value = AndInverterGraph::kTrue;
    for (const bool first :
         {true, false}) {  // these first, so that the others are not one node that is needed
      for (int i = 0; i < kBits; ++i) {
        if (((inverted >> i & 1) != 0) != first) continue;
        const auto bit = graph.input("x[" + std::to_string(i) + "]");
        const auto there = first ? graph.exclusive_or(bit, fault) : bit;
        is_value = graph.conjunction(is_value, there ^ (~kValue >> i & 1));
      }
    }
    graph.set_output("y", is_value);
    FaultyCopies copies = faulty_copies(graph, "s", 1);
    const auto needed = needed_around_fault(graph, copies, kBits);
    REQUIRE(needed);
    for (int i = 0; i < kBits; ++i) {
      const auto bit = copies.both.input("x[" + std::to_string(i) + "]");
      const auto has = [&](auto literal) { return std::count(needed->begin(), needed->end(), literal) == 1; };
      CAPTURE(inverted);
      CAPTURE(i);
      CHECK(has(bit ^ (~kValue >> i & 1)) == ((inverted >> i & 1) == 0));
      CHECK(!has(bit ^ (kValue >> i & 1)));
    }
  }
}

TEST_CASE("graphs of few inputs are tried with all values") {
  constexpr int kBits = 13;
  for (const unsigned value : {0U, 1U, 0x155fU, 0x1ffeU, 0x1fffU}) {
    AndInverterGraph graph;
    const auto is_value = rotated_is(graph, kBits, 0, value);
    graph.set_output("different", graph.conjunction(graph.conjunction(is_value, graph.input("k[1]")),
                                                    graph.input("k[0]") ^ 1));
    const Equivalence found = exhaust(graph);
    REQUIRE(found.verdict == Verdict::different);
    CHECK(found.counterexample == std::map<std::string, uint64_t>{{"x", value}, {"k", 2}});
    // x and x rotated by one are both the value only if all its bits are the same.
    graph.set_output("different", graph.conjunction(is_value, rotated_is(graph, kBits, 1, value)));
    const bool is_uniform = value == 0 || value == 0x1fff;
    CHECK(exhaust(graph).verdict == (is_uniform ? Verdict::different : Verdict::equal));
  }
  AndInverterGraph wide;
  wide.set_output("different", wide.exclusive_or(rotated_is(wide, 60, 0, 1), rotated_is(wide, 60, 1, 1)));
  CHECK(exhaust(wide).verdict == Verdict::undecided);
}

TEST_CASE("500 mutants of every catalog unit" * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  size_t killed = 0, others = 0;
  for (const CatalogEntry& entry : read_catalog(kRtl)) {
    CAPTURE(entry.name);
    const MutationReport report = test_by_mutation(catalog_test_bench(entry, kRtl), options_of(500, 2));
    CAPTURE(describe(report));
    killed += report.count(MutantFate::killed);
    others +=
        report.mutants.size() - report.count(MutantFate::equivalent) - report.count(MutantFate::exhausted);
    CHECK(report.share_killed() >= 0.995);
  }
  CHECK(static_cast<double>(killed) >= 0.995 * static_cast<double>(others));
}
