#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"

// AAC: ISO 14496-3.
namespace weir::codec::aac {

// AudioSpecificConfig, 1.6.2.1
struct Configuration {
  std::uint8_t object_type = 2;             // of the core: 1 Main, 2 LC, 3 SSR, 4 LTP, ...
  std::uint8_t channel_configuration = 0;   // as written; 0 if a program config element told the channels
  std::uint8_t channels = 0;                // of the core
  std::uint32_t sample_rate = 0;            // of the core, Hz
  bool sbr = false;                         // HE-AAC: signalled, explicitly or behind the core's configuration
  bool ps = false;                          // HE-AAC v2
  std::uint32_t extension_sample_rate = 0;  // with SBR
  std::uint16_t frame_samples = 1024;       // of the core in one access unit

  // What a listener gets.
  std::uint32_t output_sample_rate() const {
    return sbr && extension_sample_rate != 0 ? extension_sample_rate : sample_rate;
  }
  std::uint8_t output_channels() const { return ps && channels == 1 ? 2 : channels; }
};

base::Result<Configuration> parse_configuration(base::Bytes bytes);
// Two bytes for the core alone: what an ADTS stream needs. The rate must be in the table of 1.6.3.4.
base::Buffer build_configuration(std::uint8_t object_type, std::uint32_t sample_rate,
                                 std::uint8_t channel_configuration);

// The configuration of the frames of an ADTS stream, from the first of them, header and payload. Where the header
// leaves the channels to a program config element at the begin of the payload, the configuration has that element.
// Empty if it cannot be told.
base::Buffer configuration_of_adts(base::Bytes frame);
// What must stand before each raw access unit in ADTS if the configuration has a program config element: that element
// (1.A.3.2, 4.4.2.1), a whole number of bytes. Empty if the channel configuration says all.
base::Buffer program_element(base::Bytes configuration);
// Whether a raw access unit begins with such an element itself.
bool begins_with_program_element(base::Bytes unit);

// A raw access unit of the core in which nothing is heard (4.4.2.1): each channel has a spectrum without a line. Empty
// unless it is Main, LC or LTP in one of the channel configurations 1 to 7.
base::Buffer silent_unit(const Configuration& configuration);

// "LC", "Main", "SSR", "LTP", "HE", "HEv2"; "Other" for one without a name.
std::string profile_text(const Configuration& configuration);

// The index of table 1.18, or 15 for a rate that is not in it.
std::uint8_t rate_index(std::uint32_t sample_rate);

// adts_frame header, 1.A.2.2
struct AdtsHeader {
  std::uint8_t object_type = 2;
  std::uint32_t sample_rate = 0;
  std::uint8_t channel_configuration = 0;
  std::uint16_t header_bytes = 7;  // 9 with a checksum
  std::uint16_t frame_bytes = 0;   // header and payload
  std::uint8_t raw_blocks = 1;     // access units in it
};
inline constexpr std::size_t adts_header_bytes = 7;

base::Result<AdtsHeader> parse_adts_header(base::Bytes in);
// `out` has at least adts_header_bytes. Only object types 1 to 4 and rates of the table can be told: else an error.
base::Result<void> write_adts_header(base::MutableBytes out, const Configuration& configuration,
                                     std::size_t payload_bytes);

}  // namespace weir::codec::aac
