#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace weir::net {

// A queue from any thread to one worker, without locks. put() says whether the box was empty before: then, and only
// then, the receiver is told to look, so at most one message about it is under way and batches grow instead of a queue.
// The bound is the writer's to keep (see hub/mirror.h); how much is taken in one turn of the loop, the receiver's: what
// it leaves it must come back for by itself.
template <class T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    take([](T&&) { return true; });
  }

  bool put(T value) {
    Node* before = head_.load(std::memory_order_relaxed);
    Node* const node = new Node{std::move(value), before};
    while (!head_.compare_exchange_weak(before, node, std::memory_order_release, std::memory_order_relaxed)) {
      node->next = before;
    }
    return before == nullptr;  // the node may be the receiver's already, and gone
  }

  // Hands what is in the box to `use`, oldest first, until that says false. True if something was left: it stays in
  // order, before what is put meanwhile, and nobody tells of it again. Receiver only.
  template <class F>
  bool take(F use) {
    while (rest_ || fetch()) {
      const std::unique_ptr<Node> node(rest_);
      rest_ = node->next;
      if (!use(std::move(node->value))) return rest_ || head_.load(std::memory_order_relaxed);
    }
    return false;
  }

 private:
  struct Node {
    T value;
    Node* next;
  };

  bool fetch() {
    Node* newest = head_.exchange(nullptr, std::memory_order_acquire);
    while (newest) {
      Node* next = newest->next;
      newest->next = rest_;
      rest_ = newest;
      newest = next;
    }
    return rest_ != nullptr;
  }

  std::atomic<Node*> head_{nullptr};
  Node* rest_ = nullptr;  // taken out and not used yet, oldest first; the receiver's
};

}  // namespace weir::net
