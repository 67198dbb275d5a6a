#include "power/gate_simulator.h"

#include <doctest/doctest.h>

#include <random>

#include "base/error.h"
#include "tests/power/fixtures.h"

using namespace assay;

namespace {

using Stream = std::vector<uint64_t>;

// Values of all nets for one vector, gate by gate with the hand-written gates.
std::vector<bool> naive_values(const Netlist& netlist, const std::vector<uint64_t>& codes) {
  std::vector<bool> value(netlist.nets.size(), false);
  value[kConstant1] = true;
  for (size_t p = 0; p < netlist.inputs.size(); ++p) {
    const std::vector<NetId>& bits = netlist.inputs[p].bits;
    for (size_t i = 0; i < bits.size(); ++i) value[bits[i]] = (codes[p] >> i) & 1;
  }
  for (const NetlistCell& cell : netlist.cells) {
    const LibertyCell& type = test::osu_liberty().cells[cell.liberty_cell];
    const test::ReferenceGate& gate = test::osu_gates().at(type.name);
    std::vector<bool> inputs;
    for (const std::string& name : gate.inputs) {
      inputs.push_back(value[cell.pins[static_cast<size_t>(type.find_pin(name))]]);
    }
    for (const auto& [name, function] : gate.outputs) {
      const NetId net = cell.pins[static_cast<size_t>(type.find_pin(name))];
      if (net != kUnconnected) value[net] = function(inputs);
    }
  }
  return value;
}

// A multiply-accumulate with everything in it: carry chains, partial products, multiplexers, several outputs.
const test::Design& design() {
  static const test::Design instance(R"(
module mac(input logic [7:0] a, b, input logic [19:0] c, input logic subtract,
           output logic [19:0] result, output logic parity, output logic [63:0] wide);
  logic [15:0] product;
  assign product = a * b;
  assign result = subtract ? c - 20'(product) : c + 20'(product);
  assign parity = ^result;
  assign wide = {64{parity}} ^ {a, b, 28'hace1234, c};
endmodule
)",
                                     "mac");
  return instance;
}

uint64_t expected_result(uint64_t a, uint64_t b, uint64_t c, bool subtract) {
  return (subtract ? c - a * b : c + a * b) & 0xfffff;
}

std::vector<Stream> random_streams(size_t length, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Stream> streams(4, Stream(length));
  for (size_t t = 0; t < length; ++t) {
    for (size_t p = 0; p < 4; ++p) streams[p][t] = random();
    // Runs of equal vectors, so that not everything toggles at half the rate.
    if (t > 0 && random() % 3 == 0) {
      for (size_t p = 0; p < 4; ++p) streams[p][t] = streams[p][t - 1];
    }
  }
  return streams;
}

std::vector<GateSimulator::Codes> codes_of(const std::vector<Stream>& streams, size_t first, size_t count) {
  std::vector<GateSimulator::Codes> codes;
  codes.reserve(streams.size());
  for (const Stream& stream : streams) codes.push_back(std::span(stream).subspan(first, count));
  return codes;
}

struct NaiveActivity {
  Stream toggles, ones;
};

NaiveActivity naive_activity(const Netlist& netlist, const std::vector<Stream>& streams, size_t first,
                             size_t count) {
  NaiveActivity activity{Stream(netlist.nets.size()), Stream(netlist.nets.size())};
  std::vector<bool> before;
  for (size_t t = first; t < first + count; ++t) {
    const std::vector<bool> now =
        naive_values(netlist, {streams[0][t], streams[1][t], streams[2][t], streams[3][t]});
    for (size_t net = 0; net < now.size(); ++net) {
      activity.ones[net] += now[net];
      if (t > first) activity.toggles[net] += now[net] != before[net];
    }
    before = now;
  }
  return activity;
}

}  // namespace

TEST_CASE("outputs are those of integer arithmetic") {
  const std::vector<Stream> streams = random_streams(5000, 1);
  Stream result(5000);
  Stream parity(5000);
  Stream wide(5000);
  GateSimulator simulator(design().netlist, test::osu_liberty());
  REQUIRE(simulator.inputs().size() == 4);
  CHECK(simulator.inputs()[2].name == "c");
  CHECK(simulator.inputs()[2].width == 20);
  CHECK(simulator.outputs()[2].width == 64);
  simulator.evaluate(codes_of(streams, 0, 5000), {result, parity, wide});
  for (size_t t = 0; t < 5000; ++t) {
    const uint64_t a = streams[0][t] & 0xff;
    const uint64_t b = streams[1][t] & 0xff;
    const uint64_t c = streams[2][t] & 0xfffff;
    const uint64_t expected = expected_result(a, b, c, streams[3][t] & 1);
    const uint64_t odd = static_cast<uint64_t>(__builtin_popcountll(expected) % 2);
    REQUIRE(result[t] == expected);
    REQUIRE(parity[t] == odd);
    REQUIRE(wide[t] == ((odd == 1 ? ~uint64_t{0} : 0) ^ (a << 56 | b << 48 | uint64_t{0xace1234} << 20 | c)));
  }
}

TEST_CASE("every operand pair of a multiplier") {
  const test::Design multiplier(
      "module m(input logic signed [5:0] a, b, output logic signed [11:0] p); assign p = a * b; endmodule",
      "m");
  Stream a;
  Stream b;
  for (uint64_t i = 0; i < 64; ++i) {
    for (uint64_t j = 0; j < 64; ++j) {
      a.push_back(i);
      b.push_back(j);
    }
  }
  Stream product(a.size());
  GateSimulator(multiplier.netlist, test::osu_liberty()).evaluate({a, b}, {product});
  const auto signed_value = [](uint64_t code) { return static_cast<int64_t>(code ^ 32) - 32; };
  for (size_t i = 0; i < a.size(); ++i) {
    REQUIRE(product[i] == (static_cast<uint64_t>(signed_value(a[i]) * signed_value(b[i])) & 0xfff));
  }
}

TEST_CASE("toggle counts and ones are exact for every net") {
  const Netlist& netlist = design().netlist;
  // One block and less, exactly one, more than one, several with a rest.
  for (const size_t length : {1, 2, 7, 8, 9, 511, 512, 513, 1024, 1700}) {
    CAPTURE(length);
    const std::vector<Stream> streams = random_streams(length, length);
    GateSimulator simulator(netlist, test::osu_liberty());
    simulator.evaluate_and_count(codes_of(streams, 0, length), {{}, {}, {}});
    const Activity activity = simulator.activity();
    const NaiveActivity expected = naive_activity(netlist, streams, 0, length);
    CHECK(activity.vectors == length);
    CHECK(activity.transitions == length - 1);
    CHECK(activity.toggles == expected.toggles);
    CHECK(activity.ones == expected.ones);
  }
}

TEST_CASE("a stream may come in pieces") {
  const Netlist& netlist = design().netlist;
  const std::vector<Stream> streams = random_streams(2000, 99);
  GateSimulator whole(netlist, test::osu_liberty());
  whole.evaluate_and_count(codes_of(streams, 0, 2000), {{}, {}, {}});

  GateSimulator pieces(netlist, test::osu_liberty());
  size_t first = 0;
  Stream ignored(600);
  for (const size_t count : {1, 63, 600, 512, 0, 824}) {
    pieces.evaluate_and_count(codes_of(streams, first, count), {{}, {}, {}});
    pieces.evaluate(codes_of(streams, 0, 600), {ignored, {}, {}});  // must not disturb the stream
    first += count;
  }
  REQUIRE(first == 2000);
  CHECK(pieces.activity().toggles == whole.activity().toggles);
  CHECK(pieces.activity().ones == whole.activity().ones);
  CHECK(pieces.activity().transitions == 1999);

  // Two streams: no change is counted between them.
  pieces.clear_activity();
  CHECK(pieces.activity().vectors == 0);
  pieces.evaluate_and_count(codes_of(streams, 0, 700), {{}, {}, {}});
  pieces.begin_stream();
  pieces.evaluate_and_count(codes_of(streams, 700, 1300), {{}, {}, {}});
  NaiveActivity expected = naive_activity(netlist, streams, 0, 700);
  const NaiveActivity second = naive_activity(netlist, streams, 700, 1300);
  for (size_t net = 0; net < netlist.nets.size(); ++net) expected.toggles[net] += second.toggles[net];
  CHECK(pieces.activity().toggles == expected.toggles);
  CHECK(pieces.activity().transitions == 1998);

  // A copy goes on by itself.
  GateSimulator copy = whole;
  copy.evaluate_and_count(codes_of(streams, 0, 10), {{}, {}, {}});
  CHECK(whole.activity().vectors == 2000);
  CHECK(copy.activity().vectors == 2010);
}

TEST_CASE("streams that do not fit are refused") {
  GateSimulator simulator(design().netlist, test::osu_liberty());
  const Stream ten(10);
  Stream nine(9);
  CHECK_THROWS_AS(simulator.evaluate({ten}, {{}, {}, {}}), Error);
  CHECK_THROWS_AS(simulator.evaluate({ten, ten, ten, nine}, {{}, {}, {}}), Error);
  CHECK_THROWS_AS(simulator.evaluate({ten, ten, ten, ten}, {nine, {}, {}}), Error);
  CHECK_THROWS_AS(simulator.evaluate({ten, ten, ten, ten}, {{}}), Error);
}

TEST_CASE("any function of up to eight inputs compiles to itself") {
  std::mt19937_64 random(5);
  const std::vector<std::string> kPins = {"A", "B", "C", "D", "E", "F", "G", "H"};
  for (int round = 0; round < 300; ++round) {
    const size_t inputs = 1 + random() % kPins.size();
    // A random truth table as a sum of minterms; sparse and dense ones too.
    std::vector<bool> table(size_t{1} << inputs);
    const uint64_t density = 1 + random() % 7;
    std::string function = "0";
    for (size_t i = 0; i < table.size(); ++i) {
      table[i] = random() % 8 < density;
      if (!table[i]) continue;
      function += " + (";
      for (size_t pin = 0; pin < inputs; ++pin) function += ((i >> pin) & 1 ? " " : " !") + kPins[pin];
      function += ")";
    }
    std::string text =
        "library (l) { nom_voltage : 1; cell (ANY) { pin (Y) { direction : output; function : \"" + function +
        "\"; }\n";
    for (size_t pin = 0; pin < inputs; ++pin) text += "pin (" + kPins[pin] + ") { direction : input; }\n";
    const Liberty library = parse_liberty(text + "} }", "any.lib");

    // Some pins are tied to constants or to each other.
    Netlist netlist;
    netlist.top = "any";
    netlist.nets = {"0", "1"};
    netlist.groups = {""};
    NetlistPort in{"a", {}};
    NetlistCell cell{"u", 0, 0, {kUnconnected}};
    for (size_t pin = 0; pin < inputs; ++pin) {
      netlist.nets.push_back(kPins[pin]);
      in.bits.push_back(static_cast<NetId>(2 + pin));
      const uint64_t choice = random() % 8;
      const NetId other =
          choice == 7 ? static_cast<NetId>(2 + random() % (pin + 1)) : static_cast<NetId>(2 + pin);
      cell.pins.push_back(choice < 2 && round % 2 == 1 ? static_cast<NetId>(choice) : other);
    }
    netlist.nets.push_back("Y");
    cell.pins[0] = static_cast<NetId>(netlist.nets.size() - 1);
    netlist.inputs = {in};
    netlist.outputs = {{"y", {cell.pins[0]}}};
    netlist.cells = {cell};

    Stream codes;
    for (uint64_t code = 0; code < table.size(); ++code) codes.push_back(code);
    Stream found(codes.size());
    GateSimulator(netlist, library).evaluate({codes}, {found});
    for (const uint64_t code : codes) {
      size_t index = 0;
      for (size_t pin = 0; pin < inputs; ++pin) {
        const NetId net = cell.pins[1 + pin];
        const bool bit = net == kConstant1 || (net > kConstant1 && ((code >> (net - 2)) & 1));
        index |= size_t{bit} << pin;
      }
      REQUIRE(found[code] == uint64_t{table[index]});
    }
  }
}
