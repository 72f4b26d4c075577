// A store that fails on purpose, for the fault tests: wraps another one and misbehaves at chosen calls.
//
//   "put:*.avro:2:fail"                      the 2nd put of an .avro fails with kUnavailable, nothing written
//   "put:*metadata.json:1:lose;get:*:3+:delay=500"
//
// A rule is op:pattern:when:action, rules are separated by ';'.
//   op       head get put append finish sync list remove, or * for all; get is also a range of it or an open reader,
//            put a whole object; a streamed write is append (each piece) and finish
//   pattern  a shell pattern (fnmatch, * also matches '/') on the location; it may contain colons
//   when     n the n-th call that the rule matches, n+ from the n-th on, * each
//   action   fail           kUnavailable, nothing done
//            deny           kPermissionDenied, nothing done
//            full           kDiskFull, nothing done
//            missing        kNotFound, nothing done
//            delay=MS       waits (a cancel is seen), then does it
//            linger=MS      does it, then waits (a cancel is seen, and is the answer)
//            truncate=N     reads: only the first N bytes arrive; writes: only the first N bytes are written
//            lose           does it, then answers kUnknownOutcome (writes) or kUnavailable (all else)
//            kill           the process dies by SIGKILL before it is done
//            kill_after     ... after it is done
// Of several rules that match a call, each counts it and the first whose turn it is acts.
//
// "@DIRECTORY" instead of rules: they are in DIRECTORY/rules, which may be replaced (by rename) while the store is in
// use and then counts from the beginning, and DIRECTORY/calls gets a line for each call, "op location", and "held op
// location" when a delay or a linger begins.
#pragma once

#include <memory>
#include <mutex>

#include "storage/object_store.h"

namespace lake::storage {

class FaultyStore : public ObjectStore {
 public:
  enum class Action { kFail, kDeny, kFull, kMissing, kDelay, kLinger, kTruncate, kLose, kKill, kKillAfter };

  /// kInvalidInput names the rule that is wrong. An empty spec changes nothing.
  static Result<std::unique_ptr<FaultyStore>> Create(std::shared_ptr<ObjectStore> inner, const std::string& spec);

  Result<ObjectInfo> Head(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> Get(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> GetRange(const std::string& location, uint64_t offset, uint64_t length,
                               const ReadOptions& options = {}) override;
  Result<ObjectInfo> Put(const std::string& location, std::string_view bytes,
                         const WriteOptions& options = {}) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const std::string& location,
                                                   const WriteOptions& options = {}) override;
  Status List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
              const ReadOptions& options = {}) override;
  Status SyncNames(const std::string& location) override;
  Status Remove(const std::string& location) override;

 private:
  friend class FaultyWriter;

  struct Rule {
    std::string op;
    std::string pattern;
    uint64_t when = 0;  // 0: each
    bool and_later = false;
    Action action = Action::kFail;
    uint64_t argument = 0;  // milliseconds or bytes
    uint64_t seen = 0;
  };
  /// What a call has to do differently.
  struct Fault {
    bool lose = false;
    bool kill_after = false;
    uint64_t linger = 0;         // milliseconds
    uint64_t keep = UINT64_MAX;  // bytes
  };

  explicit FaultyStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}
  static Result<Rule> ParseRule(const std::string& text);
  static Result<std::vector<Rule>> ParseRules(const std::string& spec);
  /// Reads DIRECTORY/rules when it is another file than before; with mutex_ held.
  Status Reload();
  /// A line for DIRECTORY/calls.
  void Note(std::string_view what, std::string_view op, const std::string& location) const;

  /// Counts the call and does what comes before it; an Error is the call's answer.
  Result<Fault> Before(std::string_view op, const std::string& location, const CancelFlag* cancel);
  /// What comes after it.
  Status After(const Fault& fault, std::string_view op, const std::string& location, const CancelFlag* cancel) const;

  std::shared_ptr<ObjectStore> inner_;
  std::mutex mutex_;
  std::vector<Rule> rules_;
  std::string directory_;    // empty: the rules are fixed
  std::string rules_stamp_;  // of DIRECTORY/rules when it was read: which file, of when
};

}  // namespace lake::storage
