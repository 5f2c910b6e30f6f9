#include "app/devices/memory.h"

#include <nlohmann/json.hpp>

#include "app/api/json_writer.h"

namespace weir::devices {

using manscdp::CatalogItem;
using session::gb28181::DeviceMemory;

namespace {

// Members and their names, both ways.
constexpr std::pair<std::string_view, std::string DeviceMemory::*> device_texts[] = {
    {"id", &DeviceMemory::id},
    {"name", &DeviceMemory::name},
    {"manufacturer", &DeviceMemory::manufacturer},
    {"model", &DeviceMemory::model},
    {"firmware", &DeviceMemory::firmware},
    {"version", &DeviceMemory::version}};
constexpr std::pair<std::string_view, std::string CatalogItem::*> channel_texts[] = {
    {"id", &CatalogItem::id},
    {"name", &CatalogItem::name},
    {"manufacturer", &CatalogItem::manufacturer},
    {"model", &CatalogItem::model},
    {"owner", &CatalogItem::owner},
    {"civil_code", &CatalogItem::civil_code},
    {"address", &CatalogItem::address},
    {"parent", &CatalogItem::parent},
    {"longitude", &CatalogItem::longitude},
    {"latitude", &CatalogItem::latitude},
    {"ptz_type", &CatalogItem::ptz_type}};

constexpr std::size_t most_text = 256;

template <class T, class Texts>
void read_texts(const nlohmann::json& from, const Texts& texts, T& to) {
  for (const auto& [name, member] : texts) {
    const auto found = from.find(std::string(name));
    if (found == from.end() || !found->is_string()) continue;
    const auto& text = found->template get_ref<const std::string&>();
    if (text.size() <= most_text) to.*member = text;
  }
}

}  // namespace

std::string line_of(const DeviceMemory& memory) {
  api::JsonWriter out;
  out.begin_object();
  for (const auto& [name, member] : device_texts) out.field(name, memory.*member);
  out.field("seen", std::chrono::duration_cast<std::chrono::seconds>(memory.seen_at.time_since_epoch()).count());
  out.begin_array("channels");
  for (const CatalogItem& item : memory.channels) {
    out.begin_object();
    for (const auto& [name, member] : channel_texts) {
      if (!(item.*member).empty()) out.field(name, item.*member);
    }
    out.end_object();
  }
  out.end_array().end_object();
  return std::string(out.text());
}

base::Result<std::vector<DeviceMemory>> parse(std::string_view text) {
  const auto all = nlohmann::json::parse(text, nullptr, false);
  const auto wrong = boost::system::errc::make_error_code(boost::system::errc::bad_message);
  if (!all.is_object() || !all.contains("devices") || !all["devices"].is_array()) return wrong;
  std::vector<DeviceMemory> out;
  for (const auto& one : all["devices"]) {
    if (!one.is_object()) continue;
    DeviceMemory memory;
    read_texts(one, device_texts, memory);
    if (!manscdp::is_id(memory.id)) continue;
    if (const auto seen = one.find("seen"); seen != one.end() && seen->is_number_unsigned()) {
      const auto seconds = std::min<std::uint64_t>(seen->get<std::uint64_t>(), 1ULL << 32);
      memory.seen_at = session::gb28181::WallTime(std::chrono::seconds(seconds));
    }
    if (const auto channels = one.find("channels"); channels != one.end() && channels->is_array()) {
      for (const auto& item : *channels) {
        CatalogItem channel;
        if (item.is_object()) read_texts(item, channel_texts, channel);
        if (manscdp::is_id(channel.id)) memory.channels.push_back(std::move(channel));
      }
    }
    out.push_back(std::move(memory));
  }
  return out;
}

}  // namespace weir::devices
