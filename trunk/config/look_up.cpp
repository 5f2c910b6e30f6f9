#include "config/look_up.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <memory>

namespace weir::config {

namespace {

constexpr std::size_t longest_host = 253;  // RFC 1035, 2.3.4

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits and dots alone are an address, or a mistake in one.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_host && std::ranges::any_of(text, is_letter) &&
         std::ranges::all_of(text,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

}  // namespace

std::vector<std::string> addresses_of_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* const bytes =
        one->ai_family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr)
            : &reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr;
    if (::inet_ntop(one->ai_family, bytes, text.data(), text.size())) addresses.emplace_back(text.data());
  }
  // In the same order each time, so that a reload sees the same; /etc/hosts may name one twice.
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  return addresses;
}

std::vector<std::string> with_addresses(const std::vector<std::string>& words, const LookUp& look_up,
                                        std::string& unknown) {
  std::vector<std::string> numeric;
  for (const std::string& word : words) {
    const std::size_t colon = word.rfind(':');
    const std::string host = colon == std::string::npos ? std::string() : word.substr(0, colon);
    if (!is_host_name(host)) {
      numeric.push_back(word);
      continue;
    }
    const std::vector<std::string> addresses = look_up(host);
    if (addresses.empty() && unknown.empty()) unknown = host;
    for (const std::string& address : addresses) {
      const bool is_v6 = address.find(':') != std::string::npos;
      numeric.push_back((is_v6 ? "[" + address + "]" : address) + word.substr(colon));
    }
  }
  return numeric;
}

}  // namespace weir::config
