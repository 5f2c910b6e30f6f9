#include "net/rist/core.h"

#ifdef WEIR_HAS_RIST

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "base/url.h"
#include "net/rist/error.h"
#include "net/worker.h"

namespace weir::net {

using base::Result;

namespace {

constexpr int figures_every_ms = 1000;

void set(char* field, std::size_t size, const std::string& text) {
  const std::size_t length = std::min(text.size(), size - 1);
  std::memcpy(field, text.data(), length);
  field[length] = 0;
}

template <class Field, class Value>
void set(Field& field, const std::optional<Value>& value) {
  if (!value) return;
  if constexpr (requires { value->count(); }) {
    field = static_cast<Field>(value->count());
  } else {
    field = static_cast<Field>(*value);
  }
}

void apply(const RistSettings& settings, rist_peer_config& peer) {
  set(peer.recovery_length_min, settings.buffer_min);
  set(peer.recovery_length_max, settings.buffer_max);
  set(peer.recovery_reorder_buffer, settings.reorder_buffer);
  set(peer.recovery_rtt_min, settings.rtt_min);
  set(peer.recovery_rtt_max, settings.rtt_max);
  set(peer.session_timeout, settings.session_timeout);
  set(peer.keepalive_interval, settings.keepalive);
  set(peer.recovery_maxbitrate, settings.bandwidth_kbps);
  set(peer.recovery_maxbitrate_return, settings.return_bandwidth_kbps);
  set(peer.min_retries, settings.min_retries);
  set(peer.max_retries, settings.max_retries);
  set(peer.key_rotation, settings.key_rotation);
  set(peer.virt_dst_port, settings.virtual_port);
  if (settings.congestion_control) {
    peer.congestion_control_mode = static_cast<rist_congestion_control_mode>(*settings.congestion_control);
  }
  if (!settings.secret.empty()) {
    set(peer.secret, sizeof peer.secret, settings.secret);
    peer.key_size = settings.aes_bits;
  }
  if (!settings.cname.empty()) set(peer.cname, sizeof peer.cname, settings.cname);
  if (!settings.interface.empty()) set(peer.miface, sizeof peer.miface, settings.interface);
}

}  // namespace

RistCore::RistCore(Worker& worker, const log::Context& log, std::function<void()> changed, std::shared_ptr<void> seat)
    : worker_(worker), log_(log), changed_(std::move(changed)), seat_(std::move(seat)) {
  logging_ = {.log_level = RIST_LOG_ERROR,
              .log_cb = &RistCore::on_log,
              .log_cb_arg = this,
              .log_socket = -1,
              .log_stream = nullptr};
}

RistCore::~RistCore() { down(); }

Result<void> RistCore::open(Role role, const RistSettings& settings) {
  const rist_profile profile = settings.simple ? RIST_PROFILE_SIMPLE : RIST_PROFILE_MAIN;
  const int made = role == Role::receiver ? rist_receiver_create(&context_, profile, &logging_)
                                          : rist_sender_create(&context_, profile, 0, &logging_);
  if (made != 0) return RistErrc::context;
  rist_connection_status_callback_set(context_, &RistCore::on_status, this);
  rist_auth_handler_set(context_, &RistCore::on_connect, &RistCore::on_disconnect, this);
  rist_stats_callback_set(context_, figures_every_ms, &RistCore::on_stats, this);
  if (role == Role::receiver) rist_receiver_data_callback_set2(context_, &RistCore::on_data, this);
  {
    const std::lock_guard lock(mutex_);
    each_ = std::make_unique<RistPeers>(settings.simple);
  }
  TRY_VOID(add_peer(role, settings, !settings.more.empty()));
  for (const RistSettings& one : settings.more) TRY_VOID(add_peer(role, one, true));
  if (rist_start(context_) != 0) return RistErrc::start;
  return {};
}

// The address by the library's own reader, which tells listeners by the "@"; nothing of the rest is text that is parsed
// again. What its defaults leave at 0, these times, would be as short as they can be.
Result<void> RistCore::add_peer(Role role, const RistSettings& settings, bool one_of_several) {
  const std::string url = std::string(settings.listens ? "rist://@" : "rist://") + to_text(settings.address);
  rist_peer_config config{};
  rist_peer_config_defaults_set(&config);
  config.session_timeout = RIST_DEFAULT_SESSION_TIMEOUT;
  config.keepalive_interval = RIST_DEFAULT_KEEPALIVE_INTERVAL;
  rist_peer_config* read = &config;
  if (rist_parse_address2(url.c_str(), &read) != 0) return RistErrc::peer;
  apply(settings, config);
  // Of several that are sent to each gets everything, unless weights say that they share.
  if (role == Role::sender && one_of_several) config.weight = settings.weight.value_or(0);
  rist_peer* peer = nullptr;
  if (rist_peer_create(context_, &peer, &config) != 0) return RistErrc::peer;
  const std::lock_guard lock(mutex_);
  if (settings.listens) {
    each_->listens();
  } else {
    each_->called(peer, to_text(settings.address));
  }
  return {};
}

void RistCore::leave() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  changed_ = nullptr;
}

void RistCore::down() {
  if (context_) rist_destroy(std::exchange(context_, nullptr));
  seat_.reset();
  const std::lock_guard lock(mutex_);
  if (taken_) rist_receiver_data_block_free2(&taken_);
  taken_ = nullptr;
  for (rist_data_block*& block : blocks_) rist_receiver_data_block_free2(&block);
  blocks_.clear();
}

void RistCore::wake() {
  if (!open_ || std::exchange(posted_, true)) return;
  worker_.post([self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->posted_ = false;
    }
    if (self->changed_) self->changed_();
  });
}

const rist_data_block* RistCore::take() {
  if (taken_) rist_receiver_data_block_free2(&taken_);
  taken_ = nullptr;
  const std::lock_guard lock(mutex_);
  if (blocks_.empty()) return nullptr;
  taken_ = blocks_.front();
  blocks_.pop_front();
  waiting_bytes_ -= taken_->payload_len;
  return taken_;
}

int RistCore::write(base::Bytes packet) {
  rist_data_block block{};
  block.payload = packet.data();
  block.payload_len = packet.size();
  return rist_sender_data_write(context_, &block);
}

void RistCore::look_again() {
  const std::lock_guard lock(mutex_);
  wake();
}

std::uint32_t RistCore::peers() const {
  const std::lock_guard lock(mutex_);
  return seen_.peers;
}

RistCore::Seen RistCore::seen() const {
  const std::lock_guard lock(mutex_);
  Seen seen = seen_;
  if (each_) seen.figures.peers = each_->list();
  return seen;
}

// An error of the library is, once it runs, a packet that cannot be read: mostly since the other side has another
// secret.
int RistCore::on_log(void* self, rist_log_level, const char* message) {
  auto& core = *static_cast<RistCore*>(self);
  const std::lock_guard lock(core.mutex_);
  if (!core.open_) return 0;  // the session that it was about is over
  ++core.seen_.figures.undecrypted;
  core.wake();
  const std::uint64_t times = core.lines_.hit(std::chrono::steady_clock::now());
  if (times == 0) return 0;
  std::string_view text(message ? message : "");
  if (const auto end = text.find_last_not_of(" \r\n"); end != std::string_view::npos) text = text.substr(0, end + 1);
  log::warn(core.log_, "librist: {} ({} times)", base::printable(text, 300), times);
  return 0;
}

int RistCore::on_data(void* self, rist_data_block* block) {
  auto& core = *static_cast<RistCore*>(self);
  const std::lock_guard lock(core.mutex_);
  if (!core.open_ || core.waiting_bytes_ + block->payload_len > most_waiting_bytes) {
    ++core.seen_.dropped;
    rist_receiver_data_block_free2(&block);
    return 0;
  }
  core.waiting_bytes_ += block->payload_len;
  core.blocks_.push_back(block);
  core.wake();
  return 0;
}

void RistCore::on_status(void* self, rist_peer* peer, rist_connection_status status) {
  auto& core = *static_cast<RistCore*>(self);
  const std::lock_guard lock(core.mutex_);
  const bool there = status == RIST_CONNECTION_ESTABLISHED || status == RIST_CLIENT_CONNECTED;
  core.each_->is_there(peer, there);
  if (there) {
    ++core.seen_.peers;
    core.seen_.lost = false;
    core.seen_.heard_at = std::chrono::steady_clock::now();
  } else if (core.seen_.peers > 0 && --core.seen_.peers == 0) {
    core.seen_.lost = true;
  }
  core.wake();
}

int RistCore::on_connect(void* self, const char* address, std::uint16_t port, const char*, std::uint16_t,
                         rist_peer* peer) {
  auto& core = *static_cast<RistCore*>(self);
  const std::lock_guard lock(core.mutex_);
  core.seen_.peer = base::format_host_port(address ? address : "", port);
  core.each_->came(peer, core.seen_.peer);
  return 0;
}

int RistCore::on_disconnect(void* self, rist_peer* peer) {
  auto& core = *static_cast<RistCore*>(self);
  const std::lock_guard lock(core.mutex_);
  core.each_->left(peer);
  return 0;
}

// What the library tells is of the time since it told last.
int RistCore::on_stats(void* self, const rist_stats* stats) {
  auto& core = *static_cast<RistCore*>(self);
  {
    const std::lock_guard lock(core.mutex_);
    if (stats->stats_type == RIST_STATS_RECEIVER_FLOW) {
      core.count(stats->stats.receiver_flow);
      if (stats->stats_json) core.each_->count_received({stats->stats_json, stats->json_size});
    } else {
      core.count(stats->stats.sender_peer);
    }
  }
  rist_stats_free(stats);
  return 0;
}

void RistCore::count(const rist_stats_receiver_flow& flow) {
  TransportFigures& figures = seen_.figures;
  figures.received_packets += flow.received;
  figures.receive_lost += flow.missing;
  figures.receive_dropped += flow.lost;
  figures.repaired += flow.recovered;
  figures.rtt = std::chrono::milliseconds(flow.rtt);
  figures.receive_mbps = static_cast<double>(flow.bandwidth) / 1e6;
  figures.quality = flow.quality;
}

void RistCore::count(const rist_stats_sender_peer& peer) {
  TransportFigures& figures = seen_.figures;
  if (peer.received > 0) seen_.heard_at = std::chrono::steady_clock::now();
  figures.sent_packets += peer.sent;
  figures.retransmitted += peer.retransmitted;
  figures.rtt = std::chrono::milliseconds(peer.rtt);
  figures.send_mbps = static_cast<double>(peer.bandwidth) / 1e6;
  figures.quality = peer.quality;
  each_->count(peer.peer_id, {.sent = peer.sent,
                              .retransmitted = peer.retransmitted,
                              .mbps = static_cast<double>(peer.bandwidth) / 1e6,
                              .quality = peer.quality,
                              .rtt_ms = peer.rtt});
}

}  // namespace weir::net

#endif
