#include "base/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace assay {

ProcessResult run_process(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  std::array<int, 2> out{};
  std::array<int, 2> start{};  // carries errno of a failed exec; closed by a successful one
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(start.data(), O_CLOEXEC) != 0) {
    fail("{}: cannot create a pipe: {}", command.front(), std::strerror(errno));
  }
  const std::string folder_name = folder.string();
  const pid_t child = ::fork();
  if (child < 0) fail("{}: cannot fork: {}", command.front(), std::strerror(errno));
  if (child == 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(out[1], STDERR_FILENO);
    if (::chdir(folder_name.c_str()) == 0) ::execvp(argv[0], argv.data());
    const int reason = errno;
    [[maybe_unused]] const ssize_t told = ::write(start[1], &reason, sizeof reason);
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(start[1]);
  int reason = 0;
  const bool failed = ::read(start[0], &reason, sizeof reason) == sizeof reason;
  ::close(start[0]);

  ProcessResult result;
  std::array<char, 1 << 14> buffer;
  for (;;) {
    const ssize_t count = ::read(out[0], buffer.data(), buffer.size());
    if (count > 0) {
      result.output.append(buffer.data(), static_cast<size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      break;
    }
  }
  ::close(out[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed) fail("{}: cannot start: {}", command.front(), std::strerror(reason));
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string run_or_fail(const std::string& what, const std::vector<std::string>& command,
                        const std::filesystem::path& folder) {
  ProcessResult result = run_process(command, folder);
  if (result.exit_status != 0) {
    constexpr size_t most = 2000;
    const std::string& all = result.output;
    fail("{}: {} ended with status {}:\n{}", what, command.front(), result.exit_status,
         all.size() > most ? all.substr(all.size() - most) : all);
  }
  return result.output;
}

}  // namespace assay
