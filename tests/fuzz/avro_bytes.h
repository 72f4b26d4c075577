// Avro files for fuzz targets: taken apart into header and objects, whatever their codec, and put together again
// uncompressed; and values changed where they stand, so that the file stays one of its schema and its content lies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lake::fuzz {

/// The work of a LLVMFuzzerCustomMutator over files.
size_t MutateAvro(uint8_t* data, size_t size, size_t max_size, unsigned seed);

}  // namespace lake::fuzz
