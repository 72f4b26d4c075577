// Stands in for libFuzzer where there is no clang: replays the seeds given as files or folders, then runs mutations of
// them. Everything follows from the seed and the number of the run, so that a crash is repeated by
//
//   LAKE_FUZZ_ONLY=<run> avro_fuzz corpus/avro
//
// LAKE_FUZZ_RUNS (20000) and LAKE_FUZZ_SEED (1) change how much and what is tried.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());
extern "C" __attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                                                unsigned seed);

namespace {

char g_what[64] = "fuzz: nothing run yet\n";

void TellWhat() {
  for (const char* at = g_what; *at != 0; at++) {
    if (write(STDERR_FILENO, at, 1) < 0) return;
  }
}

void OnSignal(int signal) {
  TellWhat();
  ::signal(signal, SIG_DFL);
  raise(signal);
}

long FromEnvironment(const char* name, long fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atol(text);
}

void Run(const std::string& input, const char* kind, long number) {
  std::snprintf(g_what, sizeof(g_what), "fuzz: failed at %s %ld\n", kind, number);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

using Random = std::mt19937_64;
size_t Below(Random& random, size_t limit) { return limit == 0 ? 0 : random() % limit; }

void MutateOnce(std::string& input, const std::vector<std::string>& seeds, Random& random) {
  static constexpr uint8_t kEdges[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff, '"', '{', '[', ',', '-', '9'};
  size_t at = Below(random, input.size());
  size_t length = 1 + Below(random, 16);
  switch (Below(random, 8)) {
    case 0:
      if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << Below(random, 8)));
      return;
    case 1:
      if (!input.empty()) input[at] = static_cast<char>(kEdges[Below(random, std::size(kEdges))]);
      return;
    case 2: input.resize(at); return;
    case 3: input.erase(at, length); return;
    case 4: input.insert(at, std::string(length, static_cast<char>(kEdges[Below(random, std::size(kEdges))]))); return;
    case 5: {  // repeat a piece
      std::string piece = input.substr(at, length * 4);
      input.insert(Below(random, input.size() + 1), piece);
      return;
    }
    case 6: {  // a piece of another seed
      const std::string& other = seeds[Below(random, seeds.size())];
      std::string piece = other.substr(Below(random, other.size()), length * 8);
      input.replace(at, std::min(piece.size(), input.size() - at), piece);
      return;
    }
    default:
      for (size_t i = at; i < std::min(input.size(), at + length); i++) input[i] = static_cast<char>(random());
  }
}

/// What a target's own mutator asks for changes of bytes.
std::vector<std::string> g_seeds;
Random g_random;

void MutateByTarget(std::string& input, Random& random) {
  constexpr size_t kRoom = 4096;
  g_random.seed(random());
  size_t before = input.size();
  input.resize(before + kRoom);
  input.resize(LLVMFuzzerCustomMutator(reinterpret_cast<uint8_t*>(input.data()), before, input.size(),
                                       static_cast<unsigned>(random())));
}

std::vector<std::string> LoadSeeds(int argc, char** argv) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < argc; i++) {
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) paths.push_back(entry.path());
    } else {
      paths.emplace_back(argv[i]);
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  MutateOnce(input, g_seeds, g_random);
  input.resize(std::min(input.size(), max_size));
  std::memcpy(data, input.data(), input.size());
  return input.size();
}

int main(int argc, char** argv) {
  const std::vector<std::string>& seeds = g_seeds = LoadSeeds(argc, argv);
  if (seeds.empty()) {
    std::fprintf(stderr, "usage: %s <file or folder with seeds>...\n", argv[0]);
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(TellWhat);
  } else {
    for (int number : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) signal(number, OnSignal);
  }
  for (size_t i = 0; i < seeds.size(); i++) Run(seeds[i], "seed", static_cast<long>(i));
  long runs = FromEnvironment("LAKE_FUZZ_RUNS", 20000);
  long only = FromEnvironment("LAKE_FUZZ_ONLY", -1);
  auto seed = static_cast<uint64_t>(FromEnvironment("LAKE_FUZZ_SEED", 1));
  for (long run = only >= 0 ? only : 0; run < (only >= 0 ? only + 1 : runs); run++) {
    Random random(seed * 1000003 + static_cast<uint64_t>(run));
    std::string input = seeds[Below(random, seeds.size())];
    for (size_t changes = 1 + Below(random, 6); changes > 0; changes--) {
      if (LLVMFuzzerCustomMutator != nullptr) {
        MutateByTarget(input, random);
      } else {
        MutateOnce(input, seeds, random);
      }
    }
    Run(input, "run", run);
  }
  std::printf("%zu seeds, %ld runs: no failure\n", seeds.size(), only >= 0 ? 1 : runs);
  return 0;
}
