#include "arith/product_rule.h"

#include <array>

namespace assay {

std::string_view to_string(ProductRule rule) {
  constexpr std::array<std::string_view, 10> kWords = {
      "exact", "pam", "pam_minimum_rms", "pam_zero_mean", "lmul", "mbm", "epfml", "table", "mfbprop", "via"};
  return kWords[static_cast<size_t>(rule)];
}

const std::vector<ProductRule>& plain_product_rules() {
  static const std::vector<ProductRule> rules = {
      ProductRule::pam, ProductRule::pam_minimum_rms, ProductRule::pam_zero_mean, ProductRule::lmul,
      ProductRule::mbm, ProductRule::epfml,           ProductRule::mfbprop};
  return rules;
}

bool is_piecewise_affine(ProductRule rule) {
  return rule != ProductRule::exact && rule != ProductRule::mfbprop && rule != ProductRule::via;
}

}  // namespace assay
