#include "proto/sdp/parameter_sets.h"

#include <openssl/evp.h>

#include <string>

#include "base/text.h"

namespace weir::sdp {

namespace {

constexpr std::size_t most_sets = 16;

base::SharedBytes decode(std::string_view text) {
  std::string padded(base::trim(text));
  while (!padded.empty() && padded.back() == '=') padded.pop_back();
  const std::size_t size = padded.size() * 3 / 4;
  padded.resize((padded.size() + 3) / 4 * 4, '=');
  base::Buffer room(padded.size() / 4 * 3);
  const int written = EVP_DecodeBlock(room.data(), reinterpret_cast<const unsigned char*>(padded.data()),
                                      static_cast<int>(padded.size()));
  if (written < 0 || size > room.size()) return {};
  return base::SharedBytes::copy_of(room.bytes().first(size));
}

}  // namespace

std::vector<base::SharedBytes> parameter_sets(std::string_view fmtp) {
  std::vector<base::SharedBytes> out;
  for (const std::string_view name : {"sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"}) {
    for (const std::string_view part : base::split(fmtp, ';')) {
      const auto [key, value] = base::split_first(base::trim(part), '=');
      if (!base::iequals(base::trim(key), name)) continue;
      for (const std::string_view one : base::split(value, ',')) {
        base::SharedBytes nal = decode(one);
        if (!nal.empty() && out.size() < most_sets) out.push_back(std::move(nal));
      }
    }
  }
  return out;
}

}  // namespace weir::sdp
