// A bounded cache of immutable things by name: least recently used out first, by weight. Safe for all threads.
//
// What it holds can never be stale, because names of Iceberg's files are never reused; so there is no invalidation.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace lake::server {

class LruCache {
 public:
  explicit LruCache(size_t capacity_bytes) : capacity_(capacity_bytes) {}

  /// Null when the name is unknown. T must be the type it was put with: names carry a prefix per type.
  template <typename T>
  std::shared_ptr<const T> Get(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto at = index_.find(name);
    if (at == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, at->second);
    return std::static_pointer_cast<const T>(at->second->value);
  }

  /// Things heavier than an eighth of the whole are not kept: one of them would drive out everything else.
  template <typename T>
  void Put(const std::string& name, std::shared_ptr<const T> value, size_t weight) {
    if (weight > capacity_ / 8) return;
    std::lock_guard lock(mutex_);
    if (index_.count(name) > 0) return;
    entries_.push_front({name, std::move(value), weight});
    index_[name] = entries_.begin();
    used_ += weight;
    while (used_ > capacity_) {
      used_ -= entries_.back().weight;
      index_.erase(entries_.back().name);
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const void> value;
    size_t weight;
  };

  std::mutex mutex_;
  size_t capacity_;
  size_t used_ = 0;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
};

}  // namespace lake::server
