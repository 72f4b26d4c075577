#include "storage/faulty_store.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

namespace lake::storage {
namespace {

using Action = FaultyStore::Action;

constexpr std::array<std::string_view, 9> kOps = {"head", "get",  "put",    "append", "finish",
                                                  "sync", "list", "remove", "*"};

struct ActionName {
  std::string_view name;
  Action action;
  bool has_argument;
};
constexpr std::array<ActionName, 10> kActions = {{
    {"fail", Action::kFail, false},
    {"deny", Action::kDeny, false},
    {"full", Action::kFull, false},
    {"missing", Action::kMissing, false},
    {"delay", Action::kDelay, true},
    {"linger", Action::kLinger, true},
    {"truncate", Action::kTruncate, true},
    {"lose", Action::kLose, false},
    {"kill", Action::kKill, false},
    {"kill_after", Action::kKillAfter, false},
}};

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

Status Delay(uint64_t milliseconds, const CancelFlag* cancel) {
  auto wake = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (std::chrono::steady_clock::now() < wake) {
    if (cancel != nullptr && cancel->load()) return Cancelled("the injected delay was cancelled");
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min<uint64_t>(milliseconds, 20)));
  }
  return {};
}

}  // namespace

/// Counts the pieces and the end of a streamed write.
class FaultyWriter : public ObjectWriter {
 public:
  FaultyWriter(FaultyStore& store, std::unique_ptr<ObjectWriter> inner, std::string location, const CancelFlag* cancel)
      : store_(store), inner_(std::move(inner)), location_(std::move(location)), cancel_(cancel) {}

  Status Append(std::string_view bytes) override {
    LAKE_ASSIGN_OR_RETURN(auto fault, store_.Before("append", location_, cancel_));
    LAKE_RETURN_IF_ERROR(inner_->Append(bytes.substr(0, fault.keep)));
    return store_.After(fault, "append", location_, cancel_);
  }
  Result<ObjectInfo> Finish() override {
    LAKE_ASSIGN_OR_RETURN(auto fault, store_.Before("finish", location_, cancel_));
    LAKE_ASSIGN_OR_RETURN(ObjectInfo info, inner_->Finish());
    LAKE_RETURN_IF_ERROR(store_.After(fault, "finish", location_, cancel_));
    return info;
  }
  void Abort() override { inner_->Abort(); }

 private:
  FaultyStore& store_;
  std::unique_ptr<ObjectWriter> inner_;
  std::string location_;
  const CancelFlag* cancel_;
};

Result<FaultyStore::Rule> FaultyStore::ParseRule(const std::string& text) {
  auto wrong = [&](std::string_view what) {
    return InvalidInput("fault \"{}\" has a wrong {}, expected op:pattern:when:action", text, what);
  };
  // The pattern is what is left in the middle: locations contain colons.
  size_t first = text.find(':');
  size_t last = text.rfind(':');
  size_t before_last = last == std::string::npos || last == 0 ? std::string::npos : text.rfind(':', last - 1);
  if (before_last == std::string::npos || before_last <= first) return wrong("number of parts");
  Rule rule;
  rule.op = text.substr(0, first);
  rule.pattern = text.substr(first + 1, before_last - first - 1);
  std::string when = text.substr(before_last + 1, last - before_last - 1);
  std::string action = text.substr(last + 1);
  if (std::find(kOps.begin(), kOps.end(), rule.op) == kOps.end()) return wrong("op");
  if (when != "*") {
    rule.and_later = !when.empty() && when.back() == '+';
    if (rule.and_later) when.pop_back();
    auto number = ParseNumber(when);
    if (!number || *number == 0) return wrong("when");
    rule.when = *number;
  }
  size_t equals = action.find('=');
  auto known = std::find_if(kActions.begin(), kActions.end(),
                            [&](const ActionName& one) { return one.name == action.substr(0, equals); });
  if (known == kActions.end() || known->has_argument != (equals != std::string::npos)) return wrong("action");
  rule.action = known->action;
  if (known->has_argument) {
    auto argument = ParseNumber(std::string_view(action).substr(equals + 1));
    if (!argument) return wrong("action");
    rule.argument = *argument;
  }
  return rule;
}

Result<std::vector<FaultyStore::Rule>> FaultyStore::ParseRules(const std::string& spec) {
  std::vector<Rule> rules;
  for (size_t begin = 0; begin < spec.size();) {
    size_t end = std::min(spec.find(';', begin), spec.size());
    if (end > begin) {
      LAKE_ASSIGN_OR_RETURN(Rule rule, ParseRule(spec.substr(begin, end - begin)));
      rules.push_back(std::move(rule));
    }
    begin = end + 1;
  }
  return rules;
}

Result<std::unique_ptr<FaultyStore>> FaultyStore::Create(std::shared_ptr<ObjectStore> inner, const std::string& spec) {
  std::unique_ptr<FaultyStore> store(new FaultyStore(std::move(inner)));
  if (spec.starts_with('@')) {
    store->directory_ = spec.substr(1);
  } else {
    LAKE_ASSIGN_OR_RETURN(store->rules_, ParseRules(spec));
  }
  return store;
}

Status FaultyStore::Reload() {
  std::string path = directory_ + "/rules";
  struct stat status;
  std::string stamp;
  if (::stat(path.c_str(), &status) == 0)
    stamp = fmt::format("{} {} {}", status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  if (stamp == rules_stamp_) return {};
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string spec = text.str();
  while (!spec.empty() && spec.back() == '\n') spec.pop_back();
  LAKE_ASSIGN_OR_RETURN(rules_, ParseRules(spec));
  rules_stamp_ = std::move(stamp);
  return {};
}

void FaultyStore::Note(std::string_view what, std::string_view op, const std::string& location) const {
  if (directory_.empty()) return;
  std::string line = fmt::format("{}{} {}\n", what, op, location);
  // One write, so that lines of several threads and processes stay whole.
  int descriptor = ::open((directory_ + "/calls").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) return;
  (void)!::write(descriptor, line.data(), line.size());
  ::close(descriptor);
}

Result<FaultyStore::Fault> FaultyStore::Before(std::string_view op, const std::string& location,
                                               const CancelFlag* cancel) {
  std::optional<Rule> acting;
  Note("", op, location);
  {
    std::lock_guard lock(mutex_);
    if (!directory_.empty()) LAKE_RETURN_IF_ERROR(Reload());
    for (Rule& rule : rules_) {
      if (rule.op != "*" && rule.op != op) continue;
      if (::fnmatch(rule.pattern.c_str(), location.c_str(), 0) != 0) continue;
      ++rule.seen;
      bool its_turn = rule.when == 0 || rule.seen == rule.when || (rule.and_later && rule.seen > rule.when);
      if (its_turn && !acting) acting = rule;
    }
  }
  Fault fault;
  if (!acting) return fault;
  switch (acting->action) {
    case Action::kFail: return Unavailable("injected fault: {} of \"{}\" failed", op, location);
    case Action::kDeny: return PermissionDenied("injected fault: {} of \"{}\" was denied", op, location);
    case Action::kFull: return DiskFull("injected fault: no space left for {} of \"{}\"", op, location);
    case Action::kMissing: return NotFound("injected fault: {} of \"{}\" found nothing", op, location);
    case Action::kKill: ::kill(::getpid(), SIGKILL); break;
    case Action::kDelay:
      Note("held ", op, location);
      LAKE_RETURN_IF_ERROR(Delay(acting->argument, cancel));
      break;
    case Action::kLinger: fault.linger = acting->argument; break;
    case Action::kTruncate: fault.keep = acting->argument; break;
    case Action::kLose: fault.lose = true; break;
    case Action::kKillAfter: fault.kill_after = true; break;
  }
  return fault;
}

Status FaultyStore::After(const Fault& fault, std::string_view op, const std::string& location,
                          const CancelFlag* cancel) const {
  if (fault.kill_after) ::kill(::getpid(), SIGKILL);
  if (fault.linger > 0) {
    Note("held ", op, location);
    return Delay(fault.linger, cancel);
  }
  if (!fault.lose) return {};
  if (op == "put" || op == "finish" || op == "sync")
    return UnknownOutcome("injected fault: the answer to {} of \"{}\" got lost", op, location);
  return Unavailable("injected fault: the answer to {} of \"{}\" got lost", op, location);
}

Result<ObjectInfo> FaultyStore::Head(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("head", location, options.cancel));
  LAKE_ASSIGN_OR_RETURN(ObjectInfo info, inner_->Head(location, options));
  LAKE_RETURN_IF_ERROR(After(fault, "head", location, options.cancel));
  return info;
}

Result<std::string> FaultyStore::Get(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("get", location, options.cancel));
  LAKE_ASSIGN_OR_RETURN(std::string bytes, inner_->Get(location, options));
  LAKE_RETURN_IF_ERROR(After(fault, "get", location, options.cancel));
  return bytes.substr(0, fault.keep);
}

Result<std::string> FaultyStore::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                          const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("get", location, options.cancel));
  LAKE_ASSIGN_OR_RETURN(std::string bytes, inner_->GetRange(location, offset, length, options));
  LAKE_RETURN_IF_ERROR(After(fault, "get", location, options.cancel));
  return bytes.substr(0, fault.keep);
}

Result<ObjectInfo> FaultyStore::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("put", location, options.cancel));
  LAKE_ASSIGN_OR_RETURN(ObjectInfo info, inner_->Put(location, bytes.substr(0, fault.keep), options));
  LAKE_RETURN_IF_ERROR(After(fault, "put", location, options.cancel));
  return info;
}

Result<std::unique_ptr<ObjectWriter>> FaultyStore::OpenWriter(const std::string& location,
                                                              const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto writer, inner_->OpenWriter(location, options));
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<FaultyWriter>(*this, std::move(writer), location, options.cancel));
}

Status FaultyStore::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                         const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("list", prefix, options.cancel));
  LAKE_RETURN_IF_ERROR(inner_->List(prefix, visit, options));
  return After(fault, "list", prefix, options.cancel);
}

Status FaultyStore::SyncNames(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("sync", location, nullptr));
  LAKE_RETURN_IF_ERROR(inner_->SyncNames(location));
  return After(fault, "sync", location, nullptr);
}

Status FaultyStore::Remove(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Fault fault, Before("remove", location, nullptr));
  LAKE_RETURN_IF_ERROR(inner_->Remove(location));
  return After(fault, "remove", location, nullptr);
}

}  // namespace lake::storage
