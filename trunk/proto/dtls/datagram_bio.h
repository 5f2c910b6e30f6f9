#pragma once

#include <vector>

#include "base/bytes.h"

struct bio_st;
struct bio_method_st;

namespace weir::dtls {

// What OpenSSL reads from and writes to in place of a socket: the datagram in hand, and those that it wrote. Each write
// is one datagram (OpenSSL 3.0's memory BIO joins them). Must outlive the BIO.
struct DatagramLink {
  base::Bytes in;
  std::vector<base::Buffer> out;
};

// The size that OpenSSL may fill: fits into every network's packets.
inline constexpr std::size_t datagram_mtu = 1200;

// The table of functions, to be freed by BIO_meth_free after the last BIO that was made of it; null without memory.
bio_method_st* make_datagram_method();
// A BIO on `link`; owned by the SSL that it is set on.
bio_st* make_datagram_bio(const bio_method_st* method, DatagramLink& link);

}  // namespace weir::dtls
