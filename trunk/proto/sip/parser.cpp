#include <algorithm>
#include <array>

#include "base/text.h"
#include "proto/sip/message.h"

namespace weir::sip {

using base::iequals;
using base::Result;
using base::trim;

namespace {

struct Compact {
  char letter;
  std::string_view name;
};
// RFC 3261 7.3.3 and the RFCs of the extensions.
constexpr std::array compact_names{Compact{'v', "Via"},
                                   Compact{'f', "From"},
                                   Compact{'t', "To"},
                                   Compact{'i', "Call-ID"},
                                   Compact{'m', "Contact"},
                                   Compact{'l', "Content-Length"},
                                   Compact{'c', "Content-Type"},
                                   Compact{'e', "Content-Encoding"},
                                   Compact{'s', "Subject"},
                                   Compact{'k', "Supported"},
                                   Compact{'o', "Event"},
                                   Compact{'u', "Allow-Events"},
                                   Compact{'x', "Session-Expires"}};

std::string long_name(std::string_view name) {
  if (name.size() == 1) {
    for (const Compact& one : compact_names) {
      if (one.letter == (name[0] | 0x20)) return std::string(one.name);
    }
  }
  return std::string(name);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

// The next line without its end; `rest` moves behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<void> parse_first_line(std::string_view line, Message& message) {
  if (line.size() >= 4 && iequals(line.substr(0, 4), "SIP/")) {
    const auto [version, rest] = base::split_first(line, ' ');
    if (!iequals(version, "SIP/2.0")) return Errc::bad_version;
    const auto [code, reason] = base::split_first(trim(rest), ' ');
    const auto number = base::parse_number(code);
    if (!number || *number < 100 || *number > 699) return Errc::not_sip;
    message.status = static_cast<unsigned>(*number);
    message.reason = trim(reason);
    return {};
  }
  const auto [method, rest] = base::split_first(line, ' ');
  const std::string_view behind = trim(rest);
  const auto last = behind.rfind(' ');
  if (!is_token(method) || last == std::string_view::npos) return Errc::not_sip;
  const std::string_view version = behind.substr(last + 1);
  if (version.size() < 4 || !iequals(version.substr(0, 4), "SIP/")) return Errc::not_sip;
  if (!iequals(version, "SIP/2.0")) return Errc::bad_version;
  message.method = method;
  message.uri = trim(behind.substr(0, last));
  return {};
}

// "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK1"
Result<Via> parse_via(std::string_view text) {
  text = first_value(text);
  const auto [sent, parameters] = base::split_first(text, ';');
  const std::string_view front = trim(sent);
  const auto blank = front.find_last_of(" \t");
  if (blank == std::string_view::npos) return Errc::bad_via;
  const std::string protocol = base::without(front.substr(0, blank), " \t");
  const auto slash = protocol.rfind('/');
  if (slash == std::string::npos || !iequals(std::string_view(protocol).substr(0, slash), "SIP/2.0")) {
    return Errc::bad_via;
  }
  Via via{.transport = protocol.substr(slash + 1)};
  for (char& c : via.transport) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  const auto place = parse_uri("sip:" + std::string(trim(front.substr(blank))));
  if (!place || via.transport.empty()) return Errc::bad_via;
  via.host = place->host;
  via.port = place->port;
  if (const auto branch = find_parameter(parameters, "branch")) via.branch = *branch;
  return via;
}

Result<void> read_essentials(Message& message) {
  const std::string* via = message.find("Via");
  const std::string* from = message.find("From");
  const std::string* to = message.find("To");
  const std::string* call_id = message.find("Call-ID");
  const std::string* cseq = message.find("CSeq");
  if (!via || !from || !to || !call_id || call_id->empty() || !cseq) return Errc::missing_header;
  TRY(message.via, parse_via(*via));
  auto from_address = parse_name_address(*from), to_address = parse_name_address(*to);
  if (!from_address || !to_address) return Errc::bad_address;
  message.from = *std::move(from_address);
  message.to = *std::move(to_address);
  message.call_id = *call_id;
  const auto blank = cseq->find_first_of(" \t");
  if (blank == std::string::npos) return Errc::bad_cseq;
  const auto number = base::parse_number(std::string_view(*cseq).substr(0, blank));
  const std::string_view method = trim(std::string_view(*cseq).substr(blank));
  if (!number || *number > 0xffffffffU || !is_token(method)) return Errc::bad_cseq;
  message.cseq = static_cast<std::uint32_t>(*number);
  if (!message.is_request()) message.method = method;
  if (message.method != method) return Errc::bad_cseq;
  return {};
}

// Up to the blank line, which `rest` is moved behind.
Result<Message> parse_head(std::string_view& rest) {
  Message message;
  TRY_VOID(parse_first_line(take_line(rest), message));
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {  // RFC 3261 7.3.1: the last one goes on
      if (message.headers.empty()) return Errc::bad_header;
      message.headers.back().value += " " + std::string(trim(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return Errc::bad_header;
    const std::string_view name = trim(line.substr(0, colon));
    if (!is_token(name)) return Errc::bad_header;
    if (message.headers.size() == most_headers) return Errc::too_many_headers;
    message.headers.push_back({long_name(name), std::string(trim(line.substr(colon + 1)))});
  }
  TRY_VOID(read_essentials(message));
  return message;
}

// None if it says nothing.
Result<std::optional<std::size_t>> content_length(const Message& message) {
  const std::string* said = message.find("Content-Length");
  if (!said) return std::optional<std::size_t>();
  const auto number = base::parse_number(*said);
  if (!number) return Errc::bad_content_length;
  if (*number > most_body_bytes) return Errc::too_long;
  return std::optional<std::size_t>(static_cast<std::size_t>(*number));
}

std::string_view without_blank_lines(std::string_view text) {
  const auto at = text.find_first_not_of("\r\n");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

}  // namespace

Result<Message> parse(std::string_view datagram) {
  std::string_view rest = without_blank_lines(datagram);
  if (rest.size() > most_head_bytes + most_body_bytes) return Errc::too_long;
  TRY(Message message, parse_head(rest));
  TRY(const auto length, content_length(message));
  message.body = rest.substr(0, length.value_or(rest.size()));
  return message;
}

void StreamReader::input(std::string_view bytes) { buffer_ += bytes; }

Result<std::optional<Message>> StreamReader::poll() {
  // Blank lines are skipped; each pair is a question.
  while (begin_ < buffer_.size() && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) {
    if (buffer_[begin_++] == '\n' && ++line_ends_ % 2 == 0) ++pings_;
  }
  if (begin_ < buffer_.size()) line_ends_ = 0;
  scanned_ = std::max(scanned_, begin_);
  const auto more = [this]() -> Result<std::optional<Message>> {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    return std::optional<Message>();
  };
  // The head ends with a line end behind a line end.
  std::size_t end = std::string::npos;
  for (std::size_t at = scanned_; (at = buffer_.find('\n', at)) != std::string::npos; ++at) {
    if (at + 1 < buffer_.size() && buffer_[at + 1] == '\n') end = at + 2;
    if (at + 2 < buffer_.size() && buffer_[at + 1] == '\r' && buffer_[at + 2] == '\n') end = at + 3;
    if (end != std::string::npos) break;
  }
  if (end == std::string::npos || end - begin_ > most_head_bytes) {
    if (buffer_.size() - begin_ > most_head_bytes) return Errc::too_long;
    scanned_ = std::max(begin_, buffer_.size() < 2 ? 0 : buffer_.size() - 2);
    return more();
  }
  std::string_view head = std::string_view(buffer_).substr(begin_, end - begin_);
  TRY(Message message, parse_head(head));
  TRY(const auto length, content_length(message));
  if (!length) return Errc::no_content_length;
  if (buffer_.size() - end < *length) return more();
  message.body = buffer_.substr(end, *length);
  begin_ = scanned_ = end + *length;
  return std::optional(std::move(message));
}

}  // namespace weir::sip
