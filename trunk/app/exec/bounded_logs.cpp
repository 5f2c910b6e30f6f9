#include "app/exec/bounded_logs.h"

#include <filesystem>

namespace weir::exec {

void bound_logs(const Command& command, std::uintmax_t largest_bytes) {
  for (const Command::Redirect& redirect : command.redirects) {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(redirect.path, ignored);
    if (!ignored && redirect.append && size > largest_bytes) std::filesystem::resize_file(redirect.path, 0, ignored);
  }
}

}  // namespace weir::exec
