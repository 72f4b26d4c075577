// See the header. The environment is read once; dying is _exit: no destructor, no flush, nothing is cleaned up.
#include "server/lake/fault_point.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace lake::server {

namespace {

struct FaultPoint {
  std::string name;
  std::atomic<int> passes{0};

  FaultPoint() {
    const char* text = std::getenv("LAKE_FAULT_POINT");
    if (text == nullptr) return;
    name = text;
    if (auto colon = name.find(':'); colon != std::string::npos) {
      passes = std::atoi(name.c_str() + colon + 1);
      name.resize(colon);
    }
  }
};

FaultPoint& Configured() {
  static FaultPoint point;
  return point;
}

constexpr int kKilled = 137;  // what a shell reports for kill -9

}  // namespace

void ReachFaultPoint(std::string_view name) {
  FaultPoint& point = Configured();
  if (point.name.empty() || point.name != name) return;
  if (point.passes-- > 0) return;
  _exit(kKilled);
}

bool HasFaultPoint() { return !Configured().name.empty(); }

}  // namespace lake::server
