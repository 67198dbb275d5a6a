#include "rtl/model_harness.h"

#include "base/error.h"

namespace assay {
namespace {

// A context of its own keeps an instance independent of every other.
constexpr const char* kHead = R"(
#include <cstddef>
#include <cstdint>
#include <memory>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

// Registers without a reset start with random values, the same in every run: a design must not depend on
// them.
struct Context : VerilatedContext {
  Context() {
    randReset(2);
    randSeed(1);
  }
};

struct Instance {
  Context context;
  Vmodel top{&context, ""};
  ~Instance() { top.final(); }
};

constexpr uint64_t ones(int width) { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

// Lanes of `width` bits in a port of at most 64 bits, and in a longer one made of 32-bit words.
template <typename Integer>
void put(Integer& port, const uint64_t* lanes, int count, int width) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= (lanes[i] & ones(width)) << (i * width);
  port = static_cast<Integer>(value);
}
template <std::size_t words>
void put(VlWide<words>& port, const uint64_t* lanes, int count, int width) {
  for (std::size_t i = 0; i < words; ++i) port[i] = 0;
  for (int i = 0; i < count; ++i) {
    const int bit = i * width, word = bit / 32, shift = bit % 32;
    const unsigned __int128 value = static_cast<unsigned __int128>(lanes[i] & ones(width)) << shift;
    for (int j = 0; 32 * j < shift + width; ++j) port[word + j] |= static_cast<uint32_t>(value >> (32 * j));
  }
}
template <typename Integer>
void get(const Integer& port, uint64_t* lanes, int count, int width) {
  for (int i = 0; i < count; ++i) lanes[i] = (static_cast<uint64_t>(port) >> (i * width)) & ones(width);
}
template <std::size_t words>
void get(const VlWide<words>& port, uint64_t* lanes, int count, int width) {
  for (int i = 0; i < count; ++i) {
    const int bit = i * width, word = bit / 32, shift = bit % 32;
    unsigned __int128 value = 0;
    for (int j = 0; 32 * j < shift + width; ++j) value |= static_cast<unsigned __int128>(port[word + j]) << (32 * j);
    lanes[i] = static_cast<uint64_t>(value >> shift) & ones(width);
  }
}

}  // namespace

EXPORTED void destroy_model(void* model) { delete static_cast<Instance*>(model); }
)";

constexpr const char* kCreate = R"(
EXPORTED void* create_model() {
  auto instance = std::make_unique<Instance>();
  Vmodel& top = instance->top;
  top.rst_ni = 1;
  top.clk_i = 0;
  top.eval();
  top.rst_ni = 0;
  top.eval();
  for (int edge = 0; edge < 4; ++edge) {
    top.clk_i = !top.clk_i;
    top.eval();
  }
  top.rst_ni = 1;
  top.eval();
  return instance.release();
}
)";

void check_width(const std::string& name, int width) {
  if (width < 1 || width > 64) fail("port {}: expected 1 to 64 bits, found {}", name, width);
}

std::shared_ptr<void> make_instance(const VerilatedModel& model) {
  return {model.function<void*()>("create_model")(), model.function<void(void*)>("destroy_model")};
}

}  // namespace

std::string clocked_harness(const std::vector<LanePort>& inputs, const std::vector<LanePort>& outputs) {
  std::string text = kHead;
  text += kCreate;
  text +=
      "\nEXPORTED void cycle(void* model, const uint64_t* const* inputs, uint64_t* const* outputs) {\n"
      "  Vmodel& top = static_cast<Instance*>(model)->top;\n";
  for (size_t p = 0; p < inputs.size(); ++p) {
    check_width(inputs[p].name, inputs[p].width);
    text += fmt::format("  put(top.{}, inputs[{}], {}, {});\n", inputs[p].name, p, inputs[p].lanes,
                        inputs[p].width);
  }
  text += "  top.clk_i = 0;\n  top.eval();\n";
  for (size_t p = 0; p < outputs.size(); ++p) {
    check_width(outputs[p].name, outputs[p].width);
    text += fmt::format("  get(top.{}, outputs[{}], {}, {});\n", outputs[p].name, p, outputs[p].lanes,
                        outputs[p].width);
  }
  return text + "  top.clk_i = 1;\n  top.eval();\n}\n";
}

ClockedModel::ClockedModel(std::shared_ptr<const VerilatedModel> model)
    : model_(std::move(model)),
      instance_(make_instance(*model_)),
      cycle_(model_->function<void(void*, const uint64_t* const*, uint64_t* const*)>("cycle")) {}

}  // namespace assay
