#pragma once

#include <functional>
#include <string>
#include <vector>

namespace weir::config {

// The numeric addresses of a host, without brackets; none: it has none, or nobody knows.
using LookUp = std::function<std::vector<std::string>(const std::string& host)>;
// As the system finds them: /etc/hosts, then DNS, for which it may wait.
std::vector<std::string> addresses_of_host(const std::string& host);

// Words that say where to listen, with the addresses of a host in the place of its name: "localhost:1935" becomes
// "127.0.0.1:1935" and "[::1]:1935". What is no name with a port stays as it is. `unknown` is the name that has no
// address, if there is one.
std::vector<std::string> with_addresses(const std::vector<std::string>& words, const LookUp& look_up,
                                        std::string& unknown);

}  // namespace weir::config
