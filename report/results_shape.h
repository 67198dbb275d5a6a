// The structure of results.json as data, which check_results walks along. schema.h documents it.
#pragma once

#include <string_view>
#include <vector>

namespace assay {

enum class ShapeKind {
  text,
  truth,
  truth_or_text,
  whole_number,  // from 0
  choice,        // one of the words in `detail`
  quantity,      // in a unit whose base is `detail`; any unit if that is empty
  object,        // with `keys`
  map,           // from any key to element[0]
  list,          // of element[0]
};

struct Key;

struct Shape {
  ShapeKind kind = ShapeKind::text;
  std::string_view detail;
  std::vector<Key> keys;
  std::vector<Shape> element;
};

struct Key {
  std::string_view name;
  Shape shape;
  bool required = true;
};

const Shape& results_shape();

}  // namespace assay
