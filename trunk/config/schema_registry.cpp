#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

constexpr std::array registry{
    row<&Registry::engine>("engine", choice("off redis etcd"), "off", restart,
                           "Where the servers of a cluster keep who has what: in Redis 6 or newer, in etcd 3.4 or "
                           "newer, or nowhere."),
    row<&Registry::address>("address", text(), "127.0.0.1", restart,
                            "Where that is, host[:port]: 6379 of Redis, 2379 of etcd."),
    row<&Registry::sentinels>("sentinels", words(), "", restart,
                              "Redis Sentinels, host[:port], 26379: they are asked in turn where Redis is, and not "
                              "'address'.")
        .like("10.0.0.5:26379 10.0.0.6:26379 10.0.0.7:26379"),
    row<&Registry::sentinel_master>("sentinel_master", text(), "mymaster", restart, "What they call it."),
    row<&Registry::sentinel_password>("sentinel_password", text(), "", restart, "Their own password.").like("secret"),
    row<&Registry::user>("user", text(), "", restart,
                         "Who to be there; where empty the password is the default user's.")
        .like("weir"),
    row<&Registry::password>("password", text(), "", restart, "The password for that.").like("secret"),
    row<&Registry::database>("database", integer(0, 1'000'000), "0", restart, "The number of the database."),
    row<&Registry::tls>("tls", flag(), "off", restart, "Speak TLS to it."),
    row<&Registry::tls_verify>("tls_verify", flag_unless_off(), "on", restart, "Check its certificate."),
    row<&Registry::ca_file>("ca_file", text(), "", restart, "An authority for that beside the system's, PEM.")
        .like("./conf/ca.crt"),
    row<&Registry::prefix>("prefix", text(), "weir", restart,
                           "The cluster's name, in all keys: weir:{NAME}:... Servers with the same one are a cluster."),
    row<&Registry::node>("node", text(), "", restart,
                         "What this server is called among the others. Empty: the address that it advertises.")
        .like("edge-1"),
    row<&Registry::advertise>("advertise", words(), "", restart,
                              "How the others and players reach this server: rtmp://host[:port], http://host[:port]. "
                              "Empty: its own address and its ports.")
        .like("rtmp://10.0.0.11:1935 http://10.0.0.11:8080"),
    row<&Registry::region>("region", text(), "", restart,
                           "Where it is: viewers of the same region are sent here first.")
        .like("eu-west"),
    row<&Registry::capacity_mbps>("capacity_mbps", integer(1, 10'000'000), "1000", restart,
                                  "How much it can send, in Mb/s: a server that sends so much is full."),
    row<&Registry::ttl>("ttl", seconds_type(2, 3600), "10", restart,
                        "When this server was not heard of for this time, what it has is free for others."),
    row<&Registry::when_gone>("when_gone", choice("open closed"), "open", restart,
                              "While the registry is gone: publishers are let in, or refused. What runs goes on."),
    row<&Registry::takeover>("takeover", flag(), "off", restart,
                             "A publisher who comes here ends one of the same stream at another server; else he is "
                             "refused."),
};

}  // namespace

Rows registry_rows() { return registry; }

}  // namespace weir::config
