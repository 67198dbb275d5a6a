// What an action refuses, for tests of error messages.
#pragma once

#include <string>

#include "base/error.h"

namespace assay {

// The message of the Error that `action` throws; "no error" if it throws none.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace assay
