#include "base/error.h"

namespace lake {

const char* SqlState(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return "22023";      // invalid_parameter_value
    case ErrorKind::kUnsupported: return "0A000";       // feature_not_supported
    case ErrorKind::kNotFound: return "58P01";          // undefined_file
    case ErrorKind::kAlreadyExists: return "58P02";     // duplicate_file
    case ErrorKind::kConflict: return "40001";          // serialization_failure
    case ErrorKind::kPermissionDenied: return "42501";  // insufficient_privilege
    case ErrorKind::kUnavailable: return "58030";       // io_error
    case ErrorKind::kDiskFull: return "53100";          // disk_full
    case ErrorKind::kOutOfMemory: return "53200";       // out_of_memory
    case ErrorKind::kUnknownOutcome: return "08007";    // transaction_resolution_unknown
    case ErrorKind::kCorrupt: return "XX001";           // data_corrupted
    case ErrorKind::kCancelled: return "57014";         // query_canceled
    case ErrorKind::kInternal: return "XX000";          // internal_error
  }
  return "XX000";
}

const char* KindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return "invalid input";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kNotFound: return "not found";
    case ErrorKind::kAlreadyExists: return "already exists";
    case ErrorKind::kConflict: return "conflict";
    case ErrorKind::kPermissionDenied: return "permission denied";
    case ErrorKind::kUnavailable: return "unavailable";
    case ErrorKind::kDiskFull: return "disk full";
    case ErrorKind::kOutOfMemory: return "out of memory";
    case ErrorKind::kUnknownOutcome: return "unknown outcome";
    case ErrorKind::kCorrupt: return "corrupt";
    case ErrorKind::kCancelled: return "cancelled";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

}  // namespace lake
