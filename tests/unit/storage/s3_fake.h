// An S3 endpoint inside the test: objects in memory, and answers that a test scripts in front of them.
#pragma once

#include <httplib.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lake::storage {

struct FakeRequest {
  std::string method;
  std::string target;                          // as sent: encoded path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class S3Fake {
 public:
  /// Answers one request; may call Serve() to let the request happen as well.
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;

  S3Fake();
  ~S3Fake();

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The next request gets this answer; several queue up.
  void Script(Answer answer);
  /// Every request that has no scripted answer gets this one. Null: the objects answer.
  void ScriptAll(Answer answer);
  /// What happens without a script.
  void Serve(const httplib::Request& request, httplib::Response& response);

  std::map<std::string, std::string> objects();  // by "/bucket/key", decoded
  void SetObject(const std::string& path, const std::string& bytes);
  std::vector<FakeRequest> requests();
  size_t CountRequests(const std::string& method, const std::string& target_part = "");
  void IgnoreRange() { ignores_range_ = true; }

  static Answer Status(int status, const std::string& code = "", const std::string& message = "",
                       const httplib::Headers& headers = {});
  static Answer Document(const std::string& xml);
  /// Announces more than it sends, then closes.
  static Answer Truncated();
  /// Lets the request happen, then closes without a whole answer.
  Answer LostAnswer();

 private:
  void Handle(const httplib::Request& request, httplib::Response& response);
  void ServePut(const httplib::Request& request, httplib::Response& response);
  void ServePost(const httplib::Request& request, httplib::Response& response);
  void ServeList(const httplib::Request& request, httplib::Response& response);

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  bool ignores_range_ = false;
  std::mutex mutex_;
  std::deque<Answer> script_;
  Answer for_all_;
  std::vector<FakeRequest> requests_;
  std::map<std::string, std::string> objects_;
  std::map<std::string, std::map<int, std::string>> uploads_;
};

}  // namespace lake::storage
