#include "session/webrtc/ice_servers.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/digest.h"

namespace weir::session::webrtc {

namespace {

struct Login {
  std::string name, password;
};

std::string base64(base::Bytes bytes) {
  std::array<unsigned char, 64> text{};
  static_assert(4 * ((std::tuple_size_v<base::Sha1> + 2) / 3) < std::tuple_size_v<decltype(text)>);
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

Login login_of(const config::IceServer& server, std::chrono::system_clock::time_point now) {
  if (server.secret.empty()) return {server.username, server.password};
  const auto end = std::chrono::duration_cast<std::chrono::seconds>((now + server.lifetime).time_since_epoch());
  Login made{fmt::format("{}{}{}", end.count(), server.username.empty() ? "" : ":", server.username), {}};
  made.password = base64(base::hmac_sha1(base::as_bytes(server.secret), {base::as_bytes(made.name)}));
  return made;
}

// RFC 9110 5.6.4.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::vector<std::string> ice_server_links(const std::vector<config::IceServer>& servers,
                                          std::chrono::system_clock::time_point now) {
  std::vector<std::string> out;
  for (const config::IceServer& server : servers) {
    const Login login = login_of(server, now);
    for (const std::string& url : server.url) {
      std::string link = fmt::format("<{}>; rel=\"ice-server\"", url);
      if (url.starts_with("turn")) {
        link += fmt::format("; username={}; credential={}; credential-type=\"password\"", quoted(login.name),
                            quoted(login.password));
      }
      out.push_back(std::move(link));
    }
  }
  return out;
}

}  // namespace weir::session::webrtc
