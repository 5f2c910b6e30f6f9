// What an SRT caller asks for: a name that is taken is one that every other protocol can say.
#include <cstdlib>
#include <string>

#include "proto/srt/streamid.h"

using namespace weir;

// The first byte: what the configuration says of bare names.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  srt::StreamIdDefaults defaults;
  if (data[0] & 1) defaults.mode = srt::StreamId::Mode::publish;
  const auto id = srt::parse_stream_id({reinterpret_cast<const char*>(data + 1), size - 1}, defaults);
  if (!id) return 0;
  if (id->url.stream.empty() || id->url.stream.find('/') != std::string::npos) std::abort();
  for (const std::string* name : {&id->url.app, &id->url.stream}) {
    if (*name == "..") std::abort();
    for (const char c : *name) {
      if (c == '?' || c == '#' || static_cast<unsigned char>(c) < 0x20) std::abort();
    }
  }
  return 0;
}
