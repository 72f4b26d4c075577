// A time zone by PostgreSQL's rules, which travel with the query: the server has no zone database of its own, so that
// answers do not depend on whose edition is newer.
//
// The text of the rules (docs/link.md, "Time zones"), fields separated by semicolons:
//   periods      "3208 0 LMT,3600 0 CET,7200 1 CEST": seconds east of UTC, daylight saving time or not, abbreviation
//   first        index of the period that is in force before the first transition
//   window       "begin,end", each in seconds since 1970 or "-": from `end` on what happens is what happened 400 years
//                before; before `begin` it is what will happen 400 years later
//   transitions  "-2422054408 1,55555 2": seconds since the transition before (the first: since 1970), index of the
//                period that begins
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::server {

class TimeZone {
 public:
  struct Period {
    int32_t offset = 0;  // seconds east of UTC
    bool is_dst = false;
    std::string abbreviation;
  };

  static Result<TimeZone> Parse(std::string_view rules);
  /// Parsed once for many queries; throws on malformed rules.
  static std::shared_ptr<const TimeZone> Get(std::string_view rules);

  /// A stretch of time in which one period is in force: [begin, end), open ends are the smallest and largest int64.
  struct Stretch {
    int64_t begin = 0;
    int64_t end = 0;
    const Period* period = nullptr;
  };
  Stretch StretchAt(int64_t seconds) const;

 private:
  size_t Index(int64_t seconds) const;
  const Period& PeriodBefore(size_t transition) const;

  std::vector<Period> periods_;
  size_t first_ = 0;
  std::optional<int64_t> begin_;
  std::optional<int64_t> end_;
  std::vector<int64_t> starts_;   // of transitions, ascending
  std::vector<uint8_t> indexes_;  // of the period that begins there
};

/// A zone and the place in it that was looked at last, for values that lie close to one another. One thread's.
class ZoneCursor {
 public:
  ZoneCursor() = default;
  explicit ZoneCursor(std::shared_ptr<const TimeZone> zone) : zone_(std::move(zone)) {}

  /// What is in force at the instant.
  const TimeZone::Period& PeriodAt(int64_t seconds);
  /// How far east of UTC a clock is that shows these seconds since 1970, by PostgreSQL's rule: a time that a
  /// transition skips is taken with the offset before it, one that comes twice with the offset after it.
  int32_t OffsetOfClock(int64_t clock_seconds);

 private:
  std::shared_ptr<const TimeZone> zone_;
  TimeZone::Stretch last_;
};

}  // namespace lake::server
