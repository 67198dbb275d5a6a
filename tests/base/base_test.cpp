#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "base/process.h"
#include "base/random.h"
#include "base/toml_table.h"
#include "tests/error_of.h"

using namespace assay;

TEST_CASE("files are written whole or not at all") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "deep" / "er" / "file.txt";
  write_file(file, "one");
  write_file(file, "two");
  CHECK(read_file(file) == "two");
  CHECK(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}) == 1);
  CHECK(error_of([&] { write_file(file / "below", "x"); }).find("file.txt") != std::string::npos);
  CHECK(error_of([&] { (void)read_file(folder.path() / "none"); }).find("none: cannot open") !=
        std::string::npos);
  CHECK(error_of([&] { (void)read_file(folder.path()); }).find("found a folder") != std::string::npos);
}

TEST_CASE("programs: status, output, and a program that does not exist") {
  CHECK(run_process({"sh", "-c", "echo out; echo err >&2; exit 3"}).exit_status == 3);
  CHECK(run_process({"sh", "-c", "echo out; echo err >&2"}).output == "out\nerr\n");
  CHECK(run_process({"sh", "-c", "kill -9 $$"}).exit_status == 128 + 9);
  CHECK(run_process({"sh", "-c", "head -c 1000000 /dev/zero"}).output.size() == 1000000);
  CHECK(error_of([] {
          (void)run_process({"no-such-program-anywhere"});
        }).find("no-such-program-anywhere: cannot start") == 0);
  CHECK(error_of([] {
          (void)run_or_fail("task", {"sh", "-c", "echo why; exit 1"});
        }).find("why") != std::string::npos);
}

TEST_CASE("Philox gives the published numbers") {
  // Known answers of Random123 1.x (kat_vectors) for philox4x32-10.
  const auto zero = philox(0, 0, 0);
  CHECK(zero == std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const auto ones = philox(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0});
  CHECK(ones == std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(uniform_float(~uint32_t{0}) < 1.0F);
}

TEST_CASE("parallel_for calls every index once and passes on the first exception") {
  std::atomic<uint64_t> sum{0};
  parallel_for(1000, 4, [&](size_t i) { sum += i; });
  CHECK(sum == 499500);
  CHECK_THROWS_AS(parallel_for(1000, 4,
                               [](size_t i) {
                                 if (i == 500) fail("at {}", i);
                               }),
                  Error);
}

TEST_CASE("hashes tell the boundaries of texts apart") {
  ContentHash one, two;
  one.add("ab");
  one.add("c");
  two.add("a");
  two.add("bc");
  CHECK(one.hex() != two.hex());
  CHECK(hash_text("").size() == 32);
}

TEST_CASE("TOML errors name file, line and key") {
  CHECK(error_of([] { (void)parse_toml("a = 1\nb = \n", "x.toml"); }).find("x.toml:2") == 0);
  const toml::table parsed = parse_toml("a = 1\n[t]\nb = 2.0\n", "x.toml");
  const TomlTable root(parsed, "x.toml", "");
  CHECK(root.integer("a") == 1);
  CHECK(!root.integer("c"));
  CHECK(root.number("a") == 1.0);
  CHECK(error_of([&] { (void)root.text("a"); }) == "x.toml:1: a: expected a string, found an integer");
  CHECK(error_of([&] { (void)root.required_text("c"); }) == "x.toml:1: c: missing, expected a string");
  CHECK(error_of([&] { (void)root.integer("a", 2); }) ==
        "x.toml:1: a: expected an integer of at least 2, found 1");
  CHECK(error_of([&] { (void)root.required_integer("a", -3, 0); }) ==
        "x.toml:1: a: expected an integer in -3..0, found 1");
  const TomlTable table = root.required_table("t");
  CHECK(error_of([&] { (void)table.required_integer("b"); }) ==
        "x.toml:3: t.b: expected an integer, found a floating-point number");
  CHECK(error_of([&] { (void)table.required_integer("c"); }) ==
        "x.toml:2: t.c: missing, expected an integer");
  CHECK(error_of([&] {
          table.expect_keys({"c", "d"});
        }) == "x.toml:3: t.b: unknown key, expected one of c, d");
  CHECK(table.where("") == "x.toml:2: t");
  CHECK(root.where("") == "x.toml:1");
  CHECK(error_of([&] { table.at("b", [] { fail("wrong"); }); }) == "x.toml:3: t.b: wrong");
}

TEST_CASE("TOML arrays of tables are read one by one") {
  const toml::table parsed =
      parse_toml("none = []\nmixed = [{}, 1]\n[[t.u]]\nb = 1\n[[t.u]]\nb = 2\n", "x.toml");
  const TomlTable root(parsed, "x.toml", "");
  const std::vector<TomlTable> tables = root.required_table("t").required_tables("u");
  REQUIRE(tables.size() == 2);
  CHECK(tables[1].integer("b") == 2);
  CHECK(tables[1].where("b") == "x.toml:6: t.u.b");
  CHECK(error_of([&] { (void)root.required_tables("none"); }) ==
        "x.toml:1: none: expected one or more [[none]] tables, found an empty array");
  CHECK(error_of([&] { (void)root.required_tables("mixed"); }) ==
        "x.toml:2: mixed: expected one or more [[mixed]] tables, found an integer");
}
