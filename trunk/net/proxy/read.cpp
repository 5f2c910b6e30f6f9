#include "net/proxy/read.h"

#include <array>

namespace weir::proxy {

net::Task<base::Result<Header>> read_header(net::ByteStream& stream, std::string& complaint) {
  HeaderReader reader;
  std::array<std::uint8_t, HeaderReader::most_binary_bytes> room;
  while (!reader.done()) {
    CO_TRY(const std::size_t count, co_await stream.read_some(base::MutableBytes(room).first(reader.wanted())));
    if (const auto taken = reader.input(base::Bytes(room).first(count)); !taken) {
      complaint = reader.complaint();
      co_return taken.error();
    }
  }
  co_return reader.header();
}

}  // namespace weir::proxy
