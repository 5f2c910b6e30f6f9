#include "app/bench/rtmp_start.h"

#include "app/bench/errc.h"

namespace weir::bench {

namespace {

rtmp::ClientOptions client_options(rtmp::Role role, const Target& target, std::uint32_t chunk_size) {
  rtmp::ClientOptions options;
  options.role = role;
  options.tc_url = target.tc_url();
  options.app = target.app;
  options.stream = target.stream + target.query;
  options.chunk_size = chunk_size;
  options.drain = true;
  return options;
}

}  // namespace

RtmpStart::RtmpStart(rtmp::Role role, const Target& target, std::uint32_t chunk_size)
    : client_(client_options(role, target, chunk_size)) {}

base::Result<void> RtmpStart::input(base::Bytes in) {
  TRY_VOID(client_.input(in));
  while (const auto event = client_.poll()) {
    if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
      refusal_ = refused->code + ": " + refused->description;
      return Errc::refused;
    }
  }
  accepted_ = client_.publishing() || client_.playing();
  return {};
}

base::Buffer RtmpStart::take_output() {
  if (!client_.output().empty() && !accepted_) asked_at_ = base::Instant::clock::now();
  return client_.take_output();
}

}  // namespace weir::bench
