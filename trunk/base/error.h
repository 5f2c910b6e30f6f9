#pragma once

#include <string>
#include <type_traits>

#include "base/result.h"

namespace weir::base {

// Gives an `enum class Errc` of a folder its error category. Beside the enum, in its namespace, write
//   const char* describe(Errc);            // what was wrong in the bytes, in words
//   WEIR_ERROR_CATEGORY(Errc, "rtmp")      // defines make_error_code(Errc)
// and below, outside every namespace, WEIR_ERROR_ENUM(weir::rtmp::Errc).
template <class Errc, const char* (*describe)(Errc)>
class EnumCategory final : public boost::system::error_category {
 public:
  explicit constexpr EnumCategory(const char* name) : name_(name) {}
  const char* name() const noexcept override { return name_; }
  std::string message(int value) const override { return describe(static_cast<Errc>(value)); }

 private:
  const char* name_;
};

}  // namespace weir::base

#define WEIR_ERROR_CATEGORY(Errc, name)                                         \
  inline const ::weir::base::EnumCategory<Errc, &describe> errc_category{name}; \
  inline ::weir::base::ErrorCode make_error_code(Errc code) { return {static_cast<int>(code), errc_category}; }
#define WEIR_ERROR_ENUM(Errc) \
  template <>                 \
  struct boost::system::is_error_code_enum<Errc> : std::true_type {};
