#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "base/process.h"
#include "base/random.h"
#include "base/toml_table.h"

using namespace assay;

namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("files are written whole or not at all") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "deep" / "er" / "file.txt";
  write_file(file, "one");
  write_file(file, "two");
  CHECK(read_file(file) == "two");
  CHECK(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}) == 1);
  CHECK(message_of([&] { write_file(file / "below", "x"); }).find("file.txt") != std::string::npos);
  CHECK(message_of([&] { (void)read_file(folder.path() / "none"); }).find("none: cannot open") != std::string::npos);
  CHECK(message_of([&] { (void)read_file(folder.path()); }).find("found a folder") != std::string::npos);
}

TEST_CASE("programs: status, output, and a program that does not exist") {
  CHECK(run_process({"sh", "-c", "echo out; echo err >&2; exit 3"}).exit_status == 3);
  CHECK(run_process({"sh", "-c", "echo out; echo err >&2"}).output == "out\nerr\n");
  CHECK(run_process({"sh", "-c", "kill -9 $$"}).exit_status == 128 + 9);
  CHECK(run_process({"sh", "-c", "head -c 1000000 /dev/zero"}).output.size() == 1000000);
  CHECK(message_of([] { (void)run_process({"no-such-program-anywhere"}); }).find("no-such-program-anywhere: cannot start") == 0);
  CHECK(message_of([] { (void)run_or_fail("task", {"sh", "-c", "echo why; exit 1"}); }).find("why") != std::string::npos);
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
  CHECK_THROWS_AS(parallel_for(1000, 4, [](size_t i) { if (i == 500) fail("at {}", i); }), Error);
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
  CHECK(message_of([] { (void)parse_toml("a = 1\nb = \n", "x.toml"); }).find("x.toml:2") == 0);
  const toml::table parsed = parse_toml("a = 1\n[t]\nb = 2\n", "x.toml");
  const TomlTable root(parsed, "x.toml", "");
  CHECK(root.integer("a") == 1);
  CHECK(message_of([&] { (void)root.text("a"); }).find("x.toml:1: a: expected") == 0);
  CHECK(message_of([&] { (void)root.required_text("c"); }).find("x.toml:") == 0);
  CHECK(message_of([&] { root.required_table("t").expect_keys({"c"}); }).find("x.toml:3") == 0);
}
