#include "net/srt/handshake_guard.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

namespace weir::net {
namespace {

using Program = std::vector<sock_filter>;

// Offsets from the UDP header, where a socket's filter sees a datagram begin. draft-sharabayko-srt-01 3.2, 3.2.1.
constexpr std::uint32_t type_at = 8, extensions_at = 8 + 16 + 48;
constexpr std::uint32_t control_handshake = 0x8000;
constexpr std::uint32_t filter_extension = 7;  // SRT_CMD_FILTER
constexpr unsigned most_extensions = 8;        // libsrt writes six at most
constexpr unsigned most_words = 16;            // of four characters each
constexpr std::uint32_t most_digits = 2;
constexpr std::uint32_t pass = 0xffff, drop = 0;

// Scratch memory.
constexpr std::uint32_t digits = 0, filter = 1, at = 2;

void put(Program& out, int code, std::uint32_t k) { out.push_back(BPF_STMT(static_cast<std::uint16_t>(code), k)); }
// Skips so many instructions if the comparison holds, or does not.
void jump(Program& out, int test, std::uint32_t k, std::uint8_t if_true, std::uint8_t if_false) {
  out.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), k, if_true, if_false));
}

// Of one extension block at M[at]: remembers where the filter is, steps to the next. Passes control to the instruction
// behind `steps` more at the end of the datagram, which the caller patches in.
void append_step(Program& out, std::vector<std::size_t>& ends) {
  put(out, BPF_LDX | BPF_MEM, at);
  put(out, BPF_LD | BPF_W | BPF_LEN, 0);
  put(out, BPF_ALU | BPF_SUB | BPF_X, 0);
  jump(out, BPF_JGE, 4, 1, 0);  // a block, or the end; a length that points behind it makes the next load fail: dropped
  ends.push_back(out.size());
  put(out, BPF_JMP | BPF_JA, 0);
  put(out, BPF_LD | BPF_H | BPF_IND, 0);
  jump(out, BPF_JEQ, filter_extension, 0, 4);
  put(out, BPF_LD | BPF_MEM, filter);
  jump(out, BPF_JEQ, 0, 1, 0);
  put(out, BPF_RET | BPF_K, drop);  // a second one
  put(out, BPF_STX, filter);
  put(out, BPF_LD | BPF_H | BPF_IND, 2);
  put(out, BPF_ALU | BPF_LSH | BPF_K, 2);
  put(out, BPF_ALU | BPF_ADD | BPF_K, 4);
  put(out, BPF_ALU | BPF_ADD | BPF_X, 0);
  put(out, BPF_ST, at);
}

// The character at `offset` from X: counts digits that follow one another.
void append_character(Program& out, std::uint32_t offset) {
  put(out, BPF_LD | BPF_B | BPF_IND, offset);
  put(out, BPF_ALU | BPF_SUB | BPF_K, '0');
  jump(out, BPF_JGT, 9, 6, 0);
  put(out, BPF_LD | BPF_MEM, digits);
  put(out, BPF_ALU | BPF_ADD | BPF_K, 1);
  put(out, BPF_ST, digits);
  jump(out, BPF_JGT, most_digits, 0, 1);
  put(out, BPF_RET | BPF_K, drop);
  put(out, BPF_JMP | BPF_JA, 2);
  put(out, BPF_LD | BPF_IMM, 0);
  put(out, BPF_ST, digits);
}

Program make_program() {
  Program out;
  put(out, BPF_LD | BPF_H | BPF_ABS, type_at);
  jump(out, BPF_JEQ, control_handshake, 1, 0);
  put(out, BPF_RET | BPF_K, pass);
  put(out, BPF_LD | BPF_IMM, 0);
  put(out, BPF_ST, digits);
  put(out, BPF_ST, filter);
  put(out, BPF_LD | BPF_IMM, extensions_at);
  put(out, BPF_ST, at);
  put(out, BPF_LD | BPF_W | BPF_LEN, 0);
  jump(out, BPF_JGT, extensions_at, 1, 0);
  put(out, BPF_RET | BPF_K, pass);  // none, as in the first of two handshakes

  std::vector<std::size_t> ends;
  for (unsigned i = 0; i < most_extensions; ++i) append_step(out, ends);
  put(out, BPF_LDX | BPF_MEM, at);
  put(out, BPF_LD | BPF_W | BPF_LEN, 0);
  put(out, BPF_ALU | BPF_SUB | BPF_X, 0);
  jump(out, BPF_JGE, 4, 0, 1);
  put(out, BPF_RET | BPF_K, drop);  // more of them than anybody has use for
  for (const std::size_t end : ends) out[end].k = static_cast<std::uint32_t>(out.size() - end - 1);

  put(out, BPF_LDX | BPF_MEM, filter);
  put(out, BPF_MISC | BPF_TXA, 0);
  jump(out, BPF_JEQ, 0, 0, 1);
  put(out, BPF_RET | BPF_K, pass);
  put(out, BPF_LD | BPF_H | BPF_IND, 2);
  jump(out, BPF_JGT, most_words, 0, 1);
  put(out, BPF_RET | BPF_K, drop);
  // Texts are words of four characters with their bytes in reverse (3.2.1.3); a NUL ends them.
  put(out, BPF_LD | BPF_B | BPF_IND, 4 + 3);
  jump(out, BPF_JEQ, 0, 0, 1);
  put(out, BPF_RET | BPF_K, drop);
  for (std::uint32_t word = 0; word < most_words; ++word) {
    put(out, BPF_LD | BPF_H | BPF_IND, 2);
    jump(out, BPF_JGT, word, 1, 0);
    put(out, BPF_RET | BPF_K, pass);
    for (std::uint32_t byte = 0; byte < 4; ++byte) append_character(out, 4 + word * 4 + 3 - byte);
  }
  put(out, BPF_RET | BPF_K, pass);
  return out;
}

}  // namespace

base::Result<void> guard_srt_handshakes(int udp_socket) {
  Program program = make_program();
  const sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(udp_socket, SOL_SOCKET, SO_ATTACH_FILTER, &given, sizeof given) != 0) {
    return base::ErrorCode(errno, boost::system::system_category());
  }
  return {};
}

}  // namespace weir::net
