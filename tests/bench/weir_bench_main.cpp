// `weir bench` as a program of its own, so that the load need not be the binary under test.

#include <string_view>
#include <vector>

#include "app/bench/run.h"

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return weir::bench::run_bench(arguments);
}
