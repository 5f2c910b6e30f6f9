#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

// Header fields in their order, in two allocations whatever their number. Names compare without regard to case. A field
// that would break the message apart (a name that is not a token, a control character in the value) is never taken in.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  // False if the field was refused.
  bool add(std::string_view name, std::string_view value);
  // Value of the first field of that name; empty if there is none.
  std::string_view find(std::string_view name) const;
  bool has(std::string_view name) const;
  // True if some field of that name lists the token: "Connection: keep-alive, Upgrade".
  bool has_token(std::string_view name, std::string_view token) const;

  // Whether Accept-Encoding takes that coding (RFC 9110 12.5.3): named, or by "*", and not with q=0.
  bool accepts_coding(std::string_view coding) const;

  std::size_t size() const { return fields_.size(); }
  std::string_view name(std::size_t index) const { return view(fields_[index].at, fields_[index].name_size); }
  std::string_view value(std::size_t index) const {
    return view(fields_[index].at + fields_[index].name_size, fields_[index].value_size);
  }

 private:
  struct Field {
    std::uint32_t at;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };
  std::string_view view(std::size_t at, std::size_t size) const { return std::string_view(text_).substr(at, size); }

  std::string text_;
  std::vector<Field> fields_;
};

}  // namespace weir::http
