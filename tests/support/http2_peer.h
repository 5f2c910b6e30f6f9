#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace weir::test {

// A client of HTTP/2 by nghttp2, without a socket: what it says, and what it was answered by stream.
class Http2Peer {
 public:
  struct Answer {
    std::map<std::string, std::string> fields;
    std::string body;
    bool ended = false;
    bool cut = false;  // by RST_STREAM, for whatever reason
    std::uint32_t reset = 0;
    std::string status() const {
      const auto found = fields.find(":status");
      return found == fields.end() ? std::string() : found->second;
    }
  };

  // `window`: of each stream, before it is opened by what was read.
  explicit Http2Peer(std::uint32_t window = 65'535) {
    nghttp2_session_callbacks* calls = nullptr;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_session_callbacks_set_on_header_callback(calls, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, closed);
    nghttp2_option* options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_session_client_new2(&session_, calls, this, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(calls);
    const nghttp2_settings_entry entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &entry, 1);
    // Of all streams together, so that one which is not read shuts only itself.
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 16 * 1024 * 1024);
  }
  ~Http2Peer() { nghttp2_session_del(session_); }
  Http2Peer(const Http2Peer&) = delete;

  std::int32_t ask(const std::string& path, const std::string& method = "GET", const std::string* body = nullptr,
                   std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> fields{
        {":method", method}, {":scheme", "http"}, {":authority", "example.org:8080"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> list;
    for (auto& [name, value] : fields) {
      list.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                      name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    if (body) bodies_.push_back(*body);
    provider.source.ptr = body ? &bodies_.back() : nullptr;
    provider.read_callback = read;
    return nghttp2_submit_request(session_, nullptr, list.data(), list.size(), body ? &provider : nullptr, nullptr);
  }
  void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }
  void ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }
  // It has read so much of that stream, and would have more.
  void consume(std::int32_t id, std::size_t bytes) { nghttp2_session_consume(session_, id, bytes); }

  std::string output() {
    std::string out;
    for (;;) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
      if (size <= 0) return out;
      out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
  }
  // False: what came breaks the rules.
  bool input(base::Bytes bytes) {
    return nghttp2_session_mem_recv(session_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  }

  Answer& answer(std::int32_t id) { return answers_[id]; }
  bool told_to_go = false;
  std::uint32_t why = 0;  // it was told to go

 private:
  static Http2Peer& self(void* user) { return *static_cast<Http2Peer*>(user); }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    self(user).answers_[frame->hd.stream_id].fields[{reinterpret_cast<const char*>(name), name_size}] = {
        reinterpret_cast<const char*>(value), value_size};
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                  void* user) {
    self(user).answers_[id].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Peer& me = self(user);
    if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      me.answers_[frame->hd.stream_id].ended = true;
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM) me.answers_[frame->hd.stream_id].cut = true;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      me.told_to_go = true;
      me.why = frame->goaway.error_code;
    }
    return 0;
  }
  static int closed(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    self(user).answers_[id].reset = error;
    return 0;
  }
  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* room, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source* source, void*) {
    std::string& body = *static_cast<std::string*>(source->ptr);
    const std::size_t count = std::min(size, body.size());
    std::copy_n(body.begin(), count, room);
    body.erase(0, count);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Answer> answers_;
  std::deque<std::string> bodies_;
};

}  // namespace weir::test
