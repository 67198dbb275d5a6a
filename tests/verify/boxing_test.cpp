// NaN boxing: what registers count as, the vectors that try it, and what a contract with it accepts.
#include <doctest/doctest.h>

#include <bit>
#include <set>
#include <string>

#include "tests/error_of.h"
#include "verify/boxing.h"
#include "verify/check.h"
#include "verify/stimulus.h"

using namespace assay;

namespace {

Specification boxed_specification(const char* unit, int registers) {
  Contract contract;
  contract.nan_boxing = registers;
  return specification_of(parse_unit(unit), contract);
}

}  // namespace

TEST_CASE("registers count as the rule of RISC-V has it") {
  const Format fp16 = parse_format("fp16"), fp32 = parse_format("fp32");
  CHECK(boxed(fp16, 32, 0x3c00) == 0xffff3c00);
  CHECK(boxed(fp16, 64, 0x3c00) == 0xffffffffffff3c00);
  CHECK(boxed(fp32, 64, 0x3f800000) == 0xffffffff3f800000);
  CHECK(boxed(fp32, 32, 0x3f800000) == 0x3f800000);
  CHECK(unboxed(fp16, 32, 0xffff3c00) == 0x3c00);
  CHECK(unboxed(fp16, 64, 0xffff3c00) == 0x7e00);  // boxed for 32 bits only
  CHECK(unboxed(fp32, 64, 0xfffffffe3f800000) == 0x7fc00000);
  for (int bit = 16; bit < 32; ++bit) CHECK(unboxed(fp16, 32, 0xffff3c00 ^ uint64_t{1} << bit) == 0x7e00);
  CHECK(unboxed(parse_format("e5m2"), 32, 0x3c) == 0x7e);
  CHECK(unboxed(parse_format("int16"), 32, 5) == 5);  // integers are never boxed
  CHECK(boxed(parse_format("int16"), 32, 5) == 5);
  CHECK(unboxed(fp16, 0, 0x3c00) == 0x3c00);
}

TEST_CASE("golden results are boxed, and operands that are not count as NaN") {
  const Golden add(boxed_specification("add-fp16-fp16-fp16", 32));
  CHECK(add.evaluate(0, std::vector<uint64_t>{0xffff3c00, 0xffff4000}).code == 0xffff4200);
  CHECK(add.evaluate(0, std::vector<uint64_t>{0x00003c00, 0xffff4000}).code == 0xffff7e00);
  CHECK(add.evaluate(0, std::vector<uint64_t>{0xffff3c00, 0xfffe4000}).code == 0xffff7e00);
  CHECK(add.accepts(0, {0xffff3c00, 0}, {0xffff3c00, 0}));
  CHECK(!add.accepts(0, {0xffff3c00, 0}, {0x3c00, 0}));
  // Conversions to and from integers: those are not boxed.
  CHECK(Golden(boxed_specification("convert-fp16-int16", 32))
            .evaluate(0, std::vector<uint64_t>{0xffff4000})
            .code == 2);
  CHECK(Golden(boxed_specification("convert-int16-fp16", 32)).evaluate(0, std::vector<uint64_t>{2}).code ==
        0xffff4000);

  Specification any = boxed_specification("add-fp16-fp16-fp16", 32);
  any.contract.nan = NanResults::any;
  const Golden with_any(any);
  CHECK(with_any.accepts(0, {0xffff7e00, 0}, {0xffffff01, 0}));
  CHECK(!with_any.accepts(0, {0xffff7e00, 0}, {0x00007e00, 0}));

  Specification both = boxed_specification("add-fp16-fp16-fp16", 32);
  both.modes.push_back({parse_unit("add-fp32-fp32-fp32"), {}});
  CHECK(Golden(both).evaluate(1, std::vector<uint64_t>{0x3f800000, 0x40000000}).code == 0x40400000);
  CHECK(operand_slots(both)[0].width == 32);

  CHECK(error_of([] { (void)Golden(boxed_specification("add-fp32-fp32-fp32", 16)); }).find("does not fit") !=
        std::string::npos);
  CHECK(error_of([] { (void)Golden(boxed_specification("mul-e2m1-e2m1-fp16", 32)); }).find("no NaN") !=
        std::string::npos);
}

TEST_CASE("vectors with a box that is wrong lie in one stretch of the stimulus, and of every kind") {
  for (const char* unit : {"mul-e4m3-e4m3-fp16", "fma-fp16-fp16-fp16-fp16"}) {
    CAPTURE(std::string(unit));
    const Specification specification = boxed_specification(unit, 32);
    const StimulusOptions options{3, 50'000, 24};
    const Stimulus stimulus(specification, options);
    const uint64_t end = stimulus.first_random(), first = end - 65'536;
    VectorBatch batch;
    std::set<int> single_zeros;
    uint64_t zeros = 0, several = 0, wrong = 0;
    stimulus.fill(0, static_cast<size_t>(stimulus.size()), batch);
    for (uint64_t i = 0; i < stimulus.size(); ++i) {
      int spoiled = 0;
      for (size_t slot = 0; slot < batch.operands.size(); ++slot) {
        const uint64_t operand = batch.operands[slot][i];
        const uint64_t box =
            box_mask(operand_format(specification.modes[0].unit, static_cast<int>(slot)), 32);
        REQUIRE((operand & ~uint64_t{0xffffffff}) == 0);
        if ((operand & box) == box) continue;
        ++spoiled;
        if ((operand & box) == 0) ++zeros;
        if (std::popcount(~operand & box) == 1) single_zeros.insert(std::countr_zero(~operand & box));
      }
      REQUIRE((spoiled > 0) == (i >= first && i < end));
      wrong += spoiled > 0 ? 1 : 0;
      several += spoiled > 1 ? 1 : 0;
    }
    CHECK(wrong == 65'536);
    CHECK(zeros > 1'000);
    CHECK(several > 1'000);
    CHECK(single_zeros.size() >= 16);
    // A vector is the same however the list is cut.
    VectorBatch piece;
    for (const uint64_t at : {uint64_t{0}, first - 700, first, end - 5, end, stimulus.size() - 1000}) {
      stimulus.fill(at, 1000 < stimulus.size() - at ? 1000 : static_cast<size_t>(stimulus.size() - at),
                    piece);
      for (size_t i = 0; i < piece.size(); ++i) {
        for (size_t slot = 0; slot < piece.operands.size(); ++slot) {
          REQUIRE(piece.operands[slot][i] == batch.operands[slot][at + i]);
        }
      }
    }
  }
}
