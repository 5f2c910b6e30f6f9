#include "session/pull/standard_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/pipe_stream.h"
#include "net/worker.h"
#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

class StandardInputFetcher final : public upstream::Fetcher {
 public:
  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    struct stat info{};
    if (::fstat(STDIN_FILENO, &info) != 0 || !(S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode))) {
      co_return upstream::LocalErrc::no_pipe;
    }
    const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (descriptor < 0) co_return ErrorCode(errno, boost::system::system_category());
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    const auto stream = net::make_pipe_reader(attempt.worker(), descriptor);
    const auto done = co_await receive(attempt, *stream);
    co_return done ? ErrorCode(upstream::LocalErrc::input_ended) : done.error();
  }

 private:
  static net::Task<Result<void>> receive(Attempt& attempt, net::ByteStream& stream) {
    std::optional<Attempt::Agreed> agreed;
    upstream::Intake intake(attempt, &stream);
    base::Buffer room(32 * 1024);
    for (;;) {
      const auto count = co_await stream.read_some({room.data(), room.size()});
      if (!count && count.error() == net::Errc::end_of_stream) {
        if (!agreed) co_return upstream::LocalErrc::input_ended;
        co_return co_await intake.finish();
      }
      if (!count) co_return count.error();
      if (!agreed) agreed.emplace(attempt.agreed(&stream));
      CO_TRY_VOID(co_await intake.take(room.bytes().first(*count)));
    }
  }
};

}  // namespace

Result<upstream::Place> standard_input_place_of(const std::string&) {
  return upstream::Place{.fetcher = std::make_shared<StandardInputFetcher>(), .shown = "-", .secrets = {}};
}

}  // namespace weir::session::pull
