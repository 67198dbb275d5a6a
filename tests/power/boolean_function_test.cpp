#include "power/boolean_function.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace assay;

namespace {

const std::vector<std::string> kNames = {"A", "B", "C"};

// Truth table of text over A, B, C as the eight digits for CBA = 111 ... 000.
uint64_t table(std::string_view text) {
  return truth_table(parse_boolean_function(text, "test"), kNames, "test") & 0xff;
}

}  // namespace

TEST_CASE("operators bind as Liberty says") {
  CHECK(table("A B+C") == 0b11111000);
  CHECK(table("A (B+C)") == 0b10101000);
  CHECK(table("A ^ B * C") == 0b01100000);  // (A ^ B) & C
  CHECK(table("!A B") == 0b01000100);
  CHECK(table("!(A B)") == 0b01110111);
  CHECK(table("(A' + B')'") == 0b10001000);
  CHECK(table("!!A") == 0b10101010);
  CHECK(table("A|B&C") == table("A+(B*C)"));
  CHECK(table("0") == 0);
  CHECK(table("1") == 0xff);
}

TEST_CASE("text that is no expression is refused") {
  for (const char* text : {"", "(", "A+", "A)", "!", "A ^", "'A", "A # B", "(A", "()"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_boolean_function(text, "here"), Error);
  }
  CHECK_THROWS_AS(parse_boolean_function(std::string(100000, '('), "here"), Error);
  CHECK_THROWS_AS(table("D"), Error);
}
