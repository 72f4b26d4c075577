// See the header.
#include "server/functions/time_zone.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/pg_datetime.h"

namespace lake::server {

namespace {

constexpr int64_t kCycle = int64_t{146097} * kSecondsPerDay;  // 400 years
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
constexpr int64_t kEver = std::numeric_limits<int64_t>::min();
constexpr size_t kMaxPeriods = 256;
constexpr size_t kMaxCachedZones = 64;

Error Malformed() { return {ErrorKind::kInvalidInput, "malformed time zone rules"}; }

/// Cuts off the text before the separator; the last field has none behind it.
std::string_view Cut(std::string_view& text, char separator) {
  size_t at = text.find(separator);
  std::string_view field = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return field;
}

template <typename T>
bool ParseNumber(std::string_view text, T& number) {
  auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool ParseBound(std::string_view text, std::optional<int64_t>& bound) {
  if (text == "-") return true;
  int64_t value;
  if (!ParseNumber(text, value)) return false;
  bound = value;
  return true;
}

}  // namespace

Result<TimeZone> TimeZone::Parse(std::string_view rules) {
  TimeZone zone;
  std::string_view periods = Cut(rules, ';');
  std::string_view first = Cut(rules, ';');
  std::string_view window = Cut(rules, ';');
  while (!periods.empty()) {
    std::string_view text = Cut(periods, ',');
    Period period;
    int is_dst = 0;
    if (!ParseNumber(Cut(text, ' '), period.offset) || !ParseNumber(Cut(text, ' '), is_dst)) return Malformed();
    period.is_dst = is_dst != 0;
    period.abbreviation = text;
    zone.periods_.push_back(std::move(period));
  }
  if (zone.periods_.size() > kMaxPeriods || !ParseNumber(first, zone.first_) || zone.first_ >= zone.periods_.size())
    return Malformed();
  if (!ParseBound(Cut(window, ','), zone.begin_) || !ParseBound(window, zone.end_)) return Malformed();
  int64_t at = 0;
  while (!rules.empty()) {
    std::string_view text = Cut(rules, ',');
    int64_t distance;
    size_t index;
    if (!ParseNumber(Cut(text, ' '), distance) || !ParseNumber(text, index) || index >= zone.periods_.size() ||
        (!zone.starts_.empty() && distance <= 0) || __builtin_add_overflow(at, distance, &at))
      return Malformed();
    zone.starts_.push_back(at);
    zone.indexes_.push_back(static_cast<uint8_t>(index));
  }
  return zone;
}

std::shared_ptr<const TimeZone> TimeZone::Get(std::string_view rules) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const TimeZone>> zones;
  std::string key(rules);
  std::lock_guard<std::mutex> lock(mutex);
  auto found = zones.find(key);
  if (found != zones.end()) return found->second;
  auto zone = std::make_shared<const TimeZone>(ValueOrThrow(Parse(rules)));
  if (zones.size() >= kMaxCachedZones) zones.clear();
  zones.emplace(std::move(key), zone);
  return zone;
}

/// The number of transitions that have happened by then.
size_t TimeZone::Index(int64_t seconds) const {
  return static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), seconds) - starts_.begin());
}

const TimeZone::Period& TimeZone::PeriodBefore(size_t transition) const {
  return periods_[transition == 0 ? first_ : indexes_[transition - 1]];
}

TimeZone::Stretch TimeZone::StretchAt(int64_t seconds) const {
  int64_t shift = 0;  // what was added to come into the window
  if (begin_ && seconds < *begin_) shift = -FloorDiv(seconds - *begin_, kCycle) * kCycle;
  if (end_ && seconds >= *end_) shift = -((seconds - *end_) / kCycle + 1) * kCycle;
  int64_t at = seconds + shift;
  size_t next = Index(at);
  // Ends of the window are not transitions, but looking again there is all that they cost.
  int64_t begin = next > 0 ? starts_[next - 1] : kEver;
  int64_t end = next < starts_.size() ? starts_[next] : kForever;
  if (begin_) begin = std::max(begin, *begin_);
  if (end_) {
    end = std::min(end, *end_);
    if (shift < 0) begin = std::max(begin, *end_ - kCycle);
  }
  if (begin != kEver) begin -= shift;
  if (end != kForever) end -= shift;
  return {begin, end, &PeriodBefore(next)};
}

const TimeZone::Period& ZoneCursor::PeriodAt(int64_t seconds) {
  if (seconds < last_.begin || seconds >= last_.end) last_ = zone_->StretchAt(seconds);
  return *last_.period;
}

int32_t ZoneCursor::OffsetOfClock(int64_t clock_seconds) {
  // No zone is a day away from UTC: the first transition behind the day before is the only one that can matter.
  PeriodAt(clock_seconds - kSecondsPerDay);
  TimeZone::Stretch before = last_;
  TimeZone::Stretch after = before;
  int32_t offset = before.period->offset;
  for (;;) {
    if (before.end > clock_seconds + kSecondsPerDay) return offset;
    after = zone_->StretchAt(before.end);
    if (after.period != before.period) break;
    before.end = after.end;  // that was an end of the window
  }
  int64_t before_instant = clock_seconds - offset;
  int64_t after_instant = clock_seconds - after.period->offset;
  if (before_instant < before.end && after_instant < before.end) return offset;
  if (before_instant > before.end && after_instant >= before.end) return after.period->offset;
  return before_instant > after_instant ? offset : after.period->offset;
}

}  // namespace lake::server
