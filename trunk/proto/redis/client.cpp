#include "proto/redis/client.h"

#include <array>
#include <vector>

namespace weir::redis {

using base::Result;

Client::Client(Options options) {
  std::vector<std::string> hello{"HELLO", "3"};
  if (!options.password.empty()) {
    hello.insert(hello.end(), {"AUTH", options.user.empty() ? "default" : options.user, options.password});
  }
  if (!options.name.empty()) hello.insert(hello.end(), {"SETNAME", options.name});
  write(hello, Asked::greeting);
  const std::array<std::string, 2> select{"SELECT", std::to_string(options.database)};
  if (options.database != 0) write(select, Asked::database);
}

// An array of bulk strings, as any command.
void Client::write(std::span<const std::string> words, Asked asked) {
  output_ += "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    output_ += "$" + std::to_string(word.size()) + "\r\n";
    output_.append(word).append("\r\n");
  }
  waiting_.push_back({asked, asked == Asked::command ? ++last_id_ : 0});
}

std::uint64_t Client::send(std::span<const std::string> words) {
  write(words, Asked::command);
  return last_id_;
}

void Client::follow(const char* verb, const std::string& channel) {
  const std::array<std::string, 2> words{verb, channel};
  write(words, Asked::channel);
}

Result<void> Client::input(base::Bytes bytes) {
  TRY_VOID(parser_.input(bytes));
  while (auto value = parser_.poll()) TRY_VOID(take(*std::move(value)));
  return {};
}

Result<void> Client::take(Value value) {
  if (refused_) return {};
  if (value.kind == Value::Kind::push) return take_push(std::move(value));
  if (waiting_.empty()) return Errc::unasked;
  const Waiting asked = waiting_.front();
  waiting_.pop_front();
  switch (asked.asked) {
    case Asked::greeting:
    case Asked::database:
      if (value.is_error()) {
        refused_ = true;
        events_.push_back(Refused{std::move(value.text)});
      } else if (waiting_.empty()) {
        ready_ = true;
        events_.push_back(Ready{});
      }
      break;
    case Asked::command:
      events_.push_back(Reply{asked.id, std::move(value)});
      break;
    case Asked::channel:  // a refusal: what it grants comes as a push
      if (!value.is_error()) return Errc::unasked;
      break;
  }
  return {};
}

// What was subscribed to is granted in the order in which it was asked for, between the answers.
Result<void> Client::take_push(Value value) {
  if (value.items.empty()) return {};
  const std::string kind = value.items.front().text;
  if (kind == "subscribe" || kind == "unsubscribe") {
    if (waiting_.empty() || waiting_.front().asked != Asked::channel) return Errc::unasked;
    waiting_.pop_front();
  } else if (kind == "message" && value.items.size() == 3) {
    events_.push_back(Message{std::move(value.items[1].text), std::move(value.items[2].text)});
  }
  return {};
}

std::optional<Client::Event> Client::poll() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace weir::redis
