#include "net/resolve.h"

#include <boost/asio/ip/udp.hpp>

#include "net/deadline.h"
#include "net/udp_sockaddr.h"

namespace weir::net {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds limit{3};

Task<base::Result<std::vector<UdpAddress>>> ask(std::string host, std::uint16_t port, std::size_t most) {
  asio::ip::udp::resolver resolver(co_await asio::this_coro::executor);
  const auto [error, found] = co_await resolver.async_resolve(host, std::to_string(port), use_ec);
  if (error) co_return house_error(error);
  std::vector<UdpAddress> out;
  for (const auto& one : found) {
    if (out.size() == most) break;
    sockaddr_storage storage{};
    std::memcpy(&storage, one.endpoint().data(), one.endpoint().size());
    out.push_back(from_sockaddr(storage));
  }
  co_return out;
}

}  // namespace

Task<base::Result<std::vector<UdpAddress>>> resolve(std::string host, std::uint16_t port, std::size_t most) {
  if (const auto numeric = udp_address(host, port)) co_return std::vector{*numeric};
  co_return co_await deadline(limit, ask(std::move(host), port, most));
}

}  // namespace weir::net
