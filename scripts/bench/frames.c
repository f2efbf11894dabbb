/*
 * Offers frames to a bridge on some links, as fast as they are taken, and counts what comes out at their other ends.
 *
 *   frames stream SIZE SECONDS LINKS            listens on a0 b0 a1 b1 … (framed streams, as QEMU's stream netdev)
 *   frames single SIZE SECONDS LINKS            the same, each frame in a write of its own, as QEMU does it
 *   frames unix SIZE SECONDS LINKS              datagrams from a0 to a0p, and what comes to b0, …
 *   frames udp SIZE SECONDS LINKS PORT          datagrams from PORT to PORT+2, and what comes to PORT+1; then PORT+4 …
 *
 * Says `ready` when the bridge may connect, begins at a line on standard input, and prints the frames a second.
 * Unless they are single both kinds are offered in the cheapest way there is: streams in large writes, datagrams 64 a call.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MOST = 64, WRITE = 256 * 1024 };

static int senders[MOST], receivers[MOST], links, size, framed, single;
static struct sockaddr_storage targets[MOST];
static socklen_t target_length;
static volatile int over;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static socklen_t unix_address(struct sockaddr_storage *at, char end, int link, const char *suffix) {
  struct sockaddr_un *un = (struct sockaddr_un *)at;
  memset(at, 0, sizeof *at);
  un->sun_family = AF_UNIX;
  snprintf(un->sun_path, sizeof un->sun_path, "%c%d%s", end, link, suffix);
  return sizeof *un;
}

static socklen_t udp_address(struct sockaddr_storage *at, int port) {
  struct sockaddr_in *in = (struct sockaddr_in *)at;
  memset(at, 0, sizeof *at);
  in->sin_family = AF_INET;
  in->sin_port = htons(port);
  in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return sizeof *in;
}

static int open_bound(int family, int type, struct sockaddr_storage *at, socklen_t length) {
  int buffer = 4 * 1024 * 1024, fd = socket(family, type, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (bind(fd, (struct sockaddr *)at, length) < 0) fail("bind");
  if (type == SOCK_STREAM && listen(fd, 1) < 0) fail("listen");
  return fd;
}

static void *send_all(void *unused) {
  static char block[WRITE + 70000], payload[70000];
  static struct mmsghdr messages[BATCH];
  struct iovec one = {payload, size};
  int whole = (single ? 1 : WRITE / (size + 4)) * (size + 4), offset[MOST] = {0};
  struct pollfd waiting[MOST];
  memset(payload, 0x5a, sizeof payload);
  for (int at = 0; at < whole; at += size + 4) {
    *(uint32_t *)(block + at) = htonl(size);
    memset(block + at + 4, 0x5a, size);
  }
  for (int at = 0; at < links; at++) waiting[at] = (struct pollfd){senders[at], POLLOUT, 0};
  while (!over) {
    int idle = 1;
    for (int at = 0; at < links; at++) {
      if (framed) {
        ssize_t sent = send(senders[at], block + offset[at], whole - offset[at], MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0) continue;
        offset[at] = (offset[at] + sent) % whole;
      } else {
        for (int turn = 0; turn < BATCH; turn++)
          messages[turn].msg_hdr = (struct msghdr){
              .msg_name = &targets[at], .msg_namelen = target_length, .msg_iov = &one, .msg_iovlen = 1};
        if (sendmmsg(senders[at], messages, BATCH, MSG_DONTWAIT) <= 0) continue;
      }
      idle = 0;
    }
    if (idle) poll(waiting, links, 100);
  }
  return unused;
}

static long long receive(int fd) {
  static char buffers[BATCH][2048], block[WRITE];
  static struct mmsghdr messages[BATCH];
  static struct iovec pieces[BATCH];
  if (framed) {
    ssize_t got = recv(fd, block, sizeof block, MSG_DONTWAIT);
    return got > 0 ? got : 0;
  }
  for (int at = 0; at < BATCH; at++) {
    pieces[at] = (struct iovec){buffers[at], sizeof buffers[at]};
    messages[at].msg_hdr = (struct msghdr){.msg_iov = &pieces[at], .msg_iovlen = 1};
  }
  int got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  return got > 0 ? (long long)got * (size + 4) : 0;
}

int main(int count, char **words) {
  if (count < 5) return 2;
  int port = count > 5 ? atoi(words[5]) : 0;
  double seconds = atof(words[3]);
  struct sockaddr_storage at;
  struct pollfd waiting[MOST];
  size = atoi(words[2]);
  links = atoi(words[4]);
  single = !strcmp(words[1], "single");
  framed = single || !strcmp(words[1], "stream");
  for (int link = 0; link < links; link++) {
    for (int end = 0; end < 2; end++) {
      int *fd = end == 0 ? &senders[link] : &receivers[link];
      socklen_t length = port ? udp_address(&at, port + 4 * link + end) : unix_address(&at, 'a' + end, link, "");
      *fd = open_bound(port ? AF_INET : AF_UNIX, framed ? SOCK_STREAM : SOCK_DGRAM, &at, length);
    }
    target_length =
        port ? udp_address(&targets[link], port + 4 * link + 2) : unix_address(&targets[link], 'a', link, "p");
  }
  printf("ready\n");
  fflush(stdout);
  if (getchar() == EOF) return 1;
  for (int link = 0; link < links; link++) {
    if (framed) {
      if ((senders[link] = accept(senders[link], NULL, NULL)) < 0) fail("accept");
      if ((receivers[link] = accept(receivers[link], NULL, NULL)) < 0) fail("accept");
    }
    waiting[link] = (struct pollfd){receivers[link], POLLIN, 0};
  }
  pthread_t thread;
  pthread_create(&thread, NULL, send_all, NULL);
  /* What the first moments take does not count: programs are compiled, buffers grow. */
  double begin = now() + 0.5, end = begin + seconds;
  long long bytes = 0;
  for (double time = now(); time < end; time = now()) {
    if (poll(waiting, links, 100) <= 0) continue;
    for (int link = 0; link < links; link++) {
      long long got = waiting[link].revents ? receive(waiting[link].fd) : 0;
      if (time >= begin) bytes += got;
    }
  }
  over = 1;
  printf("%.0f\n", bytes / (size + 4.0) / seconds);
  return 0;
}
