#include "proto/dtls/datagram_bio.h"

#include <openssl/bio.h>

#include <algorithm>

namespace weir::dtls {

using base::Bytes;

namespace {

constexpr std::size_t most_output = 64;  // datagrams that wait to be taken

DatagramLink& link_of(BIO* bio) { return *static_cast<DatagramLink*>(BIO_get_data(bio)); }

int write(BIO* bio, const char* data, int size) {
  DatagramLink& link = link_of(bio);
  const Bytes datagram(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  if (link.out.size() < most_output) link.out.emplace_back().append(datagram);
  return size;
}

int read(BIO* bio, char* data, int room) {
  DatagramLink& link = link_of(bio);
  BIO_clear_retry_flags(bio);
  if (link.in.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t size = std::min(link.in.size(), static_cast<std::size_t>(room));
  std::copy_n(link.in.begin(), size, reinterpret_cast<std::uint8_t*>(data));
  link.in = {};  // what does not fit of a datagram is lost, as with a socket
  return static_cast<int>(size);
}

long control(BIO*, int command, long, void*) {
  constexpr long ipv4_and_udp = 28;
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
      return datagram_mtu;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return ipv4_and_udp;
    default:
      return 0;
  }
}

}  // namespace

bio_method_st* make_datagram_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");
  if (!method) return nullptr;
  BIO_meth_set_write(method, write);
  BIO_meth_set_read(method, read);
  BIO_meth_set_ctrl(method, control);
  return method;
}

bio_st* make_datagram_bio(const bio_method_st* method, DatagramLink& link) {
  BIO* const bio = BIO_new(method);
  if (!bio) return nullptr;
  BIO_set_data(bio, &link);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace weir::dtls
