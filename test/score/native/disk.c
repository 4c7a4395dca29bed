/*
 * Between the daemon's process and the files of its home, loaded before libc
 * (LD_PRELOAD). Fails calls as it is told to in a file that is mapped into both
 * processes, and writes down what reaches the disk, in order.
 *
 *   SCORE_DISK_CONTROL  the mapped file, see `struct control`
 *   SCORE_DISK_LOG      where to write down, see `struct entry`; may be absent
 *
 * Its home is the folder that it is started in. What the daemon starts is not
 * meant: this acts in processes of daemon.mjs only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOTHING, WRITE_EIO, WRITE_ENOSPC, WRITE_SHORT, SHORT_THEN_FULL, SYNC_EIO,
       READ_EIO, BUDGET };

struct control {
  uint32_t mode;
  uint32_t nth;     /* from 1; which call of the kind fails */
  uint32_t unused;
  uint32_t calls;   /* of the kind, since this was last set to 0 */
  uint32_t hits;    /* how many failed */
  uint32_t is_small; /* 1: tells that there is little room on the disk */
  int64_t budget;   /* bytes that may still be written */
  char hit[160];    /* what failed last: the call and the name of the file */
  char only[64];    /* the name of the only file whose calls fail; empty for all */
};

enum { OPENED = 1, WRITTEN, CUT, SYNCED, RENAMED, UNLINKED, FOLDER_SYNCED };

struct entry {
  uint32_t kind;
  uint32_t name_bytes; /* follow it; of a rename both, with a newline between */
  uint64_t inode;
  uint64_t at;    /* offset, or the new length */
  uint32_t bytes; /* follow the name */
  uint32_t is_new;
};

#define MAX_FDS 4096
static struct { int tracked, recorded, folder; uint64_t inode; char name[96]; } files[MAX_FDS];

static struct control *control;
static char home[PATH_MAX];
static size_t home_bytes;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  char line[8192];
  const char *path = getenv("SCORE_DISK_CONTROL");
  const char *log = getenv("SCORE_DISK_LOG");
  if (path == NULL || getcwd(home, sizeof home) == NULL) return;
  int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t bytes = fd < 0 ? 0 : read(fd, line, sizeof line);
  if (fd >= 0) close(fd);
  if (bytes <= 0 || memmem(line, (size_t)bytes, "daemon.mjs", 10) == NULL) return;
  fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (map == MAP_FAILED) return;
  if (log != NULL) log_fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  home_bytes = strlen(home);
  control = map;
}

/* The name within the home; NULL of what is not in it. */
static const char *within(const char *path) {
  if (control == NULL || path == NULL) return NULL;
  if (strncmp(path, home, home_bytes) != 0) return NULL;
  if (path[home_bytes] == 0) return "";
  return path[home_bytes] == '/' ? path + home_bytes + 1 : NULL;
}

/* What the daemon makes anew at each start, and what SQLite keeps in memory. */
static int is_lasting(const char *name) {
  size_t bytes = strlen(name);
  if (strncmp(name, "daemon.", 7) == 0) return 0;
  return bytes < 4 || strcmp(name + bytes - 4, "-shm") != 0;
}

static void record(struct entry entry, const char *name, const void *data) {
  if (log_fd < 0) return;
  entry.name_bytes = (uint32_t)strlen(name);
  struct iovec parts[3] = {
    { &entry, sizeof entry },
    { (void *)name, entry.name_bytes },
    { (void *)data, data == NULL ? 0 : entry.bytes },
  };
  /* All at once, so that who measures the log sees whole entries. */
  if (REAL(writev)(log_fd, parts, 3) < 0) abort();
}

static int is_tracked(int fd) { return fd >= 0 && fd < MAX_FDS && files[fd].tracked; }

static void note_hit(const char *call, int fd) {
  control->hits++;
  snprintf(control->hit, sizeof control->hit, "%s %s", call, files[fd].name);
}

static int is_meant(int fd) {
  return control->only[0] == 0 || strcmp(control->only, files[fd].name) == 0;
}

/* Whether this call of the kind is one that fails. */
static int fails(const char *call, int fd) {
  if (control->nth == 0 || !is_meant(fd)) return 0;
  uint32_t number = ++control->calls;
  if (number != control->nth) return 0;
  note_hit(call, fd);
  return 1;
}

/* How many of the bytes are written: less, or -1 with errno. */
static ssize_t allowed(const char *call, int fd, size_t bytes) {
  switch (control->mode) {
    case WRITE_EIO:
      if (!fails(call, fd)) break;
      errno = EIO;
      return -1;
    case WRITE_ENOSPC:
      if (!fails(call, fd)) break;
      errno = ENOSPC;
      return -1;
    case WRITE_SHORT:
      if (bytes > 1 && fails(call, fd)) return (ssize_t)(bytes / 2);
      break;
    case SHORT_THEN_FULL:
      if (control->nth == 0 || !is_meant(fd)) break;
      control->calls++;
      if (control->calls == control->nth + 1) {
        note_hit(call, fd);
        errno = ENOSPC;
        return -1;
      }
      if (control->calls == control->nth && bytes > 1) return (ssize_t)(bytes / 2);
      break;
    case BUDGET:
      if (control->budget <= 0) {
        note_hit(call, fd);
        errno = ENOSPC;
        return -1;
      }
      if ((int64_t)bytes > control->budget) bytes = (size_t)control->budget;
      control->budget -= (int64_t)bytes;
      break;
    default:
      break;
  }
  return (ssize_t)bytes;
}

static int opened(int fd, const char *path, int is_new) {
  const char *name = within(path);
  if (fd < 0 || fd >= MAX_FDS || name == NULL) return fd;
  struct stat stat;
  int saved = errno;
  if (fstat(fd, &stat) == 0) {
    pthread_mutex_lock(&lock);
    files[fd].tracked = 1;
    files[fd].folder = S_ISDIR(stat.st_mode);
    files[fd].recorded = !files[fd].folder && is_lasting(name);
    files[fd].inode = stat.st_ino;
    snprintf(files[fd].name, sizeof files[fd].name, "%s", name);
    if (files[fd].recorded) {
      record((struct entry){ .kind = OPENED, .inode = stat.st_ino,
                             .at = (uint64_t)stat.st_size, .is_new = (uint32_t)is_new },
             name, NULL);
    }
    pthread_mutex_unlock(&lock);
  }
  errno = saved;
  return fd;
}

static int makes_new(const char *path, int flags) {
  return within(path) != NULL && (flags & O_CREAT) && access(path, F_OK) != 0;
}

#define OPEN(function)                                              \
  int function(const char *path, int flags, ...) {                  \
    va_list rest;                                                   \
    va_start(rest, flags);                                          \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                   \
    int is_new = makes_new(path, flags);                            \
    return opened(REAL(function)(path, flags, mode), path, is_new); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(function)                                            \
  int function(int folder, const char *path, int flags, ...) {      \
    va_list rest;                                                   \
    va_start(rest, flags);                                          \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                   \
    int is_new = makes_new(path, flags);                            \
    return opened(REAL(function)(folder, path, flags, mode), path, is_new); \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (is_tracked(fd)) files[fd].tracked = 0;
  return REAL(close)(fd);
}

static void wrote(int fd, const void *data, ssize_t bytes, off64_t at) {
  if (bytes <= 0 || !files[fd].recorded) return;
  record((struct entry){ .kind = WRITTEN, .inode = files[fd].inode,
                         .at = (uint64_t)at, .bytes = (uint32_t)bytes },
         files[fd].name, data);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) {
  if (!is_tracked(fd)) return REAL(pwrite64)(fd, data, bytes, at);
  pthread_mutex_lock(&lock);
  ssize_t done = allowed("write", fd, bytes);
  if (done >= 0) {
    done = REAL(pwrite64)(fd, data, (size_t)done, at);
    wrote(fd, data, done, at);
  }
  pthread_mutex_unlock(&lock);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) {
  return pwrite64(fd, data, bytes, at);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  if (!is_tracked(fd)) return REAL(write)(fd, data, bytes);
  pthread_mutex_lock(&lock);
  ssize_t done = allowed("write", fd, bytes);
  if (done >= 0) {
    off64_t at = fcntl(fd, F_GETFL) & O_APPEND ? lseek64(fd, 0, SEEK_END)
                                               : lseek64(fd, 0, SEEK_CUR);
    done = REAL(write)(fd, data, (size_t)done);
    wrote(fd, data, done, at);
  }
  pthread_mutex_unlock(&lock);
  return done;
}

/* What is in several pieces is rare here: a short write, which callers know. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!is_tracked(fd)) return REAL(writev)(fd, parts, count);
  for (int i = 0; i < count; i++)
    if (parts[i].iov_len > 0) return write(fd, parts[i].iov_base, parts[i].iov_len);
  return 0;
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  if (!is_tracked(fd)) return REAL(pwritev)(fd, parts, count, at);
  for (int i = 0; i < count; i++)
    if (parts[i].iov_len > 0) return pwrite64(fd, parts[i].iov_base, parts[i].iov_len, at);
  return 0;
}

ssize_t pread64(int fd, void *data, size_t bytes, off64_t at) {
  if (is_tracked(fd) && control->mode == READ_EIO) {
    pthread_mutex_lock(&lock);
    int failed = fails("read", fd);
    pthread_mutex_unlock(&lock);
    if (failed) {
      errno = EIO;
      return -1;
    }
  }
  return REAL(pread64)(fd, data, bytes, at);
}

int ftruncate64(int fd, off64_t length) {
  if (!is_tracked(fd)) return REAL(ftruncate64)(fd, length);
  pthread_mutex_lock(&lock);
  int result = -1;
  if (control->mode == WRITE_EIO && fails("truncate", fd)) {
    errno = EIO;
  } else {
    result = REAL(ftruncate64)(fd, length);
    if (result == 0 && files[fd].recorded)
      record((struct entry){ .kind = CUT, .inode = files[fd].inode, .at = (uint64_t)length },
             files[fd].name, NULL);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int (*sync)(int)) {
  if (!is_tracked(fd)) return sync(fd);
  pthread_mutex_lock(&lock);
  int result = -1;
  if (control->mode == SYNC_EIO && fails("sync", fd)) {
    errno = EIO;
  } else {
    result = sync(fd);
    if (result == 0 && (files[fd].recorded || files[fd].folder))
      record((struct entry){ .kind = files[fd].folder ? FOLDER_SYNCED : SYNCED,
                             .inode = files[fd].inode },
             files[fd].name, NULL);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

int rename(const char *from, const char *to) {
  const char *old = within(from);
  const char *new = within(to);
  pthread_mutex_lock(&lock);
  int result = REAL(rename)(from, to);
  if (result == 0 && old != NULL && new != NULL && is_lasting(new)) {
    char both[2 * PATH_MAX];
    snprintf(both, sizeof both, "%s\n%s", old, new);
    record((struct entry){ .kind = RENAMED }, both, NULL);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int unlink(const char *path) {
  const char *name = within(path);
  pthread_mutex_lock(&lock);
  int result = REAL(unlink)(path);
  if (result == 0 && name != NULL && is_lasting(name))
    record((struct entry){ .kind = UNLINKED }, name, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}

int statfs64(const char *path, struct statfs64 *found) {
  int result = REAL(statfs64)(path, found);
  if (result == 0 && control != NULL && control->is_small && within(path) != NULL)
    found->f_bavail = 1024 * 1024 / (unsigned long)found->f_bsize;
  return result;
}
int statfs(const char *path, struct statfs *found) {
  return statfs64(path, (struct statfs64 *)found);
}
