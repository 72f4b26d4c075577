#include "server/engine/sqlstate.h"

namespace lake::server {

const char* SqlStateOf(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX: return "42601";  // syntax_error
    case ExceptionType::BINDER:
    case ExceptionType::EXPRESSION: return "42P10";    // invalid_column_reference
    case ExceptionType::CATALOG: return "42704";       // undefined_object
    case ExceptionType::UNKNOWN_TYPE: return "42704";  // undefined_object
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::MISMATCH_TYPE: return "42804";           // datatype_mismatch
    case ExceptionType::PARAMETER_NOT_RESOLVED: return "42P18";  // indeterminate_datatype
    case ExceptionType::PARAMETER_NOT_ALLOWED: return "42P02";   // undefined_parameter
    case ExceptionType::CONVERSION: return "22P02";              // invalid_text_representation
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::DECIMAL: return "22003";         // numeric_value_out_of_range
    case ExceptionType::DIVIDE_BY_ZERO: return "22012";  // division_by_zero
    case ExceptionType::INVALID_INPUT: return "22023";   // invalid_parameter_value
    case ExceptionType::INVALID_CONFIGURATION:
    case ExceptionType::SETTINGS: return "22023";     // invalid_parameter_value
    case ExceptionType::SEQUENCE: return "2200H";     // sequence_generator_limit_exceeded
    case ExceptionType::OBJECT_SIZE: return "54000";  // program_limit_exceeded
    case ExceptionType::NOT_IMPLEMENTED:
    case ExceptionType::MISSING_EXTENSION:
    case ExceptionType::AUTOLOAD: return "0A000";       // feature_not_supported
    case ExceptionType::CONSTRAINT: return "23000";     // integrity_constraint_violation
    case ExceptionType::DEPENDENCY: return "2BP01";     // dependent_objects_still_exist
    case ExceptionType::TRANSACTION: return "25000";    // invalid_transaction_state
    case ExceptionType::PERMISSION: return "42501";     // insufficient_privilege
    case ExceptionType::OUT_OF_MEMORY: return "53200";  // out_of_memory
    case ExceptionType::INTERRUPT: return "57014";      // query_canceled
    case ExceptionType::CONNECTION:
    case ExceptionType::NETWORK:
    case ExceptionType::HTTP: return "58000";           // system_error
    case ExceptionType::IO: return "58030";             // io_error
    case ExceptionType::SERIALIZATION: return "XX001";  // data_corrupted
    default: return "XX000";                            // internal_error
  }
}

}  // namespace lake::server
