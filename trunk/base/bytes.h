#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::base {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// A reference-counted run of memory, shared between threads. Whoever fills it does so before handing out references to
// the part filled; that part never changes afterwards. Freed with the last reference, on whichever thread that is.
class Block {
 public:
  Block() = default;
  static Block allocate(std::size_t capacity);  // contents undefined
  Block(const Block& other) noexcept : head_(other.head_) {
    if (head_) head_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Block(Block&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
  Block& operator=(Block other) noexcept {
    std::swap(head_, other.head_);
    return *this;
  }
  ~Block() {
    if (head_ && head_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) release(head_);
  }

  explicit operator bool() const { return head_ != nullptr; }
  std::uint8_t* data() const { return reinterpret_cast<std::uint8_t*>(head_ + 1); }
  std::size_t capacity() const { return head_ ? head_->capacity : 0; }

 private:
  struct Head {
    std::atomic<std::uint32_t> references;
    std::uint32_t capacity;
  };
  static void release(Head* head);
  explicit Block(Head* head) : head_(head) {}

  Head* head_ = nullptr;
};

// Immutable bytes with shared ownership: a slice of a Block. Cheap to copy, safe on any thread.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(Block block, const std::uint8_t* data, std::size_t size)
      : block_(std::move(block)), data_(data), size_(size) {}
  static SharedBytes copy_of(Bytes bytes);

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  operator Bytes() const { return {data_, size_}; }
  Bytes bytes() const { return {data_, size_}; }
  // The same memory from `offset`; `offset + length` must lie inside.
  SharedBytes slice(std::size_t offset, std::size_t length) const { return {block_, data_ + offset, length}; }
  SharedBytes slice(std::size_t offset) const { return slice(offset, size_ - offset); }
  // True if `next` begins in memory where this ends, so that both can go out as one buffer.
  bool adjoins(const SharedBytes& next) const { return size_ != 0 && data_ + size_ == next.data_; }

 private:
  Block block_;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// An owned, growing byte array whose new bytes are not zeroed. Single owner.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }

  std::uint8_t* data() { return storage_.data(); }
  const std::uint8_t* data() const { return storage_.data(); }
  std::size_t size() const { return storage_.size(); }
  bool empty() const { return storage_.empty(); }
  void clear() { storage_.clear(); }
  void resize(std::size_t size) { storage_.resize(size); }
  void reserve(std::size_t size) { storage_.reserve(size); }
  void append(Bytes bytes) { storage_.insert(storage_.end(), bytes.begin(), bytes.end()); }
  void append(std::uint8_t byte) { storage_.push_back(byte); }
  // Drops the first `count` bytes; linear in what remains.
  void consume(std::size_t count) {
    storage_.erase(storage_.begin(), storage_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  operator Bytes() const { return {storage_.data(), storage_.size()}; }
  Bytes bytes() const { return {storage_.data(), storage_.size()}; }
  void release_memory() { std::vector<std::uint8_t, Uninitialised<std::uint8_t>>().swap(storage_); }

 private:
  template <class T>
  struct Uninitialised : std::allocator<T> {
    template <class U>
    struct rebind {
      using other = Uninitialised<U>;
    };
    template <class U, class... Args>
    void construct(U* place, Args&&... args) {
      if constexpr (sizeof...(Args) == 0) {
        ::new (static_cast<void*>(place)) U;
      } else {
        ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
      }
    }
  };
  std::vector<std::uint8_t, Uninitialised<std::uint8_t>> storage_;
};

}  // namespace weir::base
