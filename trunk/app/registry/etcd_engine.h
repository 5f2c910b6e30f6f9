#pragma once

#include <array>
#include <deque>
#include <optional>
#include <set>

#include "app/cluster/etcd_words.h"
#include "app/registry/engine.h"
#include "net/http/client.h"
#include "net/http/download.h"
#include "net/notifier.h"

namespace weir::registry {

// A registry in etcd 3.4 or newer, by its JSON gateway. What this server writes hangs on a lease that begins with the
// connection; changes of streams come in one answer without end. Questions about one stream go one after another, those
// about several beside one another.
class EtcdEngine final : public Engine {
 public:
  static constexpr std::chrono::milliseconds connect_limit{3'000}, answer_limit{3'000}, leave_limit{1'000};
  static constexpr std::size_t lanes = 4;                   // connections for questions
  static constexpr std::size_t longest_line = 4u << 20;     // of changes
  static constexpr std::size_t longest_answer = 16u << 20;  // the records of all nodes
  static constexpr std::size_t most_waiting = 100'000;      // questions

  EtcdEngine(Given given, Told told);
  ~EtcdEngine() override;

  void speak_tls(net::TlsContext& context) override { tls_ = &context; }
  net::Task<void> run(net::Life& life) override;
  void ask(const cluster::Ask& ask) override;
  void follow(const std::string& key, bool on) override;
  void tick() override {}
  bool is_up() const override { return up_ && cut_why_.empty(); }
  std::string address() const override { return given_.settings.address; }

 private:
  using Streams = std::unique_ptr<net::ByteStream>;
  struct Lane {
    explicit Lane(boost::asio::io_context& io) : wake(io) {}
    std::deque<cluster::EtcdQuestion> queue;
    net::Notifier wake;
    net::ByteStream* stream = nullptr;  // its task's own
  };
  // An error text: why it is over.
  net::Task<std::string> serve(net::Life& life);
  net::Task<std::string> watch(net::Life& life);
  net::Task<void> run_lane(net::Life& life, std::shared_ptr<Lane> lane);
  net::Task<void> give_up_lease(net::Life& life, cluster::EtcdCall call);
  net::Task<base::Result<Streams>> connect(net::Life& life);
  net::Task<base::Result<http::ClientReply>> post(net::ByteStream& stream, cluster::EtcdCall call);
  http::Url url_of(const std::string& path) const;
  http::ClientRequest request_of(std::string body) const;
  bool hear_lines();
  void cut(std::string why);

  // given
  Given given_;
  Told told_;
  net::TlsContext* tls_ = nullptr;  // null: in plain text

  // owned
  cluster::EtcdWords words_;

  net::Worker* worker_ = nullptr;  // of the task

  // state, of the connection
  std::vector<std::shared_ptr<Lane>> lanes_;
  net::ByteStream* watched_ = nullptr;  // the task's own
  std::string token_, lease_, line_, cut_why_;
  std::set<std::string> followed_;
  bool up_ = false;
  // state
  std::size_t waiting_ = 0;
  std::uint32_t chance_, failures_ = 0;
};

}  // namespace weir::registry
