#pragma once

#include <string>
#include <string_view>

namespace weir::manscdp {

// UTF-8 of what a device sent. Most declare GB2312 (2011, 2016) or GB18030 (2022), and send either that or UTF-8: where
// the text reads as UTF-8 and holds characters of three bytes and more alone, as Chinese has there, it is taken for
// that. What is neither becomes U+FFFD. No control characters but tab, CR and LF are left.
std::string to_utf8(std::string_view bytes, std::string_view declared);

// GB 18030, of which GB2312 is a part; what cannot be said in it becomes '?'.
std::string to_gb18030(std::string_view utf8);

bool is_utf8(std::string_view bytes);

}  // namespace weir::manscdp
