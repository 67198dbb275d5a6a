// Damaged copies of a valid file, for testing that a reader either reads or throws Error.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/error_of.h"

namespace assay {

// `bytes` with one to four random edits: bytes changed, removed, doubled or cut off, or one of `tokens` put
// in.
inline std::string damaged(std::string bytes, const std::vector<std::string>& tokens, std::mt19937& random) {
  const auto below = [&random](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  const size_t edits = 1 + below(4);
  for (size_t edit = 0; edit < edits; ++edit) {
    const size_t at = below(bytes.size() + 1);
    switch (below(5)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, below(8));
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, below(16)));
        break;
      case 3:
        bytes.resize(at);
        break;
      case 4:
        bytes.insert(at, tokens[below(tokens.size())]);
        break;
    }
  }
  return bytes;
}

// Reads every truncation of `valid` and `rounds` damaged copies. Returns how many were refused.
template <typename Read>
size_t fuzz(const std::string& valid, const std::vector<std::string>& tokens, size_t rounds, Read read) {
  size_t refused = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      read(bytes);
    } catch (const Error&) {
      ++refused;
    } catch (const std::exception& error) {
      FAIL_CHECK("not an assay::Error: ", error.what(), "\nfor the input:\n", bytes);
    }
  };
  for (size_t length = 0; length < valid.size(); ++length) attempt(valid.substr(0, length));
  std::mt19937 random(1);
  for (size_t round = 0; round < rounds; ++round) attempt(damaged(valid, tokens, random));
  return refused;
}

}  // namespace assay
