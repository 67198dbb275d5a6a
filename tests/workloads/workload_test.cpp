#include "workloads/workload.h"

#include <doctest/doctest.h>

#include "fuzz.h"

using namespace assay;

TEST_CASE("phase names are read back") {
  CHECK(phase_name(Phase::fwd) == "fwd");
  CHECK(phase_name(Phase::dgrad) == "dgrad");
  CHECK(phase_name(Phase::wgrad) == "wgrad");
  for (const Phase phase : kPhases) CHECK(parse_phase(phase_name(phase)) == phase);
  CHECK_FALSE(parse_phase("forward"));
  CHECK_FALSE(parse_phase(""));
}

TEST_CASE("multiply-accumulates are summed by phase") {
  const Workload workload{"w",
                          {{"a", Phase::fwd, 2, 3, 5, 7},
                           {"a", Phase::dgrad, 2, 5, 3, 1},
                           {"a", Phase::wgrad, 1, 1, 11, 1},
                           {"b", Phase::fwd, 1, 1, 1, 1}}};
  const MacTotals totals = mac_totals(workload);
  CHECK(totals.fwd == 211);
  CHECK(totals.dgrad == 30);
  CHECK(totals.wgrad == 11);
  CHECK(totals.total() == 252);
  CHECK(totals.of(Phase::dgrad) == 30);
}

TEST_CASE("sizes below 1 and sums beyond int64_t are refused, naming the layer") {
  const int64_t big = int64_t{1} << 31;
  CHECK(error_of([] { macs({"conv7", Phase::dgrad, 1, 0, 1, 1}); }).find("layer 'conv7' dgrad") == 0);
  CHECK(error_of([] { macs({"conv7", Phase::fwd, 1, 1, 1, -1}); }).find("at least 1") != std::string::npos);
  CHECK(macs({"a", Phase::fwd, big, big, 1, 1}) == int64_t{1} << 62);
  CHECK(error_of([=] {
          macs({"a", Phase::fwd, big, big, 2, 1});
        }).find("more than 2^63 - 1") != std::string::npos);
  const Gemm half{"a", Phase::fwd, big, big, 1, 1};
  CHECK(error_of([=] { mac_totals({"w", {half, half}}); }).find("workload 'w'") == 0);
}
