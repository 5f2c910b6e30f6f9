#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace weir::net {

// A queue from any thread to one worker, without locks. put() says whether the box was empty before: then, and only
// then, the receiver is told to look, so at most one message about it is under way and batches grow instead of a queue.
// The bound is the writer's to keep (see hub/mirror.h).
template <class T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    take([](T&&) {});
  }

  bool put(T value) {
    Node* before = head_.load(std::memory_order_relaxed);
    Node* const node = new Node{std::move(value), before};
    while (!head_.compare_exchange_weak(before, node, std::memory_order_release, std::memory_order_relaxed)) {
      node->next = before;
    }
    return before == nullptr;  // the node may be the receiver's already, and gone
  }

  // Hands everything in the box to `use`, oldest first. Receiver only.
  template <class F>
  void take(F use) {
    Node* newest = head_.exchange(nullptr, std::memory_order_acquire);
    Node* oldest = nullptr;
    while (newest) {
      Node* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest) {
      const std::unique_ptr<Node> node(oldest);
      oldest = node->next;
      use(std::move(node->value));
    }
  }

 private:
  struct Node {
    T value;
    Node* next;
  };
  std::atomic<Node*> head_{nullptr};
};

}  // namespace weir::net
